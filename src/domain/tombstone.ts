/**
 * What remains when the time for which an ended execution is kept has passed: who it was, what it ran, how and when it
 * ended, and the digest of its request. So its id answers 410 and its idempotency key never runs it again.
 */
import type { Decided } from "./decided.ts";
import { accepted } from "./decided.ts";
import type { Event } from "./event.ts";
import type { Refusal, Result } from "./fault.ts";
import { accept, refuse } from "./fault.ts";
import type { ExecutionState } from "./state.ts";
import { isTerminal } from "./status.ts";

/** The object that holds the log of an execution from then on, as JSON lines. */
export function archiveKey({ tenant, id }: { readonly tenant: string; readonly id: string }): string {
  return `archive/${tenant}/${id}.jsonl`;
}

/** When its log may go; `undefined` before its end, after its removal, and when it is kept for ever (`Infinity`). */
export function retentionEndsAtMs(state: ExecutionState, retentionMs: number): number | undefined {
  const { status, finishedAtMs, archivedAtMs } = state;
  if (!isTerminal(status) || finishedAtMs === undefined || archivedAtMs !== undefined) return undefined;
  return Number.isFinite(retentionMs) ? finishedAtMs + retentionMs : undefined;
}

/** `location`: where its log was put before it went, when it was put anywhere. */
export function archiveLog(
  state: ExecutionState,
  { retentionMs, location }: { readonly retentionMs: number; readonly location?: string },
  now: number,
): Decided {
  const endsAtMs = retentionEndsAtMs(state, retentionMs);
  if (endsAtMs === undefined || now < endsAtMs) return accepted();
  return accepted({ type: "log.archived", data: { retentionMs, ...(location === undefined ? {} : { location }) } });
}

/** Names a person might be known by (session, actor) and every word of its content are left out. */
export function tombstoneOf(state: ExecutionState, event: Extract<Event, { type: "log.archived" }>): ExecutionState {
  const { origin, status, seq, createdAtMs, startedAtMs, finishedAtMs, recoveries, spent } = state;
  const { id, tenant, owner, agent, fn, kind, version, runId, parentId, owned, digest, timeoutMs } = origin;
  return {
    origin: {
      ...{ id, tenant, owner, agent, fn, kind, version, runId, owned, digest, timeoutMs, limits: {} },
      ...(parentId === undefined ? {} : { parentId }),
    },
    status,
    seq,
    createdAtMs,
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(finishedAtMs === undefined ? {} : { finishedAtMs }),
    updatedAtMs: event.atMs,
    archivedAtMs: event.atMs,
    ...(event.data.location === undefined ? {} : { archive: event.data.location }),
    recoveries,
    recoveriesWithoutProgress: 0,
    openChildren: 0,
    gates: [],
    limits: {},
    spent,
    reserved: state.reserved,
    activeUsedMs: state.activeUsedMs,
  };
}

/** The answer to whoever still asks for it. */
export function gone({ origin, status, finishedAtMs, archivedAtMs }: ExecutionState): Refusal {
  const day = (atMs: number | undefined) => new Date(atMs ?? 0).toISOString();
  return refuse(
    "gone",
    `${origin.id} ran ${origin.agent}.${origin.fn} and ended ${status} at ${day(finishedAtMs)}; its result and its log were removed at ${day(archivedAtMs)}, when the time for which they are kept was over`,
  );
}

/** The object of the file store that holds the log which was removed. */
export function archiveOf(state: ExecutionState): Result<string> {
  if (state.archivedAtMs === undefined)
    return refuse("invalid_state", "its log is still kept: read it with GET /api/v1/executions/{id}/events");
  return state.archive === undefined ? gone(state) : accept(state.archive);
}
