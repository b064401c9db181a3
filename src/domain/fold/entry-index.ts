/**
 * The journal, read out of the log: what the program asked of the outside and what came of it. An entry is folded from
 * events by `foldEntry` and from nothing else, so a live activation and a replay see the same.
 *
 * - An entry finishes once; what it finished with never changes. The index says where that stands and keeps no value:
 *   `entry-value.ts` reads it out of its event.
 * - `completions` holds finished entries in the order of the log; replay delivers them in that order (E1).
 * - Entries belong to the program by key; events without a key (notes of people, cancels) make no entry.
 */

import type { Event } from "../execution/event.ts";
import { has } from "../execution/event-traits.ts";
import { unreachable } from "../values/json.ts";
import { completed, failed, foldDoubt, started, withdrawn } from "./activities.ts";
import type { ApprovalEntries } from "./approval-entries.ts";
import { foldApproval, noApprovals } from "./approval-entries.ts";
import type { ChildEntries } from "./child-entries.ts";
import { foldChild, noChildren } from "./child-entries.ts";
import type { Entries } from "./entries.ts";
import { noEntries } from "./entries.ts";
import { foldExternal } from "./external.ts";
import { foldRecorded } from "./recorded.ts";
import type { ReportedCalls } from "./reported-calls.ts";
import { foldCalls, noCalls } from "./reported-calls.ts";
import type { Restarts } from "./reusable-mark.ts";
import { foldRestart } from "./reusable-mark.ts";
import type { WaitingSignals } from "./waiting-signals.ts";
import { keepSignal, noSignals } from "./waiting-signals.ts";

/** Mutable on purpose: it grows with the log, and copying a thousand entries per event would make replay quadratic. */
export interface EntryIndex extends Entries, WaitingSignals, ApprovalEntries, ChildEntries, Restarts, ReportedCalls {
  /** Keys of notes, progress and attempts, which are said once and never answered. */
  readonly recorded: Set<string>;
  /** Where the first answer that validators rejected stands in the log. */
  rejectedSeq: number | undefined;
  seq: number;
}

export function emptyIndex(): EntryIndex {
  return {
    ...noEntries(),
    ...noSignals(),
    ...noApprovals(),
    ...noChildren(),
    ...noCalls(),
    recorded: new Set(),
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
    case "attributes.set":
    case "attempt.started":
    case "attempt.completed":
    case "attempt.rejected":
      return foldRecorded(index, event);
    case "log.reported":
      return foldCalls(index, event);
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
    case "external.sending":
    case "external.unsent":
    case "external.accepted":
    case "external.storing":
    case "external.waiting":
    case "external.extended":
    case "external.receiver_gone":
      return foldExternal(index, event);
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
