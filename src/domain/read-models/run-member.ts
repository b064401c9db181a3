/** What one execution's actor says to a reader who draws its run: itself as it is now, and which children it started. */

import { builtInOf, versionOfRun } from "../execution/built-in.ts";
import type { Reuse } from "../execution/reusable-result.ts";
import { attributeText, loggedRunOf, WEBHOOK_FAILING, WEBHOOK_REGISTERED } from "../execution/search-attributes.ts";
import type { ExecutionState } from "../execution/state.ts";
import type { Status } from "../execution/status.ts";
import { isWebhookFailing } from "../execution/webhook.ts";
import type { ReportedCall } from "../fold/reported-calls.ts";
import type { ExecutionSummary } from "./summary.ts";
import type { AttemptToDeliver } from "./webhook-view.ts";

export interface ChildLink {
  readonly childId: string;
  /** `agent.function` */
  readonly target: string;
  /** Undefined while the parent has not heard of its end. */
  readonly ended: Status | undefined;
}

export interface RunNote {
  readonly seq: number;
  readonly message: string;
  readonly tags: readonly string[];
  readonly atMs: number;
  readonly by: string;
}

/** The first notes of one execution, as many as an answer has room for. */
export interface RunNotes {
  readonly notes: readonly RunNote[];
  /** The `after` of the next page of them; `null` when these are all. */
  readonly next: number | null;
}

/** What became of the deliveries of one execution. */
export interface RunWebhook {
  readonly total: number;
  readonly failed: number;
  /** The last attempt of each of the newest that were given up. */
  readonly givenUp: readonly AttemptToDeliver[];
}

/** Which execution one follows, and what it took over from it. */
export interface RunLineage {
  readonly id: string;
  readonly runId: string;
  readonly reuse: Reuse;
  /** Results. */
  readonly reused: number;
}

export interface RunMember {
  readonly summary: ExecutionSummary;
  readonly children: readonly ChildLink[];
  /** Absent unless they were asked for. */
  readonly notes?: RunNotes;
  /** Absent where none is registered. */
  readonly webhook?: RunWebhook;
  /** Calls within the node that works at it, as that one reported them. */
  readonly calls?: readonly ReportedCall[];
  /** Absent where it follows none. */
  readonly lineage?: RunLineage;
}

/** The one mapping of a state to its row of the index; the index adds what only its writer knows. */
export function summaryOfState(state: ExecutionState) {
  const { origin, spent } = state;
  return {
    tenant: origin.tenant,
    id: origin.id,
    owner: origin.owner,
    seq: state.seq,
    agent: origin.agent,
    fn: origin.fn,
    kind: origin.kind,
    status: state.status,
    reason: state.reason ?? null,
    runId: origin.runId,
    parentId: origin.parentId ?? null,
    sessionId: origin.sessionId ?? null,
    actorId: origin.actorId ?? null,
    scheduleId: origin.scheduleId ?? null,
    attributes: attributesText(state),
    version: versionOfRun(origin) ?? null,
    createdAtMs: state.createdAtMs,
    startedAtMs: state.startedAtMs ?? null,
    finishedAtMs: state.finishedAtMs ?? null,
    updatedAtMs: state.updatedAtMs,
    errorCode: state.errorCode ?? null,
    errorMessage: state.errorMessage ?? null,
    turns: spent.turns,
    tokens: spent.tokens,
    costUsd: spent.costUsd,
    inputTokens: spent.inputTokens ?? null,
    outputTokens: spent.outputTokens ?? null,
    cacheReadTokens: spent.cacheReadTokens ?? null,
    cacheWriteTokens: spent.cacheWriteTokens ?? null,
  } satisfies ExecutionSummary;
}

/** A call within a node as a row: it ran in the execution, and belongs to whom that belongs. `seq` 0: an execution of this id is newer. */
export function summaryOfCall(execution: ExecutionSummary, call: ReportedCall): ExecutionSummary {
  const { id, parentId = execution.id, node = execution.agent, fn, status, reason = null, startedAtMs } = call;
  const link = summaryOfLink(execution, { childId: id, target: `${node}.${fn}`, ended: status });
  const finishedAtMs = call.endedAtMs ?? null;
  return { ...link, parentId, status, reason, createdAtMs: startedAtMs, startedAtMs, finishedAtMs };
}

/** None: the row never had any. */
function attributesText(state: ExecutionState): string | null {
  const { attributes, webhook, origin } = state;
  const isLogged = builtInOf(origin) === "manifest" && !origin.unlogged;
  if (attributes === undefined && webhook === undefined && !isLogged) return null;
  const { name, equals } = loggedRunOf(origin.agent);
  const own = [
    ...(isLogged ? [attributeText(name, equals)] : []),
    ...(webhook === undefined ? [] : [WEBHOOK_REGISTERED]),
    ...(isWebhookFailing(state) ? [WEBHOOK_FAILING] : []),
  ];
  return JSON.stringify([...own, ...Object.entries(attributes ?? {}).map((one) => attributeText(...one))]);
}

/** A child that its parent has promised to start and that does not exist yet (or no longer). `seq` 0: anything is newer. */
export function summaryOfLink(parent: ExecutionSummary, { childId, target, ended }: ChildLink): ExecutionSummary {
  const dot = target.lastIndexOf(".");
  return {
    ...parent,
    id: childId,
    parentId: parent.id,
    scheduleId: null,
    attributes: null,
    version: null,
    planProgress: null,
    seq: 0,
    agent: target.slice(0, dot),
    fn: target.slice(dot + 1),
    kind: "reasoner",
    status: ended ?? "pending",
    reason: null,
    createdAtMs: parent.updatedAtMs,
    startedAtMs: null,
    finishedAtMs: null,
    errorCode: null,
    errorMessage: null,
    turns: 0,
    tokens: 0,
    costUsd: 0,
    inputTokens: null,
    outputTokens: null,
    cacheReadTokens: null,
    cacheWriteTokens: null,
  };
}
