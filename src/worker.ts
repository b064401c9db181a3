/** The only composition root: environment in, Worker out. Stubs become ports in actors/doors/. */
import { executionActor } from "./actors/execution-actor.ts";
import { fileStore } from "./actors/platform/file-store.ts";
import { log, logs } from "./actors/platform/log.ts";
import { ledgerFeed, projectorClient } from "./actors/platform/projector-client.ts";
import { withStoredResults } from "./actors/platform/stored-results.ts";
import { tombstonesOf, withTombstones } from "./actors/platform/tombstones.ts";
import { platformWorld } from "./actors/platform/world.ts";
import { projectorActor } from "./actors/projector-actor.ts";
import { accessOf, authenticatorOf } from "./compose/access.ts";
import { approvalClaimsOf, publicUrlOf } from "./compose/approvals.ts";
import { archivesOf } from "./compose/archives.ts";
import { deploymentOf, watchOf } from "./compose/deployment.ts";
import type { Env } from "./compose/env.ts";
import { modeOf } from "./compose/env.ts";
import { dispatchFromActor, executionClientOf, executionIdsOf, idSecretOf } from "./compose/execution-ids.ts";
import { admissionOf, capsOf, limitsOf, relaysOf } from "./compose/limits.ts";
import { ledgerIndexOf } from "./compose/projector.ts";
import { indexReportOf, registriesOf, tenantPlacesOf, tombstoneIn } from "./compose/registries.ts";
import { sweepJobs } from "./compose/sweep.ts";
import type { AgentDefinition } from "./define/agent.ts";
import { PerTenant } from "./define/handed-in.ts";
import type { HouseServices } from "./definitions/available.ts";
import { houseShop } from "./definitions/order-intake/shop.ts";
import { parseRetention } from "./domain/execution/retention.ts";
import { newUploadId } from "./domain/execution/stored-file.ts";
import { Misconfigured } from "./domain/values/misconfigured.ts";
import { isA, messageOf } from "./domain/values/thrown.ts";
import type { Services } from "./http/app.ts";
import { parseOrigins } from "./http/cors.ts";
import { createServer } from "./http/server.ts";
import type { Models } from "./models/models.ts";
import { createModels } from "./models/models.ts";
import { Agents } from "./operations/agents.ts";
import { Approvals } from "./operations/approvals.ts";
import { Batches } from "./operations/batch.ts";
import { Control } from "./operations/control.ts";
import { ExecutionLogs } from "./operations/execution-logs.ts";
import { Executions } from "./operations/executions.ts";
import { Files } from "./operations/files.ts";
import { IndexHealth } from "./operations/index-health.ts";
import { Lists } from "./operations/lists.ts";
import { LiveStreams } from "./operations/live-streams.ts";
import { Restarts } from "./operations/restarts.ts";
import { Runs } from "./operations/runs.ts";
import { Sessions } from "./operations/sessions.ts";
import { runJobs } from "./operations/sweeper.ts";
import { Tenants } from "./operations/tenants.ts";
import { Uploads } from "./operations/uploads.ts";
import { jsonPost } from "./outbound/json-post.ts";
import { agentRegistry } from "./registry/agents.ts";
import { answering } from "./registry/answering.ts";
import { approvalIndex } from "./registry/approvals.ts";
import { catalogItemsOf } from "./registry/catalog-items.ts";
import { executionRegistry, runRegistry } from "./registry/run-registry.ts";
import { encryptionReport, INDEX, sealerOf, textsOf, vaultOf } from "./vault/configured.ts";
import { bytesDigest, randomToken, shortDigest } from "./vault/digest.ts";

export type { Env } from "./compose/env.ts";

import { timingOf } from "./compose/timing.ts";

const VERSION = "0.1.0";

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
    catalog = new Map(agentsFor(env).map((agent) => [agent.id, agent]));
    catalogs.set(env, catalog);
  }
  return catalog;
}

/**
 * Not imported above: a definition that throws while it is declared would keep this module from being there, and the
 * platform answers for a module that is not there with words of its own. So its sentence is kept, and each request is answered with it.
 */
const declared = await import("./definitions/available.ts").then(
  ({ available }) => available,
  (error: unknown) => () => {
    throw error;
  },
);

function agentsFor(env: Env): readonly AgentDefinition[] {
  try {
    return declared(houseServicesOf(env));
  } catch (error) {
    throw new Misconfigured(definitionFault(error));
  }
}

/** What `define/` throws is a sentence that names the definition; of anything else the kind is said too. */
function definitionFault(error: unknown): string {
  const kind = isA(error, Error) ? error.name : "Error";
  return kind === "Error" ? messageOf(error) : `a definition cannot be declared: ${kind}: ${messageOf(error)}`;
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

const filesOf = (env: Env) => fileStore(env.FILES, (key) => sealerOf(env, key));

export const ExecutionActor = executionActor<Env>({
  timing: (env) => timingOf(env, (message) => log({ level: "warn", message })),
  limits: limitsOf,
  watch: watchOf,
  log,
  vault: vaultOf,
  tombstone: tombstoneIn,
  askKey: (env) => (hash) => authenticatorOf(env).keyOfHash(hash),
  dispatch: dispatchFromActor,
  world: (env, executionId) =>
    platformWorld({
      executionId,
      deployment: deploymentOf(env),
      executions: env.EXECUTIONS,
      ids: executionIdsOf(env),
      agents: catalogOf(env),
      model: modelsOf(env),
      files: filesOf(env),
      archives: env.ERRAND_ARCHIVE !== "off",
      services: { ...houseServicesOf(env) },
      record: projectorClient(env.PROJECTORS),
      claimApproval: approvalClaimsOf(env),
      log,
    }),
});

export const ProjectorActor = projectorActor<Env>(ledgerIndexOf);

/** What the router reads of the index: its failures are told apart from others. */
const indexOf = (env: Env) => answering(env.REGISTRY);

const tombstonesIn = (env: Env) =>
  tombstonesOf({ find: (tenant, id) => tombstoneIn(env, tenant, id), about: (key) => filesOf(env).about(key) });

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const services = new WeakMap<Env, Services>();
function servicesOf(env: Env): Services {
  let made = services.get(env);
  if (!made) {
    const files = filesOf(env);
    const client = withStoredResults(withTombstones(executionClientOf(env), tombstonesIn(env)), files);
    const catalog = { agents: catalogOf(env) };
    const texts = textsOf(env);
    const runs = runRegistry(registriesOf(env), texts);
    const newUpload = () => newUploadId(Date.now(), randomToken(8));
    const starting = {
      client,
      catalog,
      uploads: new Uploads({ store: files, digest: bytesDigest, newUpload, log }),
      admission: admissionOf(env),
      ...capsOf(env),
      digest: shortDigest,
      newRunId,
      now: () => Date.now(),
    };
    const registry = executionRegistry(registriesOf(env), texts);
    made = {
      control: new Control(client),
      executionLogs: new ExecutionLogs({ client, registry: runs }),
      live: new LiveStreams({ client, registry, shards: (tenant) => ledgerFeed(env.PROJECTORS, tenant) }),
      lists: new Lists(registry),
      batches: new Batches({ client, registry: runs }),
      agents: new Agents({ catalog, registry: agentRegistry(indexOf(env)), log }),
      executions: new Executions(starting),
      restarts: new Restarts(starting),
      files: new Files({ client, store: files }),
      archives: archivesOf(env, client, files),
      approvals: new Approvals({
        client,
        index: approvalIndex(registriesOf(env)),
        digest: shortDigest,
        now: () => Date.now(),
      }),
      runs: new Runs({ client, registry: runs, now: () => Date.now(), pause }),
      sessions: new Sessions(runs),
      tenants: new Tenants(tenantPlacesOf(env)),
      relays: relaysOf(env),
      access: accessOf(env, { client, texts }),
      indexHealth: new IndexHealth({ look: () => indexReportOf(env), now: () => Date.now() }),
      mode: modeOf(env),
      origins: parseOrigins(env.ERRAND_ALLOWED_ORIGINS),
      encryption: encryptionReport(env),
      retention: parseRetention(env.ERRAND_RETENTION_DAYS).report,
      publicUrl: publicUrlOf(env, log),
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

const server = createServer((env) => servicesOf(env as Env), log);

export default {
  fetch: async (request: Request, env: Env, ctx: ExecutionContext) => {
    await idSecretOf(env).load();
    return server.fetch(request, env, ctx);
  },
  /** Each minute: what `sweepJobs` lists, and a note of this deployment's agents. */
  scheduled: async ({ scheduledTime }: ScheduledController, env: Env) => {
    const agents = async () => servicesOf(env).agents.record(scheduledTime);
    await runJobs({ ...sweepJobs(env, scheduledTime), agents }, log);
  },
} satisfies ExportedHandler<Env>;
