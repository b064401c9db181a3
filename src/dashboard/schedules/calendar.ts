/**
 * Coming instants by the days of a calendar. Pure; days are the reader's.
 *
 * - Of each schedule so many next instants are known. On days behind the last of them a schedule that has more is said to go on,
 *   without a number.
 */
import type { ScheduleListed } from "../../client/schedules.ts";

export interface Coming {
  readonly schedule: Pick<ScheduleListed, "schedule_id" | "ends_at">;
  /** ISO times, ascending. */
  readonly instants: readonly string[];
  /** Whether more follow behind the last. */
  readonly more: boolean;
}

export interface DayEntry {
  readonly id: string;
  /** Instants of this day; undefined where the schedule goes on after the last instant that was read. */
  readonly count: number | undefined;
  /** Counted to this day's end. */
  readonly isWhole: boolean;
  readonly firstAt: string | undefined;
}

export interface Day {
  readonly startMs: number;
  readonly entries: readonly DayEntry[];
}

/** Midnight of the Monday on or before this instant. */
export function mondayOf(ms: number): number {
  const day = new Date(ms);
  day.setHours(0, 0, 0, 0);
  day.setDate(day.getDate() - ((day.getDay() + 6) % 7));
  return day.getTime();
}

/** `length` days from the one that begins at `startMs`; a day may have 23 or 25 hours. */
export function daysOf(startMs: number, length: number, coming: readonly Coming[]): readonly Day[] {
  return Array.from({ length }, (_, at) => {
    const [from, to] = [dayAfter(startMs, at), dayAfter(startMs, at + 1)];
    const entries = coming.flatMap((one) => entryOf(one, from, to) ?? []);
    return { startMs: from, entries: entries.sort((a, b) => ((a.firstAt ?? "~") < (b.firstAt ?? "~") ? -1 : 1)) };
  });
}

function dayAfter(startMs: number, days: number): number {
  const day = new Date(startMs);
  day.setDate(day.getDate() + days);
  return day.getTime();
}

function entryOf({ schedule, instants, more }: Coming, fromMs: number, toMs: number): DayEntry | undefined {
  const id = schedule.schedule_id;
  const here = instants.filter((at) => Date.parse(at) >= fromMs && Date.parse(at) < toMs);
  const lastMs = Date.parse(instants.at(-1) ?? "");
  const goesOn = more && lastMs < toMs && (schedule.ends_at === undefined || Date.parse(schedule.ends_at) >= fromMs);
  const [firstAt] = here;
  if (firstAt !== undefined) return { id, count: here.length, isWhole: !goesOn, firstAt };
  return goesOn && lastMs < fromMs ? { id, count: undefined, isWhole: false, firstAt: undefined } : undefined;
}
