/**
 * Errand on this machine, with no account and no key, for any project: `npm start` of this repository and `errand dev` of
 * another folder call `launch`. Composes the parts of this folder; each knows one thing. The Worker is the one that would
 * be deployed; AUTH_MODE, the key of the state folder and what the project runs beside it are the launcher's own.
 *
 * - It binds 127.0.0.1 unless told otherwise, and another address only with keys.
 * - A fault that stops the start is one sentence on stderr and exit code 2, or 1 where the project's code is at fault.
 * - The last line it prints when it serves is `ready URL`: programs wait for that.
 * - What goes wrong after that ends nothing: the sentence is printed, and the next change is tried.
 */
import { dirname } from "node:path";
import { banner } from "./banner.ts";
import { startBeside } from "./dev-module.ts";
import { fileLimitAdvice } from "./file-limit.ts";
import { keepGuard } from "./keep-guard.ts";
import type { Lock } from "./lock.ts";
import { takeLock } from "./lock.ts";
import { giveBack } from "./memory.ts";
import type { Plan } from "./plan.ts";
import { makePlan, sourcePrint, whatChanged } from "./plan.ts";
import { takenPort } from "./port.ts";
import type { Project } from "./project.ts";
import { findProject } from "./project.ts";
import type { Refusal } from "./refuse.ts";
import { isRefusal, refuse, sentenceOf, wrongCode, wrongUse } from "./refuse.ts";
import type { Serving, Surroundings } from "./serving.ts";
import { beginServing } from "./serving.ts";
import type { Environment, Settings } from "./settings.ts";
import { readSettings } from "./settings.ts";
import { closeStateFolder } from "./state-folder.ts";
import { watchFolders } from "./watch.ts";

/** What is to be started. Everything but the folder has a default: from wrangler's configuration, or from the environment. */
export interface LaunchOptions extends Partial<Omit<Project, "root">> {
  readonly root: string;
  readonly port?: number;
  readonly host?: string;
  readonly stateDir?: string;
  /** Where settings are read from; the process's own unless given. */
  readonly environment?: Environment;
  /** Whether it begins again when a source changes; true unless given. */
  readonly watch?: boolean;
}

/** Starts, and returns when it serves. Ends the process when it cannot. */
export async function launch(options: LaunchOptions): Promise<void> {
  catchTheRest();
  await start(options).catch((error: unknown) => refuse(whyNot(error)));
}

function whyNot(error: unknown): Refusal {
  const { code, path } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (path !== undefined && code !== undefined && NOT_WRITABLE.has(code))
    return wrongUse(
      `${path} cannot be written (${code}): the server keeps what it builds in .errand, beside wrangler's configuration. Start in a copy of the project that you may write.`,
    );
  return wrongCode(`Errand could not start: ${sentenceOf(error)}`);
}

const NOT_WRITABLE: ReadonlySet<string> = new Set(["EROFS", "EACCES", "EPERM", "ENOSPC", "EDQUOT"]);

async function start(options: LaunchOptions): Promise<void> {
  const project = findProject(options);
  if (typeof project === "string") refuse(wrongUse(project));
  const told = environmentOf(options);
  const early = readSettings(told, project.root);
  if (typeof early === "string") refuse(wrongUse(early));
  await takePlace(early);
  const plan = await makePlan(project, told);
  if (isRefusal(plan)) refuse(plan);
  const beside = await startBeside(project.dev, plan.environment);
  const surroundings = { beside: beside.variables, port: early.port };
  const serving = await beginServing(plan, surroundings);
  if (isRefusal(serving)) refuse(serving);
  const advice = fileLimitAdvice();
  if (advice) console.error(advice);
  const { invitations } = beside;
  console.log(banner({ ...serving, settings: plan.settings, invitations }));
  console.log(`ready ${serving.url}`);
  giveBack().catch(() => {});
  if (options.watch === false) return;
  const later = { ...surroundings, port: Number(new URL(serving.url).port) };
  beginAgain({ plan, serving }, { told, surroundings: later }).catch((error: unknown) =>
    console.error(`Changes are not watched any more: ${sentenceOf(error)}`),
  );
}

function environmentOf({ port, host, stateDir, environment = process.env }: LaunchOptions): Environment {
  return {
    ...environment,
    ...(port === undefined ? {} : { PORT: String(port) }),
    ...(host === undefined ? {} : { ERRAND_HOST: host }),
    ...(stateDir === undefined ? {} : { STATE_DIR: stateDir }),
  };
}

/** The state folder and the port, for this launcher alone. */
async function takePlace({ stateDir, port, host }: Settings): Promise<void> {
  const open = closeStateFolder(stateDir);
  if (open !== undefined) refuse(wrongUse(open));
  const lock = await takeLock(stateDir);
  if (typeof lock === "string") refuse(wrongUse(lock));
  exitCleanly(lock);
  keepGuard();
  const taken = await takenPort(port, host);
  if (taken !== undefined) refuse(wrongUse(taken));
}

interface Life {
  readonly plan: Plan;
  /** Undefined while nothing is served, because what is there cannot be. */
  readonly serving: Serving | undefined;
}

interface Afterwards {
  readonly told: Environment;
  readonly surroundings: Surroundings;
}

/** Waits for changes, for ever, and begins again with each. */
async function beginAgain(life: Life, afterwards: Afterwards): Promise<never> {
  const { project, settings } = life.plan;
  let { plan, serving } = life;
  let failedAt: string | undefined;
  const others = () => [
    ...plan.build.inputs.map(({ path }) => dirname(path)).filter((folder) => !folder.includes("node_modules")),
    ...plan.config.databases.map(({ migrations }) => migrations),
  ];
  const watched = watchFolders({ root: project.root, without: settings.stateDir, others }, console.error);
  // What changed before the folders were watched is looked for once: nothing tells of it.
  for (let isFirst = true; ; isFirst = false) {
    if (!isFirst) await watched.next();
    const print = sourcePrint(project, settings.stateDir);
    const changed = failedAt === undefined ? whatChanged(plan) : failedAt === print ? undefined : "a source";
    if (changed === undefined) continue;
    console.log(`${changed} has changed: building`);
    const startedAt = Date.now();
    const next = await makePlan(project, afterwards.told);
    if (isRefusal(next)) {
      failedAt = print;
      const meanwhile = serving ? "The server goes on with what it had" : "Nothing is served";
      console.error(`${next.refused}\n${meanwhile}; the next change is tried.`);
      continue;
    }
    await serving?.stop();
    plan = next;
    const begun = await beginServing(plan, afterwards.surroundings);
    if (isRefusal(begun)) {
      serving = undefined;
      failedAt = print;
      console.error(`${begun.refused}\nNothing is served until that is mended; the next change is tried.`);
      continue;
    }
    failedAt = undefined;
    serving = begun;
    await giveBack();
    console.log(`begun again in ${((Date.now() - startedAt) / 1000).toFixed(1)} s\nready ${serving.url}`);
  }
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
