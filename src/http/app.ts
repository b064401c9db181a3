/** What every route sees: the services behind it, and who calls. */
import type { Context, Hono } from "hono";
import type { Endpoint } from "../contract/endpoint.ts";
import type { Principal } from "../domain/execution/principal.ts";
import type { Result } from "../domain/values/fault.ts";
import type { AgentRuns } from "../operations/agent-runs.ts";
import type { AgentWork } from "../operations/agent-work.ts";
import type { Agents } from "../operations/agents.ts";
import type { ApiKeyAuthenticator, KeyHolder } from "../operations/api-key-authenticator.ts";
import type { Approvals } from "../operations/approvals.ts";
import type { Archives } from "../operations/archives.ts";
import type { Batches } from "../operations/batch.ts";
import type { Bulk } from "../operations/bulk.ts";
import type { Chats } from "../operations/chats.ts";
import type { Control } from "../operations/control.ts";
import type { Decompositions } from "../operations/decompositions.ts";
import type { Discovery } from "../operations/discovery.ts";
import type { ExecutionLogs } from "../operations/execution-logs.ts";
import type { Executions } from "../operations/executions.ts";
import type { Experiments } from "../operations/experiments.ts";
import type { Files } from "../operations/files.ts";
import type { IndexHealth } from "../operations/index-health.ts";
import type { Keys } from "../operations/keys.ts";
import type { LeaveParts } from "../operations/leave.ts";
import type { Lists } from "../operations/lists.ts";
import type { LiveStreams } from "../operations/live-streams.ts";
import type { Manifests } from "../operations/manifests.ts";
import type { Memory } from "../operations/memory.ts";
import type { MemoryFeeds } from "../operations/memory-feeds.ts";
import type { Metrics } from "../operations/metrics.ts";
import type { Nodes } from "../operations/nodes.ts";
import type { Notifications } from "../operations/notifications.ts";
import type { Overview } from "../operations/overview.ts";
import type { PlanExecutions } from "../operations/plan-executions.ts";
import type { Plans } from "../operations/plans.ts";
import type { PollingAgents } from "../operations/polling-agents.ts";
import type { Queues } from "../operations/queues.ts";
import type { Relays } from "../operations/relays.ts";
import type { Reports } from "../operations/reports.ts";
import type { Restarts } from "../operations/restarts.ts";
import type { Retention } from "../operations/retention.ts";
import type { Runs } from "../operations/runs.ts";
import type { Schedules } from "../operations/schedules.ts";
import type { Sessions } from "../operations/sessions.ts";
import type { StoredManifests } from "../operations/stored-manifests.ts";
import type { Tenants } from "../operations/tenants.ts";
import type { Threads } from "../operations/threads.ts";
import type { StreamTokens } from "../operations/tokens.ts";
import type { WebhookSignatures } from "../operations/webhook-signatures.ts";
import type { Webhooks } from "../operations/webhooks.ts";
import type { AgentQuota } from "./agent-quota.ts";

/** Who may come in, and how often. */
export interface Access {
  readonly authenticator: ApiKeyAuthenticator;
  readonly keys: Keys;
  readonly streamTokens: StreamTokens;
  /** What an answer that takes long asks whether its caller may still read it. */
  readonly leaveParts: LeaveParts;
  readonly tokenSecret: () => Promise<string>;
  readonly rateLimit: AgentQuota;
  readonly webhooks: WebhookSignatures;
}

export interface Services {
  readonly executions: Executions;
  readonly restarts: Restarts;
  readonly webhooks: Webhooks;
  readonly notifications: Notifications;
  readonly approvals: Approvals;
  readonly control: Control;
  readonly reports: Reports;
  readonly executionLogs: ExecutionLogs;
  readonly live: LiveStreams;
  readonly lists: Lists;
  readonly batches: Batches;
  readonly bulk: Bulk;
  readonly files: Files;
  readonly archives: Archives;
  readonly agents: Agents;
  readonly nodes: Nodes;
  readonly manifests: Manifests;
  readonly storedManifests: StoredManifests;
  readonly agentRuns: AgentRuns;
  readonly experiments: Experiments;
  readonly pollingAgents: PollingAgents;
  readonly decompositions: Decompositions;
  readonly discovery: Discovery;
  readonly runs: Runs;
  readonly sessions: Sessions;
  readonly threads: Threads;
  readonly chats: Chats;
  readonly tenants: Tenants;
  readonly memory: Memory;
  readonly plans: Plans;
  readonly planExecutions: PlanExecutions;
  readonly agentWork: AgentWork;
  readonly memoryFeeds: MemoryFeeds;
  readonly schedules: Schedules;
  readonly queues: Queues;
  readonly relays: Relays;
  /** Files of the dashboard by their paths; undefined where the wrangler file binds no assets. `asked`: the browser's headers. */
  readonly pages: ((path: string, asked: Headers) => Promise<Response>) | undefined;
  readonly access: Access;
  readonly indexHealth: IndexHealth;
  readonly metrics: Metrics;
  readonly overview: Overview;
  readonly mode: "open" | "keys";
  /** Pages of these origins may call, beside our own. */
  readonly origins: ReadonlySet<string>;
  /** Who answers a turn that names no model. */
  readonly model: "scripted" | "anthropic" | "openai";
  /** How stored data is encrypted, or why nothing is served: the keys are not in order. */
  readonly encryption: Result<string>;
  readonly kept: Retention;
  /** Lists are read off the nearest copy of the index. */
  readonly readsReplicas: boolean;
  /** How long ended executions of a tenant are kept that says nothing itself. */
  readonly retention: string;
  /** Where people reach this server; undefined: where each request reached it. */
  readonly publicUrl: string | undefined;
  readonly version: string;
  /** Returns whether lines of this level are written: a caller that checks this first makes no line in vain. */
  readonly logs: (level: "info" | "warn" | "error") => boolean;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
  readonly newRequestId: () => string;
}

export interface Vars {
  requestId: string;
  /** Set for every route but the open ones. */
  holder: KeyHolder;
  caller: Principal;
  services: Services;
  /** The row of the endpoint table that is asked, and what its path names. */
  asked: {
    readonly endpoint: Endpoint;
    readonly executionId: string | undefined;
    readonly runId: string | undefined;
    /** `agent.function` as it was sent. */
    readonly target: string | undefined;
  };
  /** What was answered instead of what was asked for; `field` is the first that was wrong. */
  refused: { readonly code: string; readonly field: string | undefined };
  /** The execution that the answer is about, once a route knows it. */
  named: { readonly executionId: string; readonly runId: string };
  /** The answer that was masked while it was still a value. */
  maskedAnswer: Response;
}
export type App = Hono<{ Variables: Vars }>;
export type C = Context<{ Variables: Vars }>;
