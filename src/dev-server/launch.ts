/**
 * Errand on this machine, with no account and no key, for any project: `npm start` of this repository and `errand dev` of
 * another folder call `launch`. Composes the parts of this folder; each knows one thing. The Worker is the one that would
 * be deployed; AUTH_MODE, the key of the state folder and what the project runs beside it are the launcher's own.
 *
 * - It binds 127.0.0.1 unless told otherwise, and another address only with keys.
 * - Whatever stops it from starting is one sentence on stderr and exit code 2, or 1 where the project's code is at fault.
 * - The last line it prints when it serves is `ready URL`: programs wait for that.
 */
import { randomBytes } from "node:crypto";
import { banner } from "./banner.ts";
import type { Build } from "./build.ts";
import { buildFolder, buildWorker } from "./build.ts";
import { fireCron } from "./cron.ts";
import type { Beside } from "./dev-module.ts";
import { startBeside } from "./dev-module.ts";
import { encryptionKeysOf } from "./encryption-key.ts";
import { fileLimitAdvice, mostLiveObjects } from "./file-limit.ts";
import { firstKeyOf } from "./first-key.ts";
import type { Lock } from "./lock.ts";
import { takeLock } from "./lock.ts";
import { migrateAll } from "./migrate.ts";
import { isPortFree } from "./port.ts";
import type { Project } from "./project.ts";
import { findProject } from "./project.ts";
import { refuse, sentenceOf } from "./refuse.ts";
import { serveWithoutStuck } from "./serve-without-stuck.ts";
import type { Environment, Settings } from "./settings.ts";
import { readSettings } from "./settings.ts";
import { closeStateFolder } from "./state-folder.ts";
import type { WorkerConfig } from "./worker-config.ts";
import { readWorkerConfig } from "./worker-config.ts";

/** What is to be started. Everything but the folder has a default: from wrangler's configuration, or from the environment. */
export interface LaunchOptions extends Partial<Omit<Project, "root">> {
  readonly root: string;
  readonly port?: number;
  readonly host?: string;
  readonly stateDir?: string;
  /** Where settings are read from; the process's own unless given. */
  readonly environment?: Environment;
}

/** What the requests of this start may do when keys are asked for; of no use to the next one. */
interface Door {
  readonly url: string;
  readonly rootKey: string | undefined;
}

/** Starts, and returns when it serves. Ends the process when it cannot. */
export async function launch(options: LaunchOptions): Promise<void> {
  catchTheRest();
  await start(options).catch((error: unknown) => refuse(`Errand could not start: ${sentenceOf(error)}`, 1));
}

async function start({ port, host, stateDir, environment = process.env, ...given }: LaunchOptions): Promise<void> {
  const project = findProject(given);
  if (typeof project === "string") refuse(project);
  const told: Environment = {
    ...environment,
    ...(port === undefined ? {} : { PORT: String(port) }),
    ...(host === undefined ? {} : { ERRAND_HOST: host }),
    ...(stateDir === undefined ? {} : { STATE_DIR: stateDir }),
  };
  const settings = settingsOf(told, project);
  const open = closeStateFolder(settings.stateDir);
  if (open !== undefined) refuse(open);
  const lock = await takeLock(settings.stateDir);
  if (typeof lock === "string") refuse(lock);
  exitCleanly(lock);
  if (!(await isPortFree(settings.port, settings.host))) {
    refuse(
      `Port ${settings.port} of ${settings.host} is taken. Stop what listens there, or choose another: PORT=8788 npm start`,
    );
  }
  const [read, build] = await Promise.all([
    readWorkerConfig(project.wranglerFile, buildFolder(project.root)),
    buildWorker(project),
  ]);
  if ("refused" in read) refuse(read.refused);
  if ("failed" in build) refuse(`The Worker does not build:\n${build.failed}`, 1);
  const config = withMigrations(read.config, project.migrations);
  const environmentOfWorker = { ...config.variables, ...told };
  const beside = await startBeside(project.dev, environmentOfWorker);
  await run({ settings: settingsOf(environmentOfWorker, project), lock, build, config, beside });
}

function settingsOf(environment: Environment, project: Project): Settings {
  const settings = readSettings(environment, project.root);
  return typeof settings === "string" ? refuse(settings) : settings;
}

function withMigrations(config: WorkerConfig, migrations: string | undefined): WorkerConfig {
  if (migrations === undefined) return config;
  return { ...config, databases: config.databases.map(({ binding }) => ({ binding, migrations })) };
}

interface Parts {
  readonly settings: Settings;
  readonly lock: Lock;
  readonly build: Build;
  readonly config: WorkerConfig;
  readonly beside: Beside;
}

async function run({ settings, lock, build, config, beside }: Parts): Promise<void> {
  const { port, host, stateDir, passedOn } = settings;
  const rootKey = settings.auth === "keys" ? (passedOn.ERRAND_ROOT_KEY ?? randomBytes(32).toString("hex")) : undefined;
  const bindings = {
    ERRAND_MAX_LIVE: String(mostLiveObjects()),
    // A person sees the scripted model write; 0.3 s for a turn at most.
    ERRAND_SCRIPTED_PACE_MS: "15",
    // One person's requests are few, and worth seeing.
    ERRAND_LOG: "info",
    ERRAND_DEPLOYMENT: build.digest.slice(0, 16),
    ...beside.variables,
    ...passedOn,
    ERRAND_ENCRYPTION_KEYS: keysOf(settings),
    AUTH_MODE: settings.auth,
    ...(rootKey === undefined ? {} : { ERRAND_ROOT_KEY: rootKey }),
  };
  const onRuntimeRestart = () => lock.recordRuntime();
  await migrateAll({ config, stateDir, onRuntime: onRuntimeRestart });
  const { miniflare, url } = await serveWithoutStuck(
    { config, bundle: build.bundle, port, host, stateDir, bindings, onRuntimeRestart },
    async (served) => {
      lock.recordRuntime();
      await refuseUnready({ url: served.url.origin, rootKey });
    },
  );
  fireCron(miniflare, settings.cronMs, config.crons);
  const first = rootKey === undefined ? undefined : await firstKeyOf(stateDir, { url: url.origin, rootKey });
  const advice = fileLimitAdvice();
  if (advice) console.error(advice);
  const variables = { ...config.variables, ...bindings };
  console.log(banner({ url: url.origin, settings, first, variables, invitations: beside.invitations }));
  console.log(`ready ${url.origin}`);
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
  if (code !== undefined) refuse(detail ?? code, 1);
  if (checks?.encryption.startsWith("not ready")) refuse(`Encryption is ${checks.encryption}.`);
}

/** The last net, for what nothing here awaits. */
function catchTheRest(): void {
  // A promise of a library that is not awaited ends no server.
  process.on("unhandledRejection", (reason) => console.error(`A promise was left alone: ${sentenceOf(reason)}`));
  // The reader of our lines has gone (`npm start | head`): the server goes on.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
}

/**
 * Registered before Miniflare's own signal handlers, which would exit with 130: ours come first, and Miniflare's hook
 * on `exit` ends workerd. Every commit is already on disk, so there is nothing to wait for.
 */
function exitCleanly(held: Lock): void {
  process.on("exit", () => held.release());
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(0));
}
