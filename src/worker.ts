/** The only composition root: environment in, Worker out. Stubs become ports in actors/doors/. */
import { fileStore, sweepFiles } from "./actors/doors/file-store.ts";
import { ledgerDoor, ledgerFeed } from "./actors/doors/ledger-door.ts";
import { log, logs } from "./actors/doors/log.ts";
import { withStoredResults } from "./actors/doors/stored-results.ts";
import { platformWorld } from "./actors/doors/world.ts";
import { executionActor } from "./actors/execution-actor.ts";
import { ledgerActor } from "./actors/ledger-actor.ts";
import { executionDoorOf, executionIdsOf, idSecretOf } from "./compose/execution-ids.ts";
import type { AgentDefinition } from "./define/agent.ts";
import { PerTenant } from "./define/handed-in.ts";
import type { HouseServices } from "./definitions/available.ts";
import { available } from "./definitions/available.ts";
import { houseShop } from "./definitions/order-intake/shop.ts";
import { systemCaller } from "./domain/caller.ts";
import type { KeyRecord } from "./domain/key.ts";
import { parseRetention } from "./domain/retention.ts";
import { newUploadId } from "./domain/stored-file.ts";
import type { Tempo } from "./engine/ports.ts";
import { DEFAULT_TEMPO } from "./engine/ports.ts";
import type { Access, Services } from "./http/app.ts";
import { RateLimit } from "./http/rate-limit.ts";
import { createServer } from "./http/server.ts";
import type { Models } from "./models/models.ts";
import { createModels } from "./models/models.ts";
import { Admission } from "./operations/admission.ts";
import { Agents } from "./operations/agents.ts";
import { Approvals } from "./operations/approvals.ts";
import { Executions } from "./operations/executions.ts";
import { IndexHealth } from "./operations/index-health.ts";
import { KeyRing } from "./operations/key-ring.ts";
import { Keys } from "./operations/keys.ts";
import type { ExecutionDoor } from "./operations/ports.ts";
import { Restarts } from "./operations/restarts.ts";
import { Runs } from "./operations/runs.ts";
import { Sessions } from "./operations/sessions.ts";
import { StreamTokens } from "./operations/tokens.ts";
import { Uploads } from "./operations/uploads.ts";
import { WebhookSignatures } from "./operations/webhook-signatures.ts";
import { jsonPost } from "./outbound/json-post.ts";
import { agentRegistry } from "./registry/agents.ts";
import { answering } from "./registry/answering.ts";
import { approvalIndex } from "./registry/approvals.ts";
import { catalogItemsOf } from "./registry/catalog-items.ts";
import { oversleptExecutions } from "./registry/executions.ts";
import { findKey, hasKeys, insertKey, listKeys, revokeKey, settingOrFirst } from "./registry/keys.ts";
import { indexReport, indexTrouble, openEntry, park, projectEntries, sealEntry, unpark } from "./registry/ledger.ts";
import { executionRegistry, runRegistry } from "./registry/run-registry.ts";
import { encryptionReport, INDEX, sealerOf, textsOf, vaultOf } from "./vault/configured.ts";
import { bytesDigest, randomToken, shortDigest } from "./vault/digest.ts";
import { hashKey, isKeyShaped, isSameSecret, newKeySecret } from "./vault/keys.ts";
import type { Sealer } from "./vault/vault.ts";
import { isSigned } from "./vault/webhook-signature.ts";

export interface Env {
  readonly EXECUTIONS: DurableObjectNamespace;
  readonly LEDGERS: DurableObjectNamespace;
  readonly REGISTRY: D1Database;
  /** Files that came with starts. */
  readonly FILES: R2Bucket;
  /** `open` on the launcher's laptop only; anything else needs keys. */
  readonly AUTH_MODE?: string;
  /** A secret: admin of tenant `default`, and the way to the first key. At least 32 characters. */
  readonly ERRAND_ROOT_KEY?: string;
  /** A secret: signs stream tokens. Without it the deployment makes one up and keeps it in its registry. */
  readonly ERRAND_TOKEN_SECRET?: string;
  /** A secret: the check in ids of executions is made with it. Never changed: ids made before would be unknown. */
  readonly ERRAND_ID_SECRET?: string;
  /** A secret: whoever signs a webhook with it may decide the approvals of the deployment's own tenant. */
  readonly ERRAND_WEBHOOK_SECRET?: string;
  /** Without any model's key the scripted model answers, and its answers say `simulated`. */
  readonly ANTHROPIC_API_KEY?: string;
  readonly ANTHROPIC_BASE_URL?: string;
  readonly OPENAI_API_KEY?: string;
  readonly OPENAI_BASE_URL?: string;
  /** The model of requests that name none. */
  readonly ERRAND_MODEL?: string;
  /** Milliseconds between two pieces of a scripted answer; only the launcher of a laptop sets it. */
  readonly ERRAND_SCRIPTED_PACE_MS?: string;
  readonly LEDGER_SERVICE_URL?: string;
  /** A secret: `id:base64key,older:base64key`, or `off`. The first seals what is stored, all of them open it. */
  readonly ERRAND_ENCRYPTION_KEYS?: string;
  /** `off`: what is kept no longer is removed for good, and not put into the file store. */
  readonly ERRAND_ARCHIVE?: string;
  /** How many days an ended execution is kept, or `forever`. */
  readonly ERRAND_RETENTION_DAYS?: string;
  /** `info`: a line for each request; `warn` (the default): for what was refused or failed; `error`. */
  readonly ERRAND_LOG?: string;
  /** Milliseconds between two looks at an execution with something in flight. */
  readonly ERRAND_HEARTBEAT_MS?: string;
  /** Most objects begun within ten seconds; the launcher computes it from the limit of open files. */
  readonly ERRAND_MAX_LIVE?: string;
}

const VERSION = "0.1.0";
/** An alarm this late is taken for lost; the platform is late by seconds at most when it is healthy. */
const OVERSLEPT_MS = 60_000;

/** What agents and tools need from outside, by the names they declare. */
const houseServicesOf = (env: Env): HouseServices => ({
  ledger: jsonPost(env.LEDGER_SERVICE_URL),
  shop: houseShop,
  catalogItems: new PerTenant((tenant) =>
    catalogItemsOf(tenant, { database: env.REGISTRY, sealer: () => sealerOf(env, INDEX) }),
  ),
});

/** One catalog an isolate: definitions are code, and the services behind them come from the environment. */
const catalogs = new WeakMap<Env, ReadonlyMap<string, AgentDefinition>>();
function catalogOf(env: Env): ReadonlyMap<string, AgentDefinition> {
  let catalog = catalogs.get(env);
  if (!catalog) {
    catalog = new Map(available(houseServicesOf(env)).map((agent) => [agent.id, agent]));
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
      scriptedPaceMs: Number(env.ERRAND_SCRIPTED_PACE_MS) || 0,
    });
    models.set(env, made);
  }
  return made;
}

const modeOf = ({ AUTH_MODE }: Env) => (AUTH_MODE === "open" ? "open" : "keys");

const filesOf = (env: Env) => fileStore(env.FILES, (key) => sealerOf(env, key));

function tempoOf({ ERRAND_HEARTBEAT_MS, ERRAND_RETENTION_DAYS }: Env): Tempo {
  const heartbeatMs = Number(ERRAND_HEARTBEAT_MS ?? DEFAULT_TEMPO.heartbeatMs);
  return {
    ...DEFAULT_TEMPO,
    heartbeatMs: heartbeatMs > 0 ? heartbeatMs : DEFAULT_TEMPO.heartbeatMs,
    retentionMs: parseRetention(ERRAND_RETENTION_DAYS).ms,
  };
}

export const ExecutionActor = executionActor<Env>({
  tempo: tempoOf,
  log,
  vault: vaultOf,
  world: (env, executionId) =>
    platformWorld({
      executionId,
      executions: env.EXECUTIONS,
      ids: executionIdsOf(env),
      agents: catalogOf(env),
      model: modelsOf(env),
      files: filesOf(env),
      archives: env.ERRAND_ARCHIVE !== "off",
      services: { ...houseServicesOf(env) },
      record: ledgerDoor(env.LEDGERS),
      log,
    }),
});

export const LedgerActor = ledgerActor<Env>((env) => ({
  seal: (entry) => sealEntry(entry, sealerOf(env, INDEX)),
  open: (entry) => openEntry(entry, sealerOf(env, INDEX)),
  write: (entries) => projectEntries(env.REGISTRY, entries),
  isUp: async () => vaultOf(env).ok && (await indexTrouble(env.REGISTRY)) === undefined,
  park: async (entry, error) => {
    log({ level: "error", message: "a row was put aside", kind: entry.kind, id: entry.row.id, error: String(error) });
    await park(env.REGISTRY, entry, error);
  },
}));

/** What the router reads of the index: its failures are told apart from others. */
const indexOf = (env: Env) => answering(env.REGISTRY);

/** Cloudflare's network has room; one machine has as many files as its launcher says. */
function admissionOf({ ERRAND_MAX_LIVE }: Env): Admission {
  return new Admission(Number(ERRAND_MAX_LIVE) || Number.POSITIVE_INFINITY, () => Date.now());
}

function accessOf(env: Env, { door, texts }: { readonly door: ExecutionDoor; readonly texts: Sealer }): Access {
  const {
    REGISTRY: registry,
    ERRAND_ROOT_KEY: rootKey,
    ERRAND_TOKEN_SECRET,
    ERRAND_WEBHOOK_SECRET: webhookSecret,
  } = env;
  // There is one webhook secret a deployment: it speaks for the tenant that the deployment itself acts for.
  const tenant = modeOf(env) === "open" ? "local" : "default";
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
      if (tokenSecret !== undefined) return tokenSecret;
      const place = "settings token_secret";
      const stored = await settingOrFirst(registry, "token_secret", texts.sealText(randomToken(32), place));
      tokenSecret = texts.openText(stored, place);
      return tokenSecret;
    },
    rateLimit: new RateLimit(now),
    webhooks: new WebhookSignatures({ secret: webhookSecret, tenant, isSigned, now }),
  };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const services = new WeakMap<Env, Services>();
function servicesOf(env: Env): Services {
  let made = services.get(env);
  if (!made) {
    const files = filesOf(env);
    const door = withStoredResults(executionDoorOf(env), files);
    const catalog = { agents: catalogOf(env) };
    const texts = textsOf(env);
    const runs = runRegistry(indexOf(env), texts);
    const newUpload = () => newUploadId(Date.now(), randomToken(8));
    const starting = {
      door,
      catalog,
      uploads: new Uploads({ store: files, digest: bytesDigest, newUpload, log }),
      admission: admissionOf(env),
      digest: shortDigest,
      newRunId,
      now: () => Date.now(),
    };
    made = {
      door,
      catalog,
      agents: new Agents({ catalog, registry: agentRegistry(indexOf(env)), log }),
      registry: executionRegistry(indexOf(env), texts),
      feedShards: (tenant) => ledgerFeed(env.LEDGERS, tenant),
      executions: new Executions(starting),
      restarts: new Restarts(starting),
      files,
      approvals: new Approvals({
        door,
        index: approvalIndex(indexOf(env)),
        digest: shortDigest,
        now: () => Date.now(),
      }),
      runs: new Runs({ door, registry: runs, now: () => Date.now(), pause }),
      sessions: new Sessions(runs),
      runRegistry: runs,
      access: accessOf(env, { door, texts }),
      indexHealth: new IndexHealth({ look: () => indexReport(env.REGISTRY), now: () => Date.now() }),
      mode: modeOf(env),
      encryption: encryptionReport(env),
      retention: parseRetention(env.ERRAND_RETENTION_DAYS).report,
      model: modelsOf(env).usual.provider,
      version: VERSION,
      logs,
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
  fetch: async (request: Request, env: Env, ctx: ExecutionContext) => {
    await idSecretOf(env).load();
    return server.fetch(request, env, ctx);
  },
  /** Each minute: pokes what overslept, the net under a lost alarm; tries parked rows again; notes its agents. */
  scheduled: async (controller: ScheduledController, env: Env) => {
    const overslept = await oversleptExecutions(env.REGISTRY, controller.scheduledTime - OVERSLEPT_MS, 200);
    const door = executionDoorOf(env);
    for (const { tenant, id } of overslept) await door.poke(systemCaller(tenant), id);
    const back = await unpark(env.REGISTRY, 100);
    if (back > 0) log({ level: "info", message: "rows that were put aside are in the index now", rows: back });
    await sweepFiles(env.FILES, controller.scheduledTime);
    await servicesOf(env).agents.record(controller.scheduledTime);
  },
} satisfies ExportedHandler<Env>;
