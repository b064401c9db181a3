/** Wires what the routes need: operations over the ports of this deployment. Once an isolate. */
import { fileStore } from "../actors/platform/file-store.ts";
import { log, logs } from "../actors/platform/log.ts";
import { ledgerFeed } from "../actors/platform/projector-client.ts";
import { withStoredResults } from "../actors/platform/stored-results.ts";
import { tombstonesOf, withTombstones } from "../actors/platform/tombstones.ts";
import { parseRetention } from "../domain/execution/retention.ts";
import { newUploadId } from "../domain/execution/stored-file.ts";
import { parseOrigins } from "../http/access/cors.ts";
import type { Services } from "../http/requests/app.ts";
import { Tenants } from "../operations/access/tenants.ts";
import { Discovery } from "../operations/agents/discovery.ts";
import { Approvals } from "../operations/approvals/approvals.ts";
import { Batches } from "../operations/executions/batch.ts";
import { Control } from "../operations/executions/control.ts";
import { ExecutionLogs } from "../operations/executions/execution-logs.ts";
import { Executions } from "../operations/executions/executions.ts";
import { Files } from "../operations/executions/files.ts";
import { Replays } from "../operations/executions/replays.ts";
import { Restarts } from "../operations/executions/restarts.ts";
import { Uploads } from "../operations/executions/uploads.ts";
import { Lists } from "../operations/lists/lists.ts";
import { Sessions } from "../operations/lists/sessions.ts";
import { NodeRestarts } from "../operations/nodes/node-restarts.ts";
import { RemoteAgents } from "../operations/nodes/remote-agents.ts";
import { Reports } from "../operations/nodes/reports.ts";
import { IndexHealth } from "../operations/operator/index-health.ts";
import { Runs } from "../operations/runs/runs.ts";
import { LiveStreams } from "../operations/stream/live-streams.ts";
import { approvalIndex } from "../registry/lists/approvals.ts";
import { attributeRegistry } from "../registry/lists/attribute-counts.ts";
import { executionRegistry, runRegistry } from "../registry/run-registry.ts";
import { encryptionReport, sealerOf, textsOf } from "../vault/configured.ts";
import { bytesDigest, hexDigest, randomToken, shortDigest } from "../vault/digest.ts";
import { accessOf } from "./access.ts";
import { agentsOf } from "./agents.ts";
import { publicUrlOf } from "./approvals.ts";
import { archivesOf } from "./archives.ts";
import type { Offering } from "./catalog.ts";
import type { Env } from "./environment/env.ts";
import { modeOf } from "./environment/env.ts";
import { admissionOf, capsOf, relaysOf } from "./environment/limits.ts";
import { pagesOf } from "./environment/pages.ts";
import { indexReportOf, registriesOf, tenantPlacesOf, tombstoneIn } from "./environment/registries.ts";
import { executionClientOf } from "./execution-ids.ts";
import { memoryOf } from "./memory.ts";
import { modelsOf } from "./models.ts";
import { dividedNodesOf, drainGraceMs, nodeClientOf, nodesOf } from "./nodes.ts";
import { operationsOf } from "./operations.ts";
import { planServicesOf } from "./plan-executions.ts";
import { pollingAgentsOf } from "./polling-agents.ts";
import { queueRulesOf } from "./queue-rules.ts";
import { queuesOf } from "./queues.ts";
import { schedulesOf } from "./schedules.ts";
import { deliveriesOf, webhookPortOf } from "./webhooks.ts";

const VERSION = "0.1.0";

export const filesOf = (env: Env) => fileStore(env.FILES, (key) => sealerOf(env, key));

const now = () => Date.now();
const newUpload = () => newUploadId(now(), randomToken(8));
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The services of each environment, made at its first request. Throws `Misconfigured` while it cannot serve. */
export function httpServicesOf(offeringIn: (env: Env) => Offering): (env: Env) => Services {
  const services = new WeakMap<Env, Services>();
  return (env) => {
    const made = services.get(env) ?? makeServices(env, offeringIn(env));
    services.set(env, made);
    return made;
  };
}

function makeServices(env: Env, offering: Offering): Services {
  const { agents, builtIns } = offering;
  const files = filesOf(env);
  const tombstones = tombstonesOf({
    find: (tenant, id) => tombstoneIn(env, tenant, id),
    about: (key) => files.about(key),
  });
  const client = withStoredResults(withTombstones(executionClientOf(env), tombstones), files);
  const catalog = { agents, builtIns };
  const texts = textsOf(env);
  const runs = runRegistry(registriesOf(env), texts);
  const registry = executionRegistry(registriesOf(env), texts);
  const remote = new RemoteAgents(nodeClientOf(env), dividedNodesOf(env));
  const indexHealth = new IndexHealth({ look: () => indexReportOf(env), now });
  const whole = new Runs({ client, registry: runs, now, pause, isRemote: (agent) => !agents.has(agent) });
  const starting = { client, catalog, remote, ...startingOf(env, { client, runs: whole, files }) };
  const approving = { digest: shortDigest, now, judge: starting.webhooks.judge };
  const access = accessOf(env, { client, texts });
  const [executions, restarts] = [new Executions(starting), new Restarts(starting)];
  const operated = operationsOf(env, { indexHealth, bulk: { client, registry, restarts, executions } });
  return {
    control: new Control(client),
    reports: new Reports({ client, registry: runs, pause, store: files, digest: shortDigest }),
    executionLogs: new ExecutionLogs({ client, registry: runs, hash: hexDigest }),
    live: new LiveStreams({ client, registry, shards: (tenant) => ledgerFeed(env.PROJECTORS, tenant) }),
    lists: new Lists(registry, attributeRegistry(registriesOf(env))),
    batches: new Batches({ client, registry: runs }),
    nodes: nodesOf(env, catalog, new NodeRestarts({ registry, client, graceMs: drainGraceMs(env) })),
    ...agentsOf(env, offering, { executions, catalog, remote, client, registry }),
    discovery: new Discovery({ catalog, registry: nodeClientOf(env), now }),
    executions,
    restarts,
    ...deliveriesOf(env, client),
    files: new Files({ client, store: files }),
    archives: archivesOf(env, client, files),
    approvals: new Approvals({ client, index: approvalIndex(registriesOf(env)), ...approving }),
    runs: whole,
    sessions: new Sessions(runs),
    tenants: new Tenants(tenantPlacesOf(env)),
    ...memoryOf(env, client, catalog),
    ...pollingAgentsOf(env, { keys: access.keys, executions, program: builtIns.decomposition }),
    ...planServicesOf(env, { ...starting, registry }),
    schedules: schedulesOf(env, catalog, remote),
    queues: queuesOf(env, catalog, remote),
    access,
    pages: pagesOf(env),
    indexHealth,
    ...operated,
    ...settingsOf(env),
    logs,
    log,
    newRequestId: () => `req_${randomToken(12)}`,
  };
}

type StartsFrom = ConstructorParameters<typeof Replays>[0] & { readonly files: ReturnType<typeof filesOf> };

/** What every start needs beside the functions that there are. */
function startingOf(env: Env, { client, runs, files }: StartsFrom) {
  return {
    replays: new Replays({ client, runs }),
    uploads: new Uploads({ store: files, digest: bytesDigest, newUpload, log }),
    admission: admissionOf(env),
    webhooks: webhookPortOf(env),
    ...capsOf(env),
    rules: queueRulesOf(env),
    digest: shortDigest,
    newRunId,
    now,
  };
}

function settingsOf(env: Env) {
  return {
    mode: modeOf(env),
    readsReplicas: env.ERRAND_READ_REPLICAS === "on",
    origins: parseOrigins(env.ERRAND_ALLOWED_ORIGINS),
    encryption: encryptionReport(env),
    retention: parseRetention(env.ERRAND_RETENTION_DAYS).report,
    publicUrl: publicUrlOf(env, log),
    relays: relaysOf(env),
    model: modelsOf(env).usual.provider,
    version: VERSION,
  } as const;
}

/** `run_YYYYMMDD_HHMMSS_` and eight random characters: the form that existing clients of AgentField know. */
function newRunId(): string {
  const [date, time] = new Date().toISOString().replaceAll(/[-:]/g, "").split("T");
  return `run_${date}_${time?.slice(0, 6)}_${randomToken(4)}`;
}
