/** Which instants are due, which of them are fired, and when the schedule has to be looked at next. */
import { ON_TIME_MS, SCHEDULE_LIMITS } from "./limits.ts";
import { instantAfter, jitterOf, newestInstants } from "./spec.ts";
import type { Change, Entry, Firing, Schedule } from "./state.ts";

/** The time at which an instant is fired. */
const dueAt = ({ uid, spec }: Schedule, instantMs: number) => instantMs + jitterOf(uid, instantMs, spec.jitterMs);

export function nextInstant(schedule: Schedule): number | undefined {
  const { spec, anchorMs, cursorMs } = schedule;
  if (spec.maxRuns !== undefined && runsTaken(schedule) >= spec.maxRuns) return undefined;
  return instantAfter(spec, anchorMs, cursorMs);
}

/** Moves what is due to what waits, as `catch_up` says. `undefined` when nothing is due and nothing has ended. */
export function takeDue(schedule: Schedule, nowMs: number): Change | undefined {
  if (schedule.status !== "active") return undefined;
  const first = nextInstant(schedule);
  if (first === undefined) return endedIfDone(schedule, nowMs);
  if (dueAt(schedule, first) > nowMs) return undefined;
  const due = dueInstants(schedule, first, nowMs);
  const last = due.at(-1) ?? first;
  const { maxRuns } = schedule.spec;
  const lastIsLate = nowMs - dueAt(schedule, last) > ON_TIME_MS + (schedule.pacedMs ?? 0);
  const isLate = due.length > 1 || lastIsLate;
  const chosen = chosenOf(schedule, { due, isLate, lastIsLate });
  const room = maxRuns === undefined ? chosen.length : maxRuns - runsTaken(schedule);
  const fired = chosen.slice(0, Math.max(0, room));
  const missed = missedOf(schedule, { first, last, fired }, nowMs);
  const entries = fired.map((atMs): Entry => ({ key: keyOf(atMs), atMs, ...(isLate ? { caughtUpMs: nowMs } : {}) }));
  return {
    schedule: { ...schedule, cursorMs: last, waiting: [...schedule.waiting, ...entries] },
    firings: missed,
  };
}

/** Runs that count for `max_runs`: those that were made, and those that wait or are being started. */
function runsTaken({ runs, waiting, starting }: Schedule): number {
  return runs + [...waiting, ...(starting ? [starting.entry] : [])].filter(({ manual }) => !manual).length;
}

/** All that are due, or where there are more than are caught up, the newest of them. */
function dueInstants(schedule: Schedule, first: number, nowMs: number): number[] {
  const { spec, anchorMs, cursorMs } = schedule;
  const most = spec.catchUpLimit;
  const found: number[] = [];
  for (let at: number | undefined = first; at !== undefined; at = instantAfter(spec, anchorMs, at)) {
    if (dueAt(schedule, at) > nowMs) return found;
    found.push(at);
    if (found.length > most) break;
  }
  if (found.length <= most) return found;
  const upToMs = nowMs - spec.jitterMs;
  const newest = newestInstants(spec, { anchorMs, afterMs: cursorMs, upToMs, count: most });
  return newest.length > 0 ? newest : found;
}

function chosenOf(
  { spec }: Schedule,
  {
    due,
    isLate,
    lastIsLate,
  }: { readonly due: readonly number[]; readonly isLate: boolean; readonly lastIsLate: boolean },
): readonly number[] {
  if (!isLate) return due;
  switch (spec.catchUp) {
    case "all":
      return due.slice(-spec.catchUpLimit);
    case "last":
      return due.slice(-1);
    case "none":
      return lastIsLate ? [] : due.slice(-1);
  }
}

interface Taken {
  readonly first: number;
  readonly last: number;
  readonly fired: readonly number[];
}

/** One row for all instants that were missed: they lie before those that are fired. */
function missedOf({ spec, anchorMs, cursorMs }: Schedule, { first, last, fired }: Taken, doneAtMs: number): Firing[] {
  const [firstFired] = fired;
  if (firstFired === first) return [];
  const range = { anchorMs, afterMs: cursorMs, upToMs: firstFired === undefined ? last : firstFired - 1, count: 1 };
  const [until = first] = newestInstants(spec, range);
  const reason = "they were due while nothing ran, and catch_up leaves them out";
  const through = until > first ? { untilMs: until } : {};
  return [{ key: keyOf(first), atMs: first, ...through, outcome: "missed", doneAtMs, reason }];
}

const keyOf = (instantMs: number) => new Date(instantMs).toISOString();

function endedIfDone(schedule: Schedule, nowMs: number): Change | undefined {
  if (schedule.waiting.length > 0 || schedule.starting) return undefined;
  const { runs, spec } = schedule;
  const full = spec.maxRuns !== undefined && runs >= spec.maxRuns;
  const reason = full ? `it has run ${runs} times, as max_runs says` : "no instant follows";
  return { schedule: changed({ ...schedule, status: "ended", reason }, nowMs), firings: [] };
}

/** With a new revision: the index is told. */
export function changed(schedule: Schedule, nowMs: number): Schedule {
  return { ...schedule, rev: schedule.rev + 1, updatedAtMs: nowMs };
}

/** While something is under way: the alarm stands for a death in between. */
const AFTER_A_DEATH_MS = 2_000;
const INDEX_AGAIN_MS = 15_000;

/** When the alarm has to go off; `undefined`: never, which costs nothing. */
export function wakeAt(schedule: Schedule, nowMs: number): number | undefined {
  const { status, waiting, starting, retryAtMs, rev, indexedRev } = schedule;
  const times: number[] = [];
  if (status === "active") {
    const next = nextInstant(schedule);
    if (next !== undefined) times.push(dueAt(schedule, next));
    else if (waiting.length === 0 && !starting) times.push(nowMs);
  }
  if (starting || waiting.some((entry) => mayBegin(schedule, entry))) times.push(retryAtMs ?? nowMs + AFTER_A_DEATH_MS);
  if (rev > indexedRev) times.push(nowMs + INDEX_AGAIN_MS);
  return times.length === 0 ? undefined : Math.max(nowMs, Math.min(...times));
}

/** With the time at which its alarm goes off, where it wanted `wantedMs`. */
export function pacedAs(schedule: Schedule, { wantedMs, atMs }: { wantedMs?: number; atMs?: number }): Schedule {
  const { pacedMs: _before, ...rest } = schedule;
  return wantedMs === undefined || atMs === undefined || atMs <= wantedMs
    ? rest
    : { ...rest, pacedMs: atMs - wantedMs };
}

/** A paused schedule starts nothing but what a person asks for. */
export function mayBegin({ status }: Schedule, { manual }: Entry): boolean {
  return status === "active" || status === "ended" || (manual === true && status !== "deleted");
}

/** As many as wait are kept; a row says which are not. */
export function withinRoom({ schedule, firings }: Change, nowMs: number): Change {
  const over = schedule.waiting.length - SCHEDULE_LIMITS.waiting;
  if (over <= 0) return { schedule, firings };
  const reason = `${SCHEDULE_LIMITS.waiting} instants wait already`;
  const dropped = schedule.waiting.slice(SCHEDULE_LIMITS.waiting);
  const rows = dropped.map(({ key, atMs }): Firing => ({ key, atMs, outcome: "skipped", doneAtMs: nowMs, reason }));
  return {
    schedule: { ...schedule, waiting: schedule.waiting.slice(0, SCHEDULE_LIMITS.waiting) },
    firings: [...firings, ...rows],
  };
}
