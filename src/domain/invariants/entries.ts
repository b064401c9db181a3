/** The questions of `invariants.ts` that follow single entries, approvals and amounts through the log. */
import type { OpenApproval } from "../execution/approval.ts";
import { rulesOf } from "../execution/approval.ts";
import { DEFAULT_MAX_RECOVERIES, exceededLimit, isNothing, minus, NOTHING, plus } from "../execution/budget.ts";
import type { ChainVerdict } from "../execution/chain.ts";
import type { Event } from "../execution/event.ts";
import type { OutboxEntry } from "../execution/outbox-entry.ts";
import type { ExecutionState } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";
import type { EntryIndex } from "../fold/entry-index.ts";
import type { SubtaskState } from "../work/subtask-state.ts";

export interface InvariantView {
  /** The log from its first event on. Read once, an event at a time. */
  readonly events: Iterable<Event>;
  readonly state: ExecutionState;
  /** Absent when no alarm is armed. */
  readonly alarmAtMs?: number;
  readonly timers?: ReadonlyMap<string, number>;
  /** What is owed to others, by id. */
  readonly outbox?: ReadonlyMap<string, { readonly message: OutboxEntry }>;
  /** The rows of the open approvals, as they stand beside the log. */
  readonly approvals?: readonly OpenApproval[];
  /** The rows of the work of a plan, as they stand beside the log. */
  readonly work?: WorkRows;
  /** Whether the events are those that were appended. */
  readonly chain?: ChainVerdict;
  /** The digest that the log's digests were made with. */
  readonly digest?: (text: string) => string;
  readonly now: number;
}

/** The rows of the work of a plan, as they lie beside the log. */
export interface WorkRows {
  /** Of the subtasks that anything happened to. */
  states(): Iterable<SubtaskState>;
  /** Where in the log a report is said to be. */
  seqOf(report: { readonly agent: string; readonly eventId: string }): number | undefined;
}

/** What speaks against a promise. */
export interface Evidence {
  readonly seqs: readonly number[];
  readonly detail: string;
}

/** One event of the log, with what it did. */
export interface Step {
  readonly event: Event;
  /** Place in the log: 0 is the first. */
  readonly position: number;
  readonly before: ExecutionState | undefined;
  readonly after: ExecutionState | undefined;
  /** It stands behind the event that ended the execution. */
  readonly isLate: boolean;
  /** Folded up to this event. */
  readonly index: EntryIndex;
}

/** Looks at the log event by event. Of values it keeps nothing, so a log of any size is checked in little memory. */
export type Check = (step: Step) => readonly Evidence[];

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

/** Tries of effects that began again although nothing in the log allowed it (P2). */
export function unaskedRepeats(): Check {
  const allowed = new Set<string>();
  const begun = new Set<string>();
  return ({ event }) => {
    if (event.type === "effect.resolved" && event.data.resolution === "retry") allowed.add(event.data.key);
    if ((event.type === "step.failed" || event.type === "tool.failed") && isKnownFailure(event))
      allowed.add(event.data.key);
    if (event.type !== "step.started" && event.type !== "tool.started") return [];
    const { key, attempt } = event.data;
    const isRepeat = begun.has(key) && touchesOutside(event) && !allowed.delete(key) && !isSafe(event);
    begun.add(key);
    if (!isRepeat) return [];
    const detail = `"${key}" began try ${attempt} although the one before may have happened`;
    return [{ seqs: [event.seq], detail }];
  };
}

/** A timeout says nothing about the outside, so it allows nothing. */
const isKnownFailure = ({ data }: Of<"step.failed" | "tool.failed">) =>
  data.retryAtMs !== undefined && data.timedOut !== true;
const touchesOutside = ({ data }: Of<"step.started" | "tool.started">) =>
  data.kind === "effect" || data.kind === "tool" || data.kind === "external";
const isSafe = ({ data }: Of<"step.started" | "tool.started">) =>
  (data.idempotent === true && data.onInterrupt === undefined) || data.onInterrupt === "retry";

const ENDS: readonly string[] = [
  "step.completed",
  "tool.completed",
  "turn.completed",
  "child.finished",
  "gate.decided",
  "gate.expired",
];

/** Entries that finished more than once. */
export function doneTwice(): Check {
  const done = new Set<string>();
  return ({ event: { type, seq, data } }) => {
    const failed =
      type.endsWith(".failed") && "attempt" in data && !("retryAtMs" in data && data.retryAtMs !== undefined);
    const review = "gateId" in data && "kind" in data && data.kind === "review";
    if ((!ENDS.includes(type) && !failed) || review || !("key" in data) || data.key === undefined) return [];
    if (done.has(data.key)) return [{ seqs: [seq], detail: `"${data.key}" finished twice` }];
    done.add(data.key);
    return [];
  };
}

/** States in which more was spent or set aside than a limit or the parent's grant allows (P4). */
export function brokenBudgets(): Check {
  return ({ event, before, after: state }) => {
    // Later events can only give back; what a late result really cost is a fact and no decision of ours.
    if (!state || (before && isTerminal(before.status))) return [];
    const found: Evidence[] = [];
    const limit = exceededLimit({ ...state, spent: NOTHING, reserved: NOTHING }, plus(state.spent, state.reserved));
    const grown = before ? minus(plus(state.spent, state.reserved), plus(before.spent, before.reserved)) : NOTHING;
    if (limit && !isNothing(grown)) found.push({ seqs: [event.seq], detail: `${limit} is passed` });
    const over = state.granted ? minus(plus(state.spent, state.reserved), state.granted) : NOTHING;
    if (!isNothing(over) && !isNothing(grown))
      found.push({ seqs: [event.seq], detail: "the parent's grant is passed" });
    if (tooManyRecoveries(state)) found.push({ seqs: [event.seq], detail: "it went on after too many recoveries" });
    return found;
  };
}

function tooManyRecoveries({ status, limits, recoveriesWithoutProgress }: ExecutionState): boolean {
  const most = limits.maxRecoveries ?? DEFAULT_MAX_RECOVERIES;
  return recoveriesWithoutProgress > most + 1 && !isTerminal(status);
}

/** Decisions about approvals that were not open then, or by a person whom their rules exclude (P6). */
export function unboundDecisions(owner: string): Check {
  const open = new Map<string, ReturnType<typeof rulesOf>>();
  const known = new Set<string>();
  return ({ event: { type, seq, data } }) => {
    const found: Evidence[] = [];
    if (type === "gate.opened") {
      if (known.has(data.gateId)) found.push({ seqs: [seq], detail: `the gate ${data.gateId} was opened twice` });
      known.add(data.gateId);
      open.set(data.gateId, rulesOf(data));
    }
    // It lost its race: a decision that comes later is about nothing.
    if (type === "entry.withdrawn" && data.gateId !== undefined) open.delete(data.gateId);
    if (type === "gate.decided" && isExcluded(open.get(data.gateId), data.verdict.decidedBy, owner))
      found.push({ seqs: [seq], detail: `the gate ${data.gateId} was decided by a person whom its rules exclude` });
    if ((type === "gate.decided" || type === "gate.expired") && !open.delete(data.gateId))
      found.push({ seqs: [seq], detail: `a decision about the gate ${data.gateId}, which was not open` });
    return found;
  };
}

function isExcluded(approval: ReturnType<typeof rulesOf> | undefined, by: string | undefined, owner: string): boolean {
  const { approvers, fourEyes = false } = approval ?? {};
  return (approvers !== undefined && !approvers.includes(by ?? "")) || (fourEyes && by === owner);
}

/** Files are kept for a time, also when the execution has ended. */
export function keepsFiles(hasFiles: boolean, { filesExpiredAtMs }: ExecutionState): boolean {
  return hasFiles && filesExpiredAtMs === undefined;
}
