/** What callers hand in and get back. Options are camelCase; bodies are the wire's, in snake_case. */
import type { z } from "zod";
import type { ExecutionBody } from "../../contract/executions/body.ts";
import type { ApprovalRequest, Budget, ResolveRequest } from "../../contract/executions/requests.ts";
import type { SummaryBody } from "../../contract/lists.ts";
import type { WebhookRequest } from "../../contract/webhooks/request.ts";
import type { Reuse } from "../../domain/execution/reusable-result.ts";
import type { Status } from "../../domain/execution/status.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Timing } from "./pace.ts";
import type { SocketConstructor } from "./socket-frames.ts";

export interface ClientOptions {
  /** `http://localhost:8787`, or where it is deployed. */
  readonly baseUrl: string;
  readonly key?: string;
  /** Default the platform's own. */
  readonly fetch?: typeof fetch;
  /** Default the platform's own; where there is none (Node 20), `stream` reads server-sent events. */
  readonly WebSocket?: SocketConstructor;
  readonly timing?: Partial<Timing>;
}

/** An execution as the server tells it, its `result` typed by the target. */
export type Execution<Output> = Omit<ExecutionBody, "result"> & { readonly result?: Output };
export type ExecutionSummary = z.infer<typeof SummaryBody>;

export interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

export type WebhookOptions = z.input<typeof WebhookRequest>;

export interface StartOptions extends Abortable {
  /** An id of your own choosing, unique in your tenant; it makes the start safe to send again, without a key. */
  readonly id?: string;
  /** Makes the start safe to send again, also by another process; default a new UUID for each call. */
  readonly idempotencyKey?: string;
  readonly runId?: string;
  readonly parentExecutionId?: string;
  readonly sessionId?: string;
  readonly actorId?: string;
  /** Kept beside the execution, never given to the function. */
  readonly context?: Json;
  readonly metadata?: Json;
  /** At most 8 texts, numbers and booleans by which lists find it. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  readonly budget?: z.input<typeof Budget>;
  /** Where it tells its end; what is not registered is told in `webhook_error`. */
  readonly webhook?: WebhookOptions;
  /** Wall-clock instant at which it times out. */
  readonly deadline?: Date;
}

export interface RestartOptions extends Abortable {
  /** The root above the execution (the default), or just this one. */
  readonly scope?: "workflow" | "execution";
  /** What is not done again; default `succeeded-before` the first failure. */
  readonly reuse?: Reuse;
  /** Key of an entry: it and what ended after it began are done anew. With scope `execution`. */
  readonly from?: string;
  /** In a new run. */
  readonly fork?: boolean;
  readonly reason?: string;
  /** Instead of the first input, or context. */
  readonly input?: { readonly [key: string]: Json };
  readonly context?: Json;
  /** Of the new execution; the old one's is not taken over. */
  readonly webhook?: WebhookOptions;
  /** Makes the restart safe to send again, also by another process; default a new UUID for each call. */
  readonly idempotencyKey?: string;
}

export interface ExecuteOptions extends StartOptions {
  /** Milliseconds until `WaitTimeoutError`; default none. The execution itself goes on. */
  readonly timeoutMs?: number;
}

export interface WaitOptions extends Abortable {
  /** Milliseconds until `WaitTimeoutError`; default none. */
  readonly timeoutMs?: number;
  /** What is waited for; default an end. */
  readonly until?: (execution: Execution<unknown>) => boolean;
}

export interface GetOptions extends Abortable {
  /** Holds the answer until the status changes, at most this long (600 s at most). */
  readonly waitMs?: number;
}

export interface FollowOptions extends Abortable {
  /** The last seq the reader has; default 0, which is everything. */
  readonly after?: number;
  /** Called with `true` when a connection stands and with `false` when it is lost; it is made again by itself. */
  readonly onConnected?: (connected: boolean) => void;
}

/** Bounds of a value, of its own type. */
type AttributeBounds = Partial<Record<"gt" | "gte" | "lt" | "lte", string | number>>;

export interface ListFilter {
  readonly status?: Status | readonly Status[];
  readonly target?: string;
  readonly agentId?: string;
  readonly runId?: string;
  readonly sessionId?: string;
  readonly actorId?: string;
  readonly parentExecutionId?: string;
  readonly scheduleId?: string;
  /** Search attributes: `{ customer: "acme", amount: { gte: 100 } }`. */
  readonly attributes?: Readonly<Record<string, string | number | boolean | AttributeBounds>>;
  readonly since?: Date;
  readonly until?: Date;
  /** A part of the id, the target or the error. */
  readonly q?: string;
}

export interface PageOptions extends ListFilter, Abortable {
  readonly cursor?: string;
  /** At most 200; default 25. */
  readonly limit?: number;
}

export interface ReasonOptions extends Abortable {
  readonly reason?: string;
}

export type ApprovalAnswer = Omit<z.input<typeof ApprovalRequest>, "decision"> & {
  readonly decision: "approved" | "rejected" | "request_changes";
};
export type Resolution = z.input<typeof ResolveRequest>;

/** One look at an execution. */
export interface Look extends Abortable {
  readonly waitMs?: number | undefined;
  readonly maxElapsedMs?: number;
}
