/** The only composition root: environment in, Worker out. Stubs become ports in actors/doors/. */
import { executionDoor } from "./actors/doors/execution-door.ts";
import { ledgerDoor, ledgerFeed } from "./actors/doors/ledger-door.ts";
import { platformWorld } from "./actors/doors/world.ts";
import { executionActor } from "./actors/execution-actor.ts";
import { ledgerActor } from "./actors/ledger-actor.ts";
import type { AgentDefinition } from "./define/agent.ts";
import { available } from "./definitions/available.ts";
import { systemCaller } from "./domain/caller.ts";
import type { KeyRecord } from "./domain/key.ts";
import type { Tempo } from "./engine/ports.ts";
import { DEFAULT_TEMPO } from "./engine/ports.ts";
import type { Access, Services } from "./http/app.ts";
import { RateLimit } from "./http/rate-limit.ts";
import { createServer } from "./http/server.ts";
import type { Models } from "./models/models.ts";
import { createModels } from "./models/models.ts";
import { Admission } from "./operations/admission.ts";
import { Approvals } from "./operations/approvals.ts";
import { Executions } from "./operations/executions.ts";
import { KeyRing } from "./operations/key-ring.ts";
import { Keys } from "./operations/keys.ts";
import type { ExecutionDoor } from "./operations/ports.ts";
import { Runs } from "./operations/runs.ts";
import { Sessions } from "./operations/sessions.ts";
import { StreamTokens } from "./operations/tokens.ts";
import { jsonPost } from "./outbound/json-post.ts";
import { changedExecutions, oversleptExecutions } from "./registry/executions.ts";
import { findKey, hasKeys, insertKey, listKeys, revokeKey, settingOrFirst } from "./registry/keys.ts";
import { listExecutions } from "./registry/listing.ts";
import { project } from "./registry/projection.ts";
import { runRegistry } from "./registry/run-registry.ts";
import { randomToken, shortDigest } from "./vault/digest.ts";
import { hashKey, isKeyShaped, isSameSecret, newKeySecret } from "./vault/keys.ts";

export interface Env {
  readonly EXECUTIONS: DurableObjectNamespace;
  readonly LEDGERS: DurableObjectNamespace;
  readonly REGISTRY: D1Database;
  /** `open` on the launcher's laptop only; anything else needs keys. */
  readonly AUTH_MODE?: string;
  /** A secret: admin of tenant `default`, and the way to the first key. At least 32 characters. */
  readonly ERRAND_ROOT_KEY?: string;
  /** A secret: signs stream tokens. Without it the deployment makes one up and keeps it in its registry. */
  readonly ERRAND_TOKEN_SECRET?: string;
  /** Without any model's key the scripted model answers, and its answers say `simulated`. */
  readonly ANTHROPIC_API_KEY?: string;
  readonly ANTHROPIC_BASE_URL?: string;
  readonly OPENAI_API_KEY?: string;
  readonly OPENAI_BASE_URL?: string;
  /** The model of requests that name none. */
  readonly ERRAND_MODEL?: string;
  readonly LEDGER_SERVICE_URL?: string;
  /** Milliseconds between two looks at an execution with something in flight. */
  readonly ERRAND_HEARTBEAT_MS?: string;
  /** Most objects begun within ten seconds; the launcher computes it from the limit of open files. */
  readonly ERRAND_MAX_LIVE?: string;
}

const VERSION = "0.1.0";
/** An alarm this late is taken for lost; the platform is late by seconds at most when it is healthy. */
const OVERSLEPT_MS = 60_000;

const log = (entry: Readonly<Record<string, unknown>>) =>
  // biome-ignore lint/suspicious/noConsole: the one place that writes the log; Cloudflare collects it from here.
  console.error(JSON.stringify({ at: new Date().toISOString(), ...entry }));

/** One catalog an isolate: definitions are code, and the services behind them come from the environment. */
const catalogs = new WeakMap<Env, ReadonlyMap<string, AgentDefinition>>();
function catalogOf(env: Env): ReadonlyMap<string, AgentDefinition> {
  let catalog = catalogs.get(env);
  if (!catalog) {
    catalog = new Map(available({ ledger: jsonPost(env.LEDGER_SERVICE_URL) }).map((agent) => [agent.id, agent]));
    catalogs.set(env, catalog);
  }
  return catalog;
}

const models = new WeakMap<Env, Models>();
function modelsOf(env: Env): Models {
  let made = models.get(env);
  if (!made) {
    made = createModels({
      anthropicKey: env.ANTHROPIC_API_KEY,
      anthropicBaseUrl: env.ANTHROPIC_BASE_URL,
      openaiKey: env.OPENAI_API_KEY,
      openaiBaseUrl: env.OPENAI_BASE_URL,
      defaultModel: env.ERRAND_MODEL,
    });
    models.set(env, made);
  }
  return made;
}

function tempoOf({ ERRAND_HEARTBEAT_MS }: Env): Tempo {
  const heartbeatMs = Number(ERRAND_HEARTBEAT_MS ?? DEFAULT_TEMPO.heartbeatMs);
  return { ...DEFAULT_TEMPO, heartbeatMs: heartbeatMs > 0 ? heartbeatMs : DEFAULT_TEMPO.heartbeatMs };
}

export const ExecutionActor = executionActor<Env>({
  tempo: tempoOf,
  log,
  world: (env, executionId) =>
    platformWorld({
      executionId,
      executions: env.EXECUTIONS,
      agents: catalogOf(env),
      model: modelsOf(env),
      record: ledgerDoor(env.LEDGERS),
      log,
    }),
});

export const LedgerActor = ledgerActor<Env>((env, rows) => project(env.REGISTRY, rows));

/** Cloudflare's network has room; one machine has as many files as its launcher says. */
function admissionOf({ ERRAND_MAX_LIVE }: Env): Admission {
  return new Admission(Number(ERRAND_MAX_LIVE) || Number.POSITIVE_INFINITY, () => Date.now());
}

function accessOf(
  { REGISTRY: registry, ERRAND_ROOT_KEY: rootKey, ERRAND_TOKEN_SECRET }: Env,
  door: ExecutionDoor,
): Access {
  const now = () => Date.now();
  const keyRing = new KeyRing({
    store: { find: (hash) => findKey(registry, hash), any: () => hasKeys(registry) },
    vault: { isKeyShaped, hashKey, isSameSecret },
    rootKey,
    now,
  });
  const store = {
    insert: (record: KeyRecord) => insertKey(registry, record),
    list: (tenant: string, page: Parameters<typeof listKeys>[2]) => listKeys(registry, tenant, page),
    revoke: (which: Parameters<typeof revokeKey>[1], atMs: number) => revokeKey(registry, which, atMs),
  };
  const newId = () => `key_${randomToken(8)}`;
  let tokenSecret = ERRAND_TOKEN_SECRET;
  return {
    keyRing,
    keys: new Keys({ store, ring: keyRing, vault: { newKeySecret, hashKey }, newId, now }),
    streamTokens: new StreamTokens({ door, ring: keyRing, now }),
    tokenSecret: async () => {
      tokenSecret ??= await settingOrFirst(registry, "token_secret", randomToken(32));
      return tokenSecret;
    },
    rateLimit: new RateLimit(now),
  };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const services = new WeakMap<Env, Services>();
function servicesOf(env: Env): Services {
  let made = services.get(env);
  if (!made) {
    const door = executionDoor(env.EXECUTIONS);
    const catalog = { agents: catalogOf(env) };
    const runs = runRegistry(env.REGISTRY);
    made = {
      door,
      catalog,
      registry: {
        list: (filter, page) => listExecutions(env.REGISTRY, filter, page),
        changedSince: (whose, version) => changedExecutions(env.REGISTRY, whose, version),
      },
      feedShards: (tenant) => ledgerFeed(env.LEDGERS, tenant),
      executions: new Executions({ door, catalog, admission: admissionOf(env), digest: shortDigest, newRunId }),
      approvals: new Approvals(door),
      runs: new Runs({ door, registry: runs, now: () => Date.now(), pause }),
      sessions: new Sessions(runs),
      runRegistry: runs,
      access: accessOf(env, door),
      mode: env.AUTH_MODE === "open" ? "open" : "keys",
      model: modelsOf(env).usual.provider,
      version: VERSION,
      log,
      newRequestId: () => `req_${randomToken(12)}`,
    };
    services.set(env, made);
  }
  return made;
}

/** `run_YYYYMMDD_HHMMSS_` and eight random characters: the form that existing clients of reference 2 know. */
function newRunId(): string {
  const [date, time] = new Date().toISOString().replaceAll(/[-:]/g, "").split("T");
  return `run_${date}_${time?.slice(0, 6)}_${randomToken(4)}`;
}

const server = createServer((env) => servicesOf(env as Env));

export default {
  fetch: (request: Request, env: Env, ctx: ExecutionContext) => server.fetch(request, env, ctx),
  /** Each minute: pokes executions that overslept, the net under a lost alarm. */
  scheduled: async (controller: ScheduledController, env: Env) => {
    const overslept = await oversleptExecutions(env.REGISTRY, controller.scheduledTime - OVERSLEPT_MS, 200);
    const door = executionDoor(env.EXECUTIONS);
    for (const { tenant, id } of overslept) await door.poke(systemCaller(tenant), id);
  },
} satisfies ExportedHandler<Env>;
