/**
 * The Worker of this repository with the agents of `agents.ts`, served as `npm start` serves it: for tests that kill it.
 * Run by `startServer`, which waits for the line `ready URL`.
 */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { encryptionKeysOf } from "../../../src/dev-server/encryption-key.ts";
import { migrateAll } from "../../../src/dev-server/migrate.ts";
import { serve } from "../../../src/dev-server/server.ts";
import { readSettings } from "../../../src/dev-server/settings.ts";
import { bundle } from "../../bench/build.ts";
import { workerConfig } from "../processes/worker-config.ts";

/** Another module of agents may be named. */
const AGENTS = process.env.AGENTS_MODULE ?? fileURLToPath(import.meta.resolve("./agents.ts"));

const root = resolve(import.meta.dirname, "../../..");
const settings = readSettings(process.env, root);
if (typeof settings === "string") throw new Error(settings);
const { port, stateDir, passedOn } = settings;
const { LEDGER_SERVICE_URL } = process.env;
const outside = LEDGER_SERVICE_URL === undefined ? {} : { LEDGER_SERVICE_URL };
const found = encryptionKeysOf(stateDir, undefined);
if ("refused" in found) throw new Error(found.refused);
const config = await workerConfig(root);
// workerd loads modules only from below the folder of wrangler.toml.
const folder = join(root, "dist", basename(stateDir));
const built = join(folder, "errand", "worker.js");
await migrateAll({ config, stateDir: join(stateDir, "objects") });
const { url } = await serve({
  config,
  // A restart runs the very code that died.
  bundle: existsSync(built) ? built : await bundle("errand", folder, AGENTS),
  port,
  stateDir: join(stateDir, "objects"),
  bindings: { ...passedOn, ...outside, ERRAND_ENCRYPTION_KEYS: found.keys, AUTH_MODE: "open" },
  onRuntimeRestart: () => process.exit(1),
});
process.stdout.write(`ready ${url.origin}\n`);
