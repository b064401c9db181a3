/**
 * `npm start`: Errand on this machine, with no account and no key. Composes the parts of this folder; each knows one
 * thing. The Worker is the deployed one, byte for byte: only AUTH_MODE and the demo bank are the launcher's own.
 *
 * S1  It binds 127.0.0.1 only; that is why it may open the door without keys.
 * S2  Whatever stops it from starting is one line on stderr and exit code 1.
 * S3  The last line it prints when it serves is `ready URL`: programs wait for that.
 */

import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { banner } from "./banner.ts";
import { readWorkerConfig } from "./bindings.ts";
import { buildWorker } from "./build.ts";
import { fireCron } from "./cron.ts";
import { startDemoBank } from "./demo-bank.ts";
import { encryptionKeysOf } from "./encryption-key.ts";
import { fileLimitAdvice, mostLiveObjects } from "./file-limit.ts";
import { firstKeyOf } from "./first-key.ts";
import type { Lock } from "./lock.ts";
import { takeLock } from "./lock.ts";
import { migrateAll } from "./migrate.ts";
import { isPortFree } from "./port.ts";
import { serveWithoutStuck } from "./serve-without-stuck.ts";
import type { Settings } from "./settings.ts";
import { readSettings } from "./settings.ts";
import { closeStateFolder } from "./state-folder.ts";

/** What the requests of this start may do when keys are asked for; of no use to the next one. */
interface Door {
  readonly url: string;
  readonly rootKey: string | undefined;
}

// The last net: a promise of a library that nobody awaits ends no server. S2 holds for what is awaited here.
process.on("unhandledRejection", (reason) => console.error(`A promise was left alone: ${sentenceOf(reason)}`));
// Whoever read our lines has gone (`npm start | head`): the server goes on.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
await start().catch((error: unknown) => refuse(`Errand could not start: ${sentenceOf(error)}`));

async function start(): Promise<void> {
  const settings = readSettings(process.env);
  if (typeof settings === "string") refuse(settings);
  const open = closeStateFolder(settings.stateDir);
  if (open !== undefined) refuse(open);
  const lock = await takeLock(settings.stateDir);
  if (typeof lock === "string") refuse(lock);
  exitCleanly(lock);
  if (!(await isPortFree(settings.port))) {
    refuse(
      `Port ${settings.port} of 127.0.0.1 is taken. Stop what listens there, or choose another: PORT=8788 npm start`,
    );
  }
  const build = await buildWorker(settings.root);
  if ("failed" in build) refuse(`The Worker does not build:\n${build.failed}`);
  await run(settings, lock, build.bundle);
}

async function run(given: Settings, held: Lock, bundle: string): Promise<void> {
  const config = readWorkerConfig(given.root);
  const rootKey = given.auth === "keys" ? (given.passedOn.ERRAND_ROOT_KEY ?? newRootKey()) : undefined;
  const bindings = {
    ERRAND_MAX_LIVE: String(mostLiveObjects()),
    // A person sees the scripted model write; 0.3 s for a turn at most.
    ERRAND_SCRIPTED_PACE_MS: "15",
    // One person's requests are few, and worth seeing.
    ERRAND_LOG: "info",
    // The same code is the same deployment, however often it is started.
    ERRAND_DEPLOYMENT: digestOf(bundle),
    ...given.passedOn,
    LEDGER_SERVICE_URL: await bankUrl(given),
    ERRAND_ENCRYPTION_KEYS: keysOf(given),
    AUTH_MODE: given.auth,
    ...(rootKey === undefined ? {} : { ERRAND_ROOT_KEY: rootKey }),
  };
  const { port, stateDir } = given;
  const onRuntimeRestart = () => held.recordRuntime();
  await migrateAll({ config, stateDir, onRuntime: onRuntimeRestart });
  const { miniflare, url } = await serveWithoutStuck(
    { config, bundle, port, stateDir, bindings, onRuntimeRestart },
    async (served) => {
      held.recordRuntime();
      await refuseUnready({ url: served.url.origin, rootKey });
    },
  );
  fireCron(miniflare, given.cronMs, config.crons);
  const first = rootKey === undefined ? undefined : await firstKeyOf(stateDir, { url: url.origin, rootKey });
  const advice = fileLimitAdvice();
  if (advice) console.error(advice);
  console.log(banner(url.origin, given, first));
  console.log(`ready ${url.origin}`);
}

function digestOf(bundle: string): string {
  return createHash("sha256").update(readFileSync(bundle)).digest("hex").slice(0, 16);
}

function newRootKey(): string {
  return randomBytes(32).toString("hex");
}

async function bankUrl(given: Settings): Promise<string> {
  return given.passedOn.LEDGER_SERVICE_URL ?? (await startDemoBank({ port: 0 })).url;
}

function keysOf({ stateDir, passedOn }: Settings): string {
  const found = encryptionKeysOf(stateDir, passedOn.ERRAND_ENCRYPTION_KEYS);
  return "keys" in found ? found.keys : refuse(found.refused);
}

/** The Worker reads its definitions and its keys itself: what is wrong with them is known when it answers. */
async function refuseUnready({ url, rootKey }: Door): Promise<void> {
  const headers = rootKey === undefined ? {} : { authorization: `Bearer ${rootKey}` };
  const health = await fetch(`${url}/health`, { headers });
  const { checks, code, detail } = (await health.json()) as {
    checks?: { encryption: string };
    code?: string;
    detail?: string;
  };
  if (code !== undefined) refuse(detail ?? code);
  if (checks?.encryption.startsWith("not ready")) refuse(`Encryption is ${checks.encryption}.`);
}

/** The first line of an error: a stack is for its author. What workerd says of a module that throws is the line that matters. */
function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const thrown = /Uncaught (?:\w*Error: )?([^\n]+)/.exec(text)?.[1];
  return thrown ?? text.split("\n")[0] ?? text;
}

function refuse(line: string): never {
  console.error(line);
  process.exit(1);
}

/**
 * Registered before Miniflare's own signal handlers, which would exit with 130: ours come first, and Miniflare's hook
 * on `exit` ends workerd. Every commit is already on disk, so there is nothing to wait for.
 */
function exitCleanly(held: Lock): void {
  process.on("exit", () => held.release());
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(0));
}
