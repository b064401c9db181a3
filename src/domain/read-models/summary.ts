/** Executions as lists show them: the row, what lists are filtered by, a page. Knows no database. */
import * as z from "zod";
import type { AttributeFilter } from "../execution/search-attributes.ts";
import { Status } from "../execution/status.ts";
import { FunctionKind } from "../execution/target.ts";

/** None where no model was asked. */
const Tokens = z.number().nullish();

/** One row of the index: what lists show of an execution. */
export const ExecutionSummary = z.object({
  tenant: z.string(),
  id: z.string(),
  owner: z.string(),
  seq: z.number(),
  agent: z.string(),
  fn: z.string(),
  kind: FunctionKind,
  status: Status,
  reason: z.string().nullable(),
  runId: z.string(),
  parentId: z.string().nullable(),
  sessionId: z.string().nullable(),
  actorId: z.string().nullable(),
  /** The schedule that fired; none also where the row is older than this column. */
  scheduleId: z.string().nullish(),
  /** JSON array of `name=value`; none where it never had any. */
  attributes: z.string().nullish(),
  /** Of the manifest that it runs. */
  version: z.string().nullish(),
  /** JSON of a `PlanProgress`; none where it is of no plan, or older than this column. */
  planProgress: z.string().nullish(),
  createdAtMs: z.number(),
  startedAtMs: z.number().nullable(),
  finishedAtMs: z.number().nullable(),
  updatedAtMs: z.number(),
  errorCode: z.string().nullable(),
  errorMessage: z.string().nullable(),
  turns: z.number(),
  tokens: z.number(),
  costUsd: z.number(),
  inputTokens: Tokens,
  outputTokens: Tokens,
  cacheReadTokens: Tokens,
  cacheWriteTokens: Tokens,
  /** Of the chain over its log, after the event `seq`; none where the row is older than the chain. */
  chainHead: z.string().nullish(),
});
export type ExecutionSummary = z.infer<typeof ExecutionSummary>;

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
  readonly scheduleId?: string;
  readonly attributes?: readonly AttributeFilter[];
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly text?: string;
  /** How the reader sees an error's words, where that is not as they are: `text` is looked for in what it sees. */
  readonly seenAs?: (text: string) => string;
}
/** Whose rows: a whole tenant's, or one owner's. */
export type ListScope = Pick<ExecutionFilter, "tenant" | "owner"> & {
  /** Absent: what decides something is read off the primary. */
  readonly session?: ReadSession | undefined;
};

/** Where a page of a list ended. */
export interface Cursor {
  readonly createdAtMs: number;
  readonly id: string;
}

/** A page; `resumeAfter` where the looking ended before the page was full. */
export interface Listing {
  readonly rows: readonly ExecutionSummary[];
  readonly resumeAfter: Cursor | undefined;
}

/** Reads of one request that may be answered by the nearest copy of the index. */
export interface ReadSession {
  /** Of the reader's last answer: nothing older is read. */
  readonly bookmark: string | undefined;
  /** Set by the reads: for the reader's next request. */
  next?: string;
}

export interface ListPage {
  readonly limit: number;
  /** Strictly after this one. */
  readonly from: Cursor | undefined;
  /** Absent: the primary is read. */
  readonly session?: ReadSession | undefined;
}
