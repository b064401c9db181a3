import type { Status } from "./status.ts";
import type { FunctionKind } from "./target.ts";

/** One row of the index: what lists show of an execution. */
export interface ExecutionSummary {
  readonly tenant: string;
  readonly id: string;
  readonly owner: string;
  readonly seq: number;
  readonly agent: string;
  readonly fn: string;
  readonly kind: FunctionKind;
  readonly status: Status;
  readonly reason: string | null;
  readonly runId: string;
  readonly parentId: string | null;
  readonly sessionId: string | null;
  readonly actorId: string | null;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  readonly updatedAtMs: number;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly turns: number;
  readonly tokens: number;
  readonly costUsd: number;
}

/** Which executions a list shows; `tenant` always, `owner` unless the caller is an administrator. */
export interface ExecutionFilter {
  readonly tenant: string;
  readonly owner?: string;
  readonly statuses?: readonly Status[];
  readonly agent?: string;
  readonly fn?: string;
  readonly runId?: string;
  readonly sessionId?: string;
  readonly actorId?: string;
  readonly parentId?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly text?: string;
}

/** Where a page of a list ended. */
export interface Position {
  readonly createdAtMs: number;
  readonly id: string;
}
