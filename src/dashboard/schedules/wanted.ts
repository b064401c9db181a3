/** A schedule as it is typed into the form, and as the server takes it. Pure. */
import type { NewSchedule, ScheduleRecord, Schedules } from "../../client/schedules.ts";

export type Kind = "every" | "cron" | "at";

/** What was typed; empty: the default, or taken away. */
export interface Typed {
  readonly target: string;
  readonly kind: Kind;
  readonly when: string;
  readonly timezone: string;
  readonly overlap: ScheduleRecord["overlap"];
  readonly catchUp: ScheduleRecord["catch_up"];
  readonly jitter: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly maxRuns: string;
  readonly session: string;
  /** Of a new schedule. */
  readonly id: string;
}

export function newTyped(timezone: string): Typed {
  return {
    ...{ target: "", kind: "every", when: "", timezone, overlap: "skip", catchUp: "all", jitter: "" },
    ...{ startsAt: "", endsAt: "", maxRuns: "", session: "", id: "" },
  };
}

/** A schedule that is there, as the form shows it. */
export function typedOf(schedule: ScheduleRecord): Typed {
  const { cron, every, at, jitter, max_runs: maxRuns } = schedule;
  return {
    target: schedule.target,
    kind: cron !== undefined ? "cron" : every !== undefined ? "every" : "at",
    when: cron ?? every ?? at ?? "",
    timezone: schedule.timezone,
    overlap: schedule.overlap,
    catchUp: schedule.catch_up,
    jitter: /^0\D/.test(jitter) ? "" : jitter,
    startsAt: schedule.starts_at ?? "",
    endsAt: schedule.ends_at ?? "",
    maxRuns: maxRuns === undefined ? "" : String(maxRuns),
    session: schedule.session_id ?? "",
    id: schedule.schedule_id,
  };
}

type Input = NonNullable<NewSchedule["input"]>;
type Change = Parameters<Schedules["change"]>[1];

/** What a new schedule is made of. */
export function scheduleOf(typed: Typed, input: Input): NewSchedule {
  const { target, id } = trimmed(typed);
  return {
    target,
    ...timingOf(typed),
    ...withoutNulls(limitsOf(typed)),
    input,
    ...(id === "" ? {} : { schedule_id: id }),
  };
}

/** Only what differs from the schedule that is there; `null` takes a field away. `input` is undefined where it was not changed. */
export function changeOf(before: ScheduleRecord, typed: Typed, input: Input | undefined): Change {
  const known = typedOf(before);
  const all = { target: typed.target, ...timingOf(typed), ...limitsOf(typed) };
  const old = { target: known.target, ...timingOf(known), ...limitsOf(known) };
  const was = new Map<string, unknown>(Object.entries(old));
  const changed = Object.entries(all).filter(([name, value]) => was.get(name) !== value);
  return { ...Object.fromEntries(changed), ...(input === undefined ? {} : { input }) };
}

const TEXTS = ["target", "when", "timezone", "jitter", "startsAt", "endsAt", "maxRuns", "session", "id"] as const;

function trimmed(typed: Typed): Typed {
  return { ...typed, ...Object.fromEntries(TEXTS.map((name) => [name, typed[name].trim()])) };
}

function timingOf(typed: Typed) {
  const { kind, when, timezone, overlap, catchUp, jitter } = trimmed(typed);
  return {
    ...{ [kind]: when, timezone: timezone === "" ? "UTC" : timezone, overlap, catch_up: catchUp },
    jitter: jitter === "" ? 0 : jitter,
  };
}

function limitsOf(typed: Typed) {
  const { startsAt, endsAt, maxRuns, session } = trimmed(typed);
  return {
    starts_at: startsAt === "" ? null : startsAt,
    ends_at: endsAt === "" ? null : endsAt,
    max_runs: maxRuns === "" ? null : Number(maxRuns),
    session_id: session === "" ? null : session,
  };
}

function withoutNulls<T extends object>(fields: T) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
