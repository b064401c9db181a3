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
import { endOf, linkedChild } from "../execution/entry.ts";
import type { Event } from "../execution/event.ts";
import { has } from "../execution/event-traits.ts";
import { unreachable } from "../values/json.ts";
import { completed, failed, foldDoubt, started, withdrawn } from "./activities.ts";
import type { Entries } from "./entries.ts";
import { change, finish, noEntries, put } from "./entries.ts";
import { foldRecorded } from "./recorded.ts";
import type { Restarts } from "./reusable-mark.ts";
import { foldRestart } from "./reusable-mark.ts";
import type { WaitingSignals } from "./waiting-signals.ts";
import { keepSignal, noSignals } from "./waiting-signals.ts";

/** Mutable on purpose: it grows with the log, and copying a thousand entries per event would make replay quadratic. */
export interface EntryIndex extends Entries, WaitingSignals, Restarts {
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
    ...noEntries(),
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
  put(index, { ...opening(event), key, kind: "gate", name, gateId, reserve: NOTHING, ...byWhom });
}

function foldChild(
  index: EntryIndex,
  event: Of<`child.${string}` | "cancel.passed_on" | "budget.drawn" | "budget.granted">,
): void {
  switch (event.type) {
    case "child.started": {
      const { key, name, digest, childId, grant, adopted } = event.data;
      index.keyOfChild.set(childId, key);
      put(index, { ...opening(event), key, kind: "child", name, digest, childId, reserve: grant, adopted });
      break;
    }
    case "child.linked":
      link(index, event);
      break;
    case "child.waiting": {
      const { childId, waiting, childSeq = 0 } = event.data;
      change(index, keyOfChild(index, childId), (entry) =>
        entry.kind === "child" ? { ...entry, childWaiting: waiting, childSeq } : entry,
      );
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

/** What an entry has that other events than those of a try open. */
const opening = ({ seq }: Event) => ({ startedSeq: seq, status: "open", attempt: 1 }) as const;

/** Adds a child that only has its place beneath us: nothing is waited for, and nothing is paid. */
function link(index: EntryIndex, { seq, data }: Of<"child.linked">): void {
  const entry = linkedChild({ ...data, seq });
  index.keyOfChild.set(entry.childId, entry.key);
  put(index, entry);
}

function drawn(index: EntryIndex, data: { childId: string; drawId: string; amount: Amount }): void {
  index.draws.set(data.drawId, plus(index.draws.get(data.drawId) ?? NOTHING, data.amount));
  const key = keyOfChild(index, data.childId);
  change(index, key, (entry) => ({ ...entry, reserve: plus(entry.reserve, data.amount) }));
}

function keyOfChild(index: EntryIndex, childId: string): string {
  return index.keyOfChild.get(childId) ?? "";
}
