/** What every route sees: the services behind it, and who calls. */
import type { Context, Hono } from "hono";
import type { Endpoint } from "../../contract/endpoint.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { Result } from "../../domain/values/fault.ts";
import type { ApiKeyAuthenticator, KeyHolder } from "../../operations/access/api-key-authenticator.ts";
import type { Keys } from "../../operations/access/keys.ts";
import type { LeaveParts } from "../../operations/access/leave.ts";
import type { Tenants } from "../../operations/access/tenants.ts";
import type { StreamTokens } from "../../operations/access/tokens.ts";
import type { WebhookSignatures } from "../../operations/access/webhook-signatures.ts";
import type { Agents } from "../../operations/agents/agents.ts";
import type { Discovery } from "../../operations/agents/discovery.ts";
import type { Approvals } from "../../operations/approvals/approvals.ts";
import type { Archives } from "../../operations/executions/archives.ts";
import type { Batches } from "../../operations/executions/batch.ts";
import type { Control } from "../../operations/executions/control.ts";
import type { ExecutionLogs } from "../../operations/executions/execution-logs.ts";
import type { Executions } from "../../operations/executions/executions.ts";
import type { Files } from "../../operations/executions/files.ts";
import type { Restarts } from "../../operations/executions/restarts.ts";
import type { Webhooks } from "../../operations/executions/webhooks.ts";
import type { Lists } from "../../operations/lists/lists.ts";
import type { Metrics } from "../../operations/lists/metrics.ts";
import type { Sessions } from "../../operations/lists/sessions.ts";
import type { AgentRuns } from "../../operations/manifests/agent-runs.ts";
import type { Experiments } from "../../operations/manifests/experiments.ts";
import type { Manifests } from "../../operations/manifests/manifests.ts";
import type { StoredManifests } from "../../operations/manifests/stored-manifests.ts";
import type { Chats } from "../../operations/memory/chats.ts";
import type { Memory } from "../../operations/memory/memory.ts";
import type { MemoryFeeds } from "../../operations/memory/memory-feeds.ts";
import type { Threads } from "../../operations/memory/threads.ts";
import type { Nodes } from "../../operations/nodes/nodes.ts";
import type { Reports } from "../../operations/nodes/reports.ts";
import type { Bulk } from "../../operations/operator/bulk.ts";
import type { IndexHealth } from "../../operations/operator/index-health.ts";
import type { Notifications } from "../../operations/operator/notifications.ts";
import type { Overview } from "../../operations/operator/overview.ts";
import type { Queues } from "../../operations/operator/queues.ts";
import type { Retention } from "../../operations/operator/retention.ts";
import type { Decompositions } from "../../operations/plans/decompositions.ts";
import type { PlanExecutions } from "../../operations/plans/plan-executions.ts";
import type { Plans } from "../../operations/plans/plans.ts";
import type { AgentQuota } from "../../operations/polling-agents/agent-quota.ts";
import type { AgentWork } from "../../operations/polling-agents/agent-work.ts";
import type { PollingAgents } from "../../operations/polling-agents/polling-agents.ts";
import type { Runs } from "../../operations/runs/runs.ts";
import type { Schedules } from "../../operations/schedules/schedules.ts";
import type { LiveStreams } from "../../operations/stream/live-streams.ts";
import type { Relays } from "../../operations/stream/relays.ts";

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
