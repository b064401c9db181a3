/**
 * The journal, read out of the log: what the program asked of the outside and what came of it. An entry is folded from
 * events by `foldEntry` and from nothing else, so a live activation and a replay see the same.
 *
 * - An entry finishes once; what it finished with never changes. The index says where that stands and keeps no value:
 *   `entry-value.ts` reads it out of its event.
 * - `completions` holds finished entries in the order of the log; replay delivers them in that order (E1).
 * - Entries belong to the program by key; events without a key (notes of people, cancels) make no entry.
 */

import type { ApprovalMark } from "../execution/approval-mark.ts";
import { markClosed } from "../execution/approval-mark.ts";
import type { Amount } from "../execution/budget.ts";
import { NOTHING, plus } from "../execution/budget.ts";
import type { End, Entry } from "../execution/entry.ts";
import { endOf, linkChild, outlivesItsRace } from "../execution/entry.ts";
import type { Event } from "../execution/event.ts";
import { has } from "../execution/event-traits.ts";
import { unreachable } from "../values/json.ts";
import { OpenEntries, put } from "./open-entries.ts";
import { foldRecorded } from "./recorded.ts";
import type { Restarts } from "./reusable-mark.ts";
import { foldRestart, numberOf } from "./reusable-mark.ts";
import type { WaitingSignals } from "./waiting-signals.ts";
import { giveBack, keepSignal, noSignals, takeSignal } from "./waiting-signals.ts";

/** Mutable on purpose: it grows with the log, and copying a thousand entries per event would make replay quadratic. */
export interface EntryIndex extends WaitingSignals, Restarts {
  readonly entries: Map<string, Entry>;
  /** Entries that are not done: what is in flight or waited for. */
  readonly open: OpenEntries;
  readonly completions: string[];
  readonly keyOfChild: Map<string, string>;
  /** Children that have ended while executions that came by themselves go on beneath them. */
  readonly goingOn: Set<string>;
  /** Those beneath this one were cancelled after its end. */
  cancelPassedOn: boolean;
  /** Every approval that ever opened, by id. */
  readonly approvals: Map<string, ApprovalMark>;
  /** Keys of notes, progress and attempts, which are said once and never answered. */
  readonly recorded: Set<string>;
  readonly draws: Map<string, Amount>;
  /** Where the first answer that validators rejected stands in the log. */
  rejectedSeq: number | undefined;
  seq: number;
}

export function emptyIndex(): EntryIndex {
  return {
    entries: new Map(),
    open: new OpenEntries(),
    completions: [],
    ...noSignals(),
    keyOfChild: new Map(),
    goingOn: new Set(),
    cancelPassedOn: false,
    approvals: new Map(),
    recorded: new Set(),
    draws: new Map(),
    offers: new Map(),
    inputBefore: undefined,
    successors: new Map(),
    rejectedSeq: undefined,
    seq: 0,
  };
}

/** Adds one event of the log to the index. Total: an event that means nothing to the journal changes nothing but `seq`. */
export function foldEntry(index: EntryIndex, event: Event): void {
  index.seq = event.seq;
  if (!has(event, "index")) return;
  switch (event.type) {
    case "step.started":
    case "tool.started":
    case "turn.started":
      return started(index, event);
    case "step.completed":
    case "tool.completed":
    case "turn.completed":
      return completed(index, event);
    case "step.failed":
    case "tool.failed":
    case "turn.failed":
      return failed(index, event);
    case "entry.withdrawn":
      return withdrawn(index, event);
    case "signal.received":
      return keepSignal(index, event);
    case "note.added":
    case "progress.reported":
    case "attempt.started":
    case "attempt.completed":
    case "attempt.rejected":
      return foldRecorded(index, event);
    case "effect.probing":
    case "effect.in_doubt":
    case "effect.resolved":
      return foldDoubt(index, event);
    case "gate.opened":
    case "gate.decided":
    case "gate.expired":
      return foldApproval(index, event);
    case "input.parsed":
    case "successor.started":
    case "journal.inherited":
      return foldRestart(index, event);
    case "child.started":
    case "child.linked":
    case "child.waiting":
    case "child.finished":
    case "child.rested":
    case "cancel.passed_on":
    case "budget.drawn":
    case "budget.granted":
      return foldChild(index, event);
  }
  unreachable(event);
}

function foldDoubt(index: EntryIndex, event: Of<`effect.${string}`>): void {
  const { key } = event.data;
  if (event.type === "effect.probing") return change(index, key, { probing: true });
  if (event.type === "effect.in_doubt")
    return change(index, key, { status: "in_doubt", gateId: event.data.gateId, probing: false });
  if (event.data.resolution === "retry") change(index, key, { status: "open", retryGranted: true, probing: false });
}

/** Approvals of the program are entries; the review approval of an effect in doubt belongs to the effect's own entry. */
function foldApproval(index: EntryIndex, event: Of<`gate.${string}`>): void {
  if (event.type !== "gate.opened") {
    markClosed(index.approvals, event);
    if (event.data.kind !== "review") finish(index, event, { ok: true });
    return;
  }
  const { key, name, gateId, kind, requested, payloadDigest } = event.data;
  index.approvals.set(gateId, { key, openedSeq: event.seq });
  if (kind === "review") return;
  const byWhom = requested ? { adopted: true } : { digest: payloadDigest };
  open(index, event, { key, kind: "gate", name, gateId, ...byWhom });
}

function foldChild(
  index: EntryIndex,
  event: Of<`child.${string}` | "cancel.passed_on" | "budget.drawn" | "budget.granted">,
): void {
  switch (event.type) {
    case "child.started": {
      const { key, name, digest, childId, grant, adopted } = event.data;
      index.keyOfChild.set(childId, key);
      open(index, event, { key, kind: "child", name, digest, childId, reserve: grant, adopted });
      break;
    }
    case "child.linked":
      linkChild(index, { ...event.data, seq: event.seq });
      break;
    case "child.waiting": {
      const { childId, waiting, childSeq = 0 } = event.data;
      change(index, keyOfChild(index, childId), { childWaiting: waiting, childSeq });
      break;
    }
    case "child.finished":
      finish(index, event, endOf(event.data.outcome));
      if (event.data.goesOnBelow) index.goingOn.add(event.data.childId);
      break;
    case "child.rested":
      index.goingOn.delete(event.data.childId);
      break;
    case "cancel.passed_on":
      index.cancelPassedOn = true;
      break;
    case "budget.drawn":
      drawn(index, event.data);
      break;
    case "budget.granted":
      index.draws.set(event.data.drawId, event.data.amount);
      break;
  }
}

type Of<T extends string> = Extract<Event, { type: T }>;

function open(
  index: EntryIndex,
  event: { seq: number },
  fields: Pick<Entry, "key" | "kind" | "name"> & Partial<Entry>,
): void {
  put(index, { startedSeq: event.seq, status: "open", attempt: 1, reserve: NOTHING, ...fields });
}

function started(index: EntryIndex, event: Of<"step.started" | "tool.started" | "turn.started">): void {
  const { data } = event;
  const known = index.entries.get(data.key);
  if (known?.status === "done") return;
  put(index, {
    key: data.key,
    kind: data.kind,
    name: data.name,
    digest: data.digest ?? known?.digest,
    startedSeq: known?.startedSeq ?? event.seq,
    status: "open",
    attempt: data.attempt,
    reserve: data.reserve ?? NOTHING,
    ...(known?.failures === undefined ? {} : { failures: known.failures }),
    ...(data.idempotent === undefined ? {} : { idempotent: data.idempotent }),
    ...(data.wakeAtMs === undefined ? {} : { wakeAtMs: data.wakeAtMs }),
    ...(data.signal === undefined ? {} : { signal: data.signal }),
    ...begunIn(data.begunIn ?? known?.begunIn),
  });
}

const begunIn = (id: string | undefined) => (id === undefined ? {} : { begunIn: id });

function completed(index: EntryIndex, event: Of<"step.completed" | "tool.completed" | "turn.completed">): void {
  const { data } = event;
  if (data.reusedFrom !== undefined) return reused(index, event, data.reusedFrom);
  openEnded(index, event);
  const { signalSeq } = data;
  const place = signalSeq === undefined ? {} : { valueSeq: signalSeq, signalBytes: takeSignal(index, signalSeq) };
  finish(index, event, { ok: true, ...place, ...numberOf(data.kind, data.output) });
}

/** A computation that never failed has no beginning in the log. */
function openEnded(
  index: EntryIndex,
  { seq, data }: { seq: number; data: Pick<Entry, "key" | "kind" | "name"> & { digest?: string | undefined } },
): void {
  const { key, kind, name, digest } = data;
  if (!index.entries.has(key)) open(index, { seq }, { key, kind, name, digest });
}

/** The result lies in the offer: it is not stored twice. */
function reused(
  index: EntryIndex,
  event: Of<"step.completed" | "tool.completed" | "turn.completed">,
  reusedFrom: string,
): void {
  const offer = index.offers.get(event.data.key);
  if (!offer || index.entries.has(offer.key)) return;
  const { key, kind, name, digest, idempotent, seq: valueSeq, value } = offer;
  open(index, event, {
    key,
    kind,
    name,
    digest,
    reusedFrom,
    ...(idempotent === undefined ? {} : { idempotent }),
  });
  finish(index, event, { ok: true, valueSeq, ...(value === undefined ? {} : { value }) });
}

function failed(index: EntryIndex, event: Of<"step.failed" | "tool.failed" | "turn.failed">): void {
  const { data } = event;
  openEnded(index, event);
  if (data.retryAtMs === undefined) {
    finish(index, event, { ok: false, errorCode: data.error.code });
    return;
  }
  // What the failed try had reserved was settled with it: the next try must not forfeit it once more.
  const settled = data.release ? { reserve: NOTHING } : {};
  const failures = (index.entries.get(data.key)?.failures ?? 0) + 1;
  const { retryAtMs, attempt, timedOut = false } = data;
  change(index, data.key, { status: "backing_off", retryAtMs, attempt, failures, timedOut, ...settled });
}

function withdrawn(index: EntryIndex, event: Of<"entry.withdrawn">): void {
  const { key, signalSeq } = event.data;
  const entry = index.entries.get(key);
  if (!entry) return;
  if (signalSeq !== undefined) giveBack(index, signalSeq, entry);
  const goesOn = outlivesItsRace(entry);
  put(index, { ...entry, withdrawn: true, ...(goesOn ? { status: "open" as const } : {}) });
  if (!goesOn) finish(index, event, { ok: false, errorCode: "withdrawn" });
}

function drawn(index: EntryIndex, data: { childId: string; drawId: string; amount: Amount }): void {
  index.draws.set(data.drawId, plus(index.draws.get(data.drawId) ?? NOTHING, data.amount));
  const key = keyOfChild(index, data.childId);
  const entry = index.entries.get(key);
  if (entry) change(index, key, { reserve: plus(entry.reserve, data.amount) });
}

function finish(index: EntryIndex, event: { seq: number; data: { key: string } }, end: End): void {
  const entry = index.entries.get(event.data.key);
  if (!entry || entry.status === "done") return;
  put(index, { ...entry, status: "done", doneSeq: event.seq, ...end });
  if (entry.kind !== "value" && !entry.adopted && !entry.withdrawn) index.completions.push(entry.key);
}

function change(index: EntryIndex, key: string, fields: Partial<Entry>): void {
  const entry = index.entries.get(key);
  if (entry && entry.status !== "done") put(index, { ...entry, ...fields });
}

function keyOfChild(index: EntryIndex, childId: string): string {
  return index.keyOfChild.get(childId) ?? "";
}
