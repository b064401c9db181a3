/** What people change about a schedule. */
import { canonicalJson } from "../values/json.ts";
import { changed, nextInstant } from "./due.ts";
import type { ScheduleSpec } from "./spec.ts";
import type { Entry, Schedule } from "./state.ts";

const isSame = (a: unknown, b: unknown) => canonicalJson(a) === canonicalJson(b);

/** Of when it fires: what lies before the change is not fired anew. */
const TIMES = ["when", "startsAtMs", "endsAtMs", "maxRuns"] as const;

/** The same with another specification. One that had ended goes on if an instant follows. */
export function respecified(schedule: Schedule, spec: ScheduleSpec, nowMs: number): Schedule {
  if (isSame(schedule.spec, spec)) return schedule;
  if (TIMES.every((name) => isSame(schedule.spec[name], spec[name]))) return changed({ ...schedule, spec }, nowMs);
  const anchorMs = isSame(schedule.spec.when, spec.when) ? schedule.anchorMs : nowMs;
  const cursorMs = Math.max(schedule.cursorMs, nowMs);
  const next = changed({ ...schedule, spec, anchorMs, cursorMs }, nowMs);
  const goesOn = schedule.status === "ended" && nextInstant(next) !== undefined;
  return goesOn ? { ...next, status: "active", reason: undefined } : next;
}

/** Instants that wait are dropped; one that is being started is started. */
export function paused(schedule: Schedule, reason: string, nowMs: number): Schedule {
  if (schedule.status !== "active") return schedule;
  const waiting = schedule.waiting.filter(({ manual }) => manual);
  return changed({ ...schedule, status: "paused", reason, waiting }, nowMs);
}

/** What was due while it was paused is not caught up. */
export function resumed(schedule: Schedule, nowMs: number): Schedule {
  if (schedule.status !== "paused") return schedule;
  const cursorMs = Math.max(schedule.cursorMs, nowMs);
  return changed({ ...schedule, status: "active", reason: undefined, cursorMs }, nowMs);
}

/** Before all others, whatever `overlap` says, and while it is paused too. */
export function triggered(schedule: Schedule, key: string, nowMs: number): Schedule {
  const entry: Entry = { key, atMs: nowMs, manual: true };
  return { ...schedule, waiting: [entry, ...schedule.waiting] };
}

export function deleted(schedule: Schedule, nowMs: number): Schedule {
  const nothing = { waiting: [], starting: undefined, frozen: undefined, retryAtMs: undefined };
  return changed({ ...schedule, ...nothing, status: "deleted" }, nowMs);
}
