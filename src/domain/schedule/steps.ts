/** What a schedule does next, and what each answer changes. Pure: the worker acts, and writes down each change before the next act. */
import { backoffMs, CALL_BACKOFF, LOOK_BACKOFF } from "../values/backoff.ts";
import { changed, mayBegin } from "./due.ts";
import { CAUGHT_UP_WAITS_MS } from "./limits.ts";
import type { Change, Entry, Firing, Frozen, Schedule } from "./state.ts";

export type Step =
  /** Nothing can be done now. */
  | { readonly do: "rest" }
  /** The start was written down: it is made, or found made. */
  | { readonly do: "start" }
  /** Whether the execution before has ended decides about this entry. */
  | { readonly do: "look"; readonly entry: Entry; readonly executionId: string }
  | { readonly do: "begin"; readonly entry: Entry };

export function nextStep(schedule: Schedule, nowMs: number): Step {
  const { status, starting, waiting, retryAtMs, lastId, spec } = schedule;
  if (status === "deleted") return { do: "rest" };
  const manual = waiting.find((entry) => entry.manual);
  if (retryAtMs !== undefined && retryAtMs > nowMs && (starting || !manual)) return { do: "rest" };
  if (starting) return { do: "start" };
  const entry = manual ?? waiting[0];
  if (!entry || !mayBegin(schedule, entry)) return { do: "rest" };
  if (entry.manual || spec.overlap === "allow" || lastId === undefined) return { do: "begin", entry };
  return { do: "look", entry, executionId: lastId };
}

const without = ({ waiting }: Schedule, { key }: Entry) => waiting.filter((entry) => entry.key !== key);

/** Written down before the start is made: from here on it is made, whatever crashes. */
export function begin(schedule: Schedule, entry: Entry, executionId: string): Change {
  const { target, input, sessionId, budget, metadata, attributes } = schedule.spec;
  const frozen: Frozen = {
    ...{ target, input },
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(budget === undefined ? {} : { budget }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(attributes === undefined ? {} : { attributes }),
  };
  const starting = { entry, executionId, failures: 0 };
  return {
    schedule: { ...schedule, waiting: without(schedule, entry), starting, frozen, retryAtMs: undefined, looks: 0 },
    firings: [],
  };
}

/** The execution before `entry` has not ended. */
export function overlapped(schedule: Schedule, entry: Entry, nowMs: number): Change {
  const waits = entry.caughtUpMs !== undefined && nowMs - entry.caughtUpMs < CAUGHT_UP_WAITS_MS;
  if (schedule.spec.overlap === "skip" && !waits) {
    const { key, atMs } = entry;
    const reason = `${schedule.lastId} has not ended, and overlap is skip`;
    const row: Firing = { key, atMs, outcome: "skipped", doneAtMs: nowMs, reason };
    return {
      schedule: { ...schedule, waiting: without(schedule, entry), retryAtMs: undefined, looks: 0 },
      firings: [row],
    };
  }
  return lookLater(schedule, nowMs);
}

/** The execution before could not be asked, or is waited for. */
export function lookLater(schedule: Schedule, nowMs: number): Change {
  const looks = schedule.looks + 1;
  return { schedule: { ...schedule, looks, retryAtMs: nowMs + backoffMs(LOOK_BACKOFF, looks) }, firings: [] };
}

/** The start was made, now or before a crash. */
export function started(schedule: Schedule, nowMs: number): Change {
  const { starting } = schedule;
  if (!starting) return { schedule, firings: [] };
  const { entry, executionId } = starting;
  const row: Firing = { ...rowOf(entry), outcome: "started", doneAtMs: nowMs, executionId };
  const runs = schedule.runs + (entry.manual ? 0 : 1);
  return { schedule: { ...settled(schedule), runs, lastId: executionId }, firings: [row] };
}

/** The start was refused, and the same start would be again: the schedule pauses and says why. */
export function refused(schedule: Schedule, why: string, nowMs: number): Change {
  const { starting } = schedule;
  if (!starting) return { schedule, firings: [] };
  const row: Firing = { ...rowOf(starting.entry), outcome: "refused", doneAtMs: nowMs, reason: why };
  const rest = settled(schedule);
  if (schedule.status === "deleted") return { schedule: rest, firings: [row] };
  return { schedule: changed({ ...rest, status: "paused", reason: why }, nowMs), firings: [row] };
}

/** Nothing was heard of it, or it was refused for now. */
export function failed(schedule: Schedule, nowMs: number): Change {
  const { starting } = schedule;
  if (!starting) return { schedule, firings: [] };
  const failures = starting.failures + 1;
  const retryAtMs = nowMs + backoffMs(CALL_BACKOFF, failures);
  return { schedule: { ...schedule, starting: { ...starting, failures }, retryAtMs }, firings: [] };
}

function rowOf({ key, atMs, manual }: Entry) {
  return { key, atMs, ...(manual ? { manual } : {}) };
}

function settled(schedule: Schedule): Schedule {
  return { ...schedule, starting: undefined, frozen: undefined, retryAtMs: undefined, looks: 0 };
}
