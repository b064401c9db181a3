/** The environment of a Worker: its bindings and settings, as the platform hands them in. It knows no default of any. */
import type { DeploymentBindings } from "./deployment.ts";

/** What a deployment hands in: bindings of wrangler.toml, secrets and settings. `docs/settings.md` lists the settings. */
export interface Env extends DeploymentBindings {
  readonly EXECUTIONS: DurableObjectNamespace;
  readonly PROJECTORS: DurableObjectNamespace;
  /** Agents that run elsewhere, one object a tenant; where none is bound no node registers. */
  readonly NODES?: DurableObjectNamespace;
  /** Schedules; a Worker that binds none refuses calls of schedules. */
  readonly SCHEDULES?: DurableObjectNamespace;
  /** Queues of starts; a Worker that binds none begins each start at once. */
  readonly INTAKES?: DurableObjectNamespace;
  /** `off`: starts that nobody waits for make their object at once. */
  readonly ERRAND_INTAKE?: string;
  /** Shards of a tenant's queue that take starts. Default 1, at most 255; a lower number leaves the others to drain. */
  readonly ERRAND_INTAKE_SHARDS?: string;
  /** What agents remember; a Worker that binds none refuses calls of memory. */
  readonly MEMORIES?: DurableObjectNamespace;
  /** Limiters of queues; a Worker that binds none holds no concurrency limit. */
  readonly LIMITERS?: DurableObjectNamespace;
  readonly REGISTRY: D1Database;
  /** `on`: lists, and keys that are new to an isolate, are read off the nearest replica of the index. */
  readonly ERRAND_READ_REPLICAS?: string;
  /** Bytes that one database of the index holds at most; the platform's limit unless it is set. */
  readonly ERRAND_REGISTRY_MAX_BYTES?: string;
  /** Files that came with starts. */
  readonly FILES: R2Bucket;
  /** The pages of the dashboard, as static assets; a Worker that binds none serves the API alone. */
  readonly ASSETS?: { fetch(request: Request): Promise<Response> };
  /** `open` on the launcher's laptop only; anything else needs keys. */
  readonly AUTH_MODE?: string;
  /** Origins whose pages may call: `https://app.example.com, http://localhost:3000`. */
  readonly ERRAND_ALLOWED_ORIGINS?: string;
  /** Hosts that are reached for callers although they are no public ones: `agents.corp, *.agents.corp, 10.0.0.7`. */
  readonly ERRAND_ALLOWED_HOSTS?: string;
  /** A secret: admin of tenant `default`, and the way to the first key. At least 32 characters. */
  readonly ERRAND_ROOT_KEY?: string;
  /** A secret: signs stream tokens. Without it the deployment makes one up and keeps it in its registry. */
  readonly ERRAND_TOKEN_SECRET?: string;
  /** A secret: the check in ids of executions is made with it. Never changed: ids made before would be unknown. */
  readonly ERRAND_ID_SECRET?: string;
  /** A secret: a caller that signs a webhook with it may decide the approvals of the deployment's own tenant. */
  readonly ERRAND_WEBHOOK_SECRET?: string;
  /** Where people reach this deployment; default the origin of each request. Links to its pages begin with it. */
  readonly ERRAND_PUBLIC_URL?: string;
  /** `required`: a signed webhook must carry the time of its signature. */
  readonly ERRAND_WEBHOOK_STAMPED?: string;
  /** Without any model's key the scripted model answers, and its answers say `simulated`. */
  readonly ANTHROPIC_API_KEY?: string;
  readonly ANTHROPIC_BASE_URL?: string;
  readonly OPENAI_API_KEY?: string;
  readonly OPENAI_BASE_URL?: string;
  /** The model of requests that name none. */
  readonly ERRAND_MODEL?: string;
  /** Milliseconds between two pieces of a scripted answer; only the launcher of a laptop sets it. */
  readonly ERRAND_SCRIPTED_PACE_MS?: string;
  /** A secret: `id:base64key,older:base64key`, or `off`. The first seals what is stored, all of them open it. */
  readonly ERRAND_ENCRYPTION_KEYS?: string;
  /** `off`: what is kept no longer is removed for good, and not put into the file store. */
  readonly ERRAND_ARCHIVE?: string;
  /** How many days an ended execution is kept, or `forever`. */
  readonly ERRAND_RETENTION_DAYS?: string;
  /** Where traces of executions that ended are sent by OTLP/HTTP: `https://collector.example.com`; `/v1/traces` is added. */
  readonly ERRAND_OTLP_ENDPOINT?: string;
  /** A secret: headers of these requests, `authorization=Bearer%20KEY, x-team=blue`. */
  readonly ERRAND_OTLP_HEADERS?: string;
  /** `info`: a line for each request; `warn` (the default): for what was refused or failed; `error`. */
  readonly ERRAND_LOG?: string;
  /** A secret that nodes are sent as `Authorization: Bearer`. */
  readonly AGENTFIELD_AUTHORIZATION_INTERNAL_TOKEN?: string;
  /** How long an older process of a node may still report, as `60s`, `1m`, or a number of seconds. Default 60s. */
  readonly AGENTFIELD_AGENT_DRAIN_GRACE?: string;
  /** How many executions of a node run at once where its registration does not say. Default 0: no limit. */
  readonly AGENTFIELD_MAX_CONCURRENT_PER_AGENT?: string;
  /** Milliseconds between two looks at an execution with something in flight. */
  readonly ERRAND_HEARTBEAT_MS?: string;
  /** Most steps, effects, tools and turns of one execution that run at once. Default 50, at most 1,000. */
  readonly ERRAND_MAX_TRIES?: string;
  /** Seconds that a lease of an agent that polls lasts after its last call. Default 1,800. */
  readonly ERRAND_LEASE_SECONDS?: string;
  /** Most objects begun within ten seconds; the launcher computes it from the limit of open files. */
  readonly ERRAND_MAX_LIVE?: string;
  /** Caps; `domain/values/limits.ts` has their defaults, docs/limits.md what each means. */
  readonly ERRAND_MAX_OPEN_EXECUTIONS?: string;
  readonly ERRAND_MAX_NODES?: string;
  readonly ERRAND_MAX_SCHEDULES?: string;
  readonly ERRAND_MAX_QUEUED?: string;
  readonly ERRAND_MAX_QUEUED_BYTES?: string;
  readonly ERRAND_MAX_LONG_POLLS?: string;
  readonly ERRAND_MAX_SIGNAL_BYTES?: string;
  readonly ERRAND_MAX_STORAGE_BYTES?: string;
  readonly ERRAND_MAX_MEMORY_BYTES?: string;
  readonly ERRAND_MAX_PLAN_BYTES?: string;
  readonly ERRAND_MAX_MANIFEST_BYTES?: string;
  readonly ERRAND_MAX_POLLING_AGENTS?: string;
  readonly ERRAND_MAX_SOCKETS?: string;
  readonly ERRAND_MAX_UNREAD_BYTES?: string;
  readonly ERRAND_MAX_FEEDS?: string;
  readonly ERRAND_MAX_FEED_BYTES?: string;
}

export const modeOf = ({ AUTH_MODE }: Pick<Env, "AUTH_MODE">) => (AUTH_MODE === "open" ? "open" : "keys");
