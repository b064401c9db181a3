/**
 * What remains when the time for which an ended execution is kept has passed: who it was, what it ran, how and when it
 * ended, and the digest of its request. So its id answers 410 and its idempotency key never runs it again.
 */
import * as z from "zod";
import type { Decided } from "../decide/decided.ts";
import { accepted } from "../decide/decided.ts";
import type { Event } from "../execution/event.ts";
import type { ExecutionState } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";
import { NO_APPROVALS } from "../fold/approval.ts";
import type { Refusal, Result } from "../values/fault.ts";
import { accept, refuse, refusedBy } from "../values/fault.ts";

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

/** Where the log of an execution was put before it went. */
export interface ArchivePlace {
  /** The object of the file store. */
  readonly key: string;
  /** The head of its chain after the last event. */
  readonly head?: string | undefined;
}

/** `archive`: absent where logs are put nowhere. */
export function archiveLog(
  state: ExecutionState,
  { retentionMs, archive }: { readonly retentionMs: number; readonly archive?: ArchivePlace },
  now: number,
): Decided {
  const endsAtMs = retentionEndsAtMs(state, retentionMs);
  if (endsAtMs === undefined || now < endsAtMs) return accepted();
  const { key, head } = archive ?? {};
  const place = { ...(key === undefined ? {} : { location: key }), ...(head === undefined ? {} : { head }) };
  return accepted({ type: "log.archived", data: { retentionMs, ...place } });
}

/** Names a person might be known by (session, actor) and every word of its content are left out. */
export function tombstoneOf(state: ExecutionState, event: Extract<Event, { type: "log.archived" }>): ExecutionState {
  const { origin, status, seq, createdAtMs, startedAtMs, finishedAtMs, recoveries, spent } = state;
  const { id, tenant, owner, agent, fn, kind, version, runId, parentId, owned, digest, timeoutMs, named } = origin;
  return {
    origin: {
      ...{ id, tenant, owner, agent, fn, kind, version, runId, owned, digest, timeoutMs, limits: {} },
      ...(parentId === undefined ? {} : { parentId }),
      ...(named ? { named } : {}),
    },
    status,
    seq,
    createdAtMs,
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(finishedAtMs === undefined ? {} : { finishedAtMs }),
    updatedAtMs: event.atMs,
    archivedAtMs: event.atMs,
    ...(event.data.location === undefined ? {} : { archive: event.data.location }),
    ...(event.data.head === undefined ? {} : { archiveHead: event.data.head }),
    recoveries,
    recoveriesWithoutProgress: 0,
    openChildren: 0,
    gates: NO_APPROVALS,
    limits: {},
    spent,
    reserved: state.reserved,
    activeUsedMs: state.activeUsedMs,
  };
}

/** What is left when the object is gone too. Numbers may come as text, from the names that an archive's object carries. */
export const Tombstone = z.object({
  tenant: z.string(),
  id: z.string(),
  owner: z.string(),
  /** `agent.function` */
  target: z.string(),
  status: z.string(),
  finishedAtMs: z.coerce.number(),
  archivedAtMs: z.coerce.number(),
  /** Of the request, where the execution was named. */
  digest: z.string().optional(),
  /** The object of the file store that holds the log, and the head of its chain. */
  archive: z.string().optional(),
  head: z.string().optional(),
});
export type Tombstone = z.infer<typeof Tombstone>;

/** What the object of an archive says of itself: enough for a reader's 410 without reading the log. */
export function aboutArchive(
  { origin, status, finishedAtMs }: ExecutionState,
  { nowMs, head }: { readonly nowMs: number; readonly head: string },
): Record<string, string> {
  return {
    head,
    owner: origin.owner,
    target: `${origin.agent}.${origin.fn}`,
    status,
    finishedAtMs: String(finishedAtMs ?? nowMs),
    archivedAtMs: String(nowMs),
  };
}

function tombstoneIn({ origin, status, finishedAtMs = 0, archivedAtMs = 0 }: ExecutionState): Tombstone {
  const { tenant, id, owner, agent, fn } = origin;
  return { tenant, id, owner, target: `${agent}.${fn}`, status, finishedAtMs, archivedAtMs };
}

/** The answer to readers of an execution that is kept no longer. */
export function gone(of: ExecutionState | Tombstone): Refusal {
  const { id, target, status, finishedAtMs, archivedAtMs } = "origin" in of ? tombstoneIn(of) : of;
  const day = (atMs: number) => new Date(atMs).toISOString();
  const detail = `${id} ran ${target} and ended ${status} at ${day(finishedAtMs)}; its result and its log were removed at ${day(archivedAtMs)}, when the time for which they are kept was over`;
  return refusedBy(id, refuse("gone", detail));
}

/** What a start hears under the name of an execution that is kept no longer: it never runs again under it. */
export function refuseBuried(tombstone: Tombstone, digest: string): Refusal {
  if (tombstone.digest === undefined || tombstone.digest === digest) return gone(tombstone);
  return refuse("idempotency_mismatch", "another request was made with this key or id before");
}

/** The object of the file store that holds the log which was removed. */
export function archiveOf(state: ExecutionState): Result<ArchivePlace> {
  if (state.archivedAtMs === undefined)
    return refuse("invalid_state", "its log is still kept: read it with GET /api/v1/executions/{id}/events");
  const { archive: key, archiveHead: head } = state;
  return key === undefined ? gone(state) : accept({ key, head });
}
