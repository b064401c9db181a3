/**
 * The Worker of this repository with the agents of `agents.ts`, served as `npm start` serves it: for tests that kill it.
 * Run by `startServer`, which waits for the line `ready URL`.
 */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readWorkerConfig } from "../../../src/launch/bindings.ts";
import { encryptionKeysOf } from "../../../src/launch/encryption-key.ts";
import { applyMigrations } from "../../../src/launch/migrate.ts";
import { serve } from "../../../src/launch/server.ts";
import { readSettings } from "../../../src/launch/settings.ts";
import { bundle } from "../../bench/build.ts";

const AGENTS = fileURLToPath(import.meta.resolve("./agents.ts"));

const settings = readSettings(process.env);
if (typeof settings === "string") throw new Error(settings);
const { root, port, stateDir, passedOn } = settings;
const found = encryptionKeysOf(stateDir, undefined);
if ("refused" in found) throw new Error(found.refused);
const config = readWorkerConfig(root);
// workerd loads modules only from below the folder of wrangler.toml.
const folder = join(root, "dist", basename(stateDir));
const built = join(folder, "errand", "worker.js");
const { miniflare, url } = await serve({
  config,
  // A restart runs the very code that died.
  bundle: existsSync(built) ? built : await bundle("errand", folder, AGENTS),
  port,
  stateDir: join(stateDir, "objects"),
  bindings: { ...passedOn, ERRAND_ENCRYPTION_KEYS: found.keys, AUTH_MODE: "open" },
  onRuntimeRestart: () => process.exit(1),
});
for (const { binding, migrations } of config.databases)
  await applyMigrations(await miniflare.getD1Database(binding), migrations);
process.stdout.write(`ready ${url.origin}\n`);
