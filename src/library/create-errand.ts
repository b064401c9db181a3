/**
 * A user's Worker: the lists of agents and executions in, the handlers and the classes of the Durable Objects out. Nothing is
 * thrown here: what is wrong is known when a request comes, which is answered with all of it (503 `misconfigured`).
 */

import { log } from "../actors/platform/log.ts";
import type { ActorClass } from "../actors/rpc/actor-class.ts";
import { actorsOf } from "../compose/actors.ts";
import type { ServiceTexts } from "../compose/catalog.ts";
import { offeringOf } from "../compose/catalog.ts";
import { bindingAdvice, bindingFaults } from "../compose/environment/bindings.ts";
import type { Env } from "../compose/environment/env.ts";
import { idSecretOf } from "../compose/execution-ids.ts";
import { httpServicesOf } from "../compose/http-services.ts";
import { bringDeclaredIn } from "../compose/schedules.ts";
import { noteSweep, sweepJobs } from "../compose/sweep.ts";
import type { AgentDefinition } from "../define/agent.ts";
import { keepFaults } from "../define/declared.ts";
import type { ExecutionDefinition } from "../define/execution.ts";
import { inOne } from "../define/offer.ts";
import type { Runtime } from "../define/roles/runtime.ts";
import type { Skill } from "../define/skill.ts";
import { Misconfigured } from "../domain/values/misconfigured.ts";
import { createServer } from "../http/server.ts";
import { declaredIn } from "../operations/schedules/declared-schedules.ts";
import { runJobs } from "../operations/sweep/sweeper.ts";
import { programOf, Undeclared } from "./given.ts";

export type { ActorClass } from "../actors/rpc/actor-class.ts";
export type { ServiceTexts } from "../compose/catalog.ts";

// A script or a test that imports this in Node is told of a fault where the definition stands.
if (typeof navigator !== "undefined" && navigator.userAgent === "Cloudflare-Workers") keepFaults();

export interface ErrandOptions<E = unknown> {
  /** Agents; one whose only functions are agentic executions need not be listed. */
  readonly agents?: readonly AgentDefinition[];
  /** What `defineExecution` returned. */
  readonly executions?: readonly ExecutionDefinition[];
  /** What agents with a manifest may do: what `defineSkill` returned. */
  readonly skills?: readonly Skill[];
  /** Agents with roles: what `defineRuntime` returned. */
  readonly runtimes?: readonly Runtime[];
  /**
   * Agents that a document declares: each manifest as an object, or as its text in YAML or JSON. Every caller of this
   * deployment may run them. Of one name several versions may be listed; the last active one is the current one.
   */
  readonly manifests?: readonly (string | object)[];
  /**
   * What tools and functions need from outside, by the names they declare: called once an isolate with the Worker's
   * environment. A `PerTenant` is made for one tenant and reaches nothing of another's. `texts` seals what a service stores.
   */
  readonly services?: (env: E, deployment: { readonly texts: ServiceTexts }) => Readonly<Record<string, unknown>>;
}

export interface Errand<E> {
  /** The default export of the Worker's entry file. */
  readonly worker: {
    fetch(request: Request, env: E, ctx: ExecutionContext): Promise<Response>;
    /** Each minute, by the cron trigger of the wrangler file: wakes what is overdue, ends what is kept no longer. */
    scheduled(event: Pick<ScheduledController, "scheduledTime">, env: E, ctx?: ExecutionContext): Promise<void>;
  };
  /** Classes to export from the entry file, each under its own name. */
  readonly actors: {
    readonly ExecutionActor: ActorClass<E>;
    readonly IntakeActor: ActorClass<E>;
    readonly MemoryActor: ActorClass<E>;
    readonly NodeDirectoryActor: ActorClass<E>;
    readonly LimiterActor: ActorClass<E>;
    readonly ProjectorActor: ActorClass<E>;
    readonly ScheduleActor: ActorClass<E>;
  };
}

/** Makes a Worker of definitions. `E` is the Worker's environment, for `services`. */
export function createErrand<E = unknown>(options: ErrandOptions<E>): Errand<E> {
  const offeringIn = offeringOf(programOf(options));
  const servicesIn = httpServicesOf(offeringIn);
  const server = createServer((env) => servicesIn(env as Env), log);
  /** Without waiting for the cron handler: a Worker that was just deployed hears its first request before. */
  const bring = (env: Env, ctx: ExecutionContext) => {
    if (asked.has(env) || bindingFaults(env).length > 0) return;
    asked.add(env);
    const brought = async () => {
      const offering = offeringIn(env);
      if (declaredIn(offering).length > 0) await bringDeclaredIn(env, offering);
    };
    ctx.waitUntil(brought().catch((error: unknown) => log({ level: "warn", message: WAIT, error: String(error) })));
  };
  const worker = {
    fetch: async (request: Request, env: Env, ctx: ExecutionContext) => {
      if (bindingFaults(env).length === 0) await idSecretOf(env).load();
      advise(env);
      bring(env, ctx);
      return server.fetch(request, env, ctx);
    },
    scheduled: async ({ scheduledTime }: Pick<ScheduledController, "scheduledTime">, env: Env) => {
      const missing = bindingFaults(env);
      if (missing.length > 0) throw new Misconfigured(inOne(missing));
      const agents = async () => servicesIn(env).agents.record(scheduledTime);
      const schedules = async () => bringDeclaredIn(env, offeringIn(env));
      const begunAtMs = Date.now();
      const jobs = { ...sweepJobs(env, scheduledTime), agents, "declared schedules": schedules };
      await noteSweep(env, { begunAtMs, failed: await runJobs(jobs, log) });
    },
  };
  return { worker, actors: actorsOf(offeringIn, servicesIn) } as unknown as Errand<E>;
}

const WAIT = "declared schedules wait for the cron handler";
const asked = new WeakSet<Env>();
const advised = new WeakSet<Env>();

/** Logs once an isolate what the wrangler file lacks that the Worker serves without. */
function advise(env: Env): void {
  if (advised.has(env)) return;
  advised.add(env);
  for (const message of bindingAdvice(env)) log({ level: "warn", message });
}

/**
 * For lists that are loaded and not imported: `createErrand(await import("./lists.ts").then((m) => m.lists, undeclared))`.
 * A list whose module throws is then a sentence in each answer, and not a Worker that is not there.
 */
export function undeclared(error: unknown): ErrandOptions {
  return new Undeclared(error) as ErrandOptions;
}
