/** Where one schedule stands. Everything that it does is a change of this state, so a crash between two changes repeats one. */
import * as z from "zod";
import { SearchAttributes } from "../execution/search-attributes.ts";
import { Json } from "../values/json.ts";
import type { ScheduleSpec } from "./spec.ts";

/** An instant that is due and not dealt with, or a firing that a person asked for. */
const Entry = z.object({
  /** Names its execution: an instant is fired once under its name. */
  key: z.string(),
  atMs: z.number(),
  /** Asked for by a person. */
  manual: z.literal(true).optional(),
  /** It was missed and is caught up since this time. */
  caughtUpMs: z.number().optional(),
});
export type Entry = z.infer<typeof Entry>;

/** What is about to be started. It was written down before, as it was then: a change in between changes nothing. */
const Starting = z.object({
  entry: Entry,
  executionId: z.string(),
  /** Tries that were refused for now, or not heard. */
  failures: z.number(),
});
export type Starting = z.infer<typeof Starting>;

/** What the execution of a firing is made of; frozen with `starting`. */
export const Frozen = z.object({
  target: z.string(),
  input: z.record(z.string(), Json),
  sessionId: z.string().optional(),
  budget: z.record(z.string(), z.union([z.number(), z.string()])).optional(),
  metadata: Json.optional(),
  attributes: SearchAttributes.optional(),
});
export type Frozen = z.infer<typeof Frozen>;

export const ScheduleStatus = z.enum(["active", "paused", "ended"]);
export type ScheduleStatus = z.infer<typeof ScheduleStatus>;

export const ScheduleState = z.object({
  tenant: z.string(),
  owner: z.string(),
  id: z.string(),
  /** Drawn when it was made: one that is made again under the same id has other executions. */
  uid: z.string(),
  /** Declared in code. */
  declared: z.boolean(),
  /** Counts what the index is told of. */
  rev: z.number(),
  indexedRev: z.number(),
  status: z.union([ScheduleStatus, z.literal("deleted")]),
  /** Why it is paused or has ended. */
  reason: z.string().optional(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  /** What an interval is counted from. */
  anchorMs: z.number(),
  /** All instants up to here are dealt with, or wait. */
  cursorMs: z.number(),
  /** Firings of instants. */
  runs: z.number(),
  waiting: z.array(Entry),
  starting: Starting.optional(),
  /** Nothing is tried before. */
  retryAtMs: z.number().optional(),
  /** So much later than it wanted its alarm was set: a machine wakes few in one second. */
  pacedMs: z.number().optional(),
  /** Looks at the execution before, while an instant waits for it. */
  looks: z.number(),
  /** The execution that was started last. */
  lastId: z.string().optional(),
  /** The newest row of the history. */
  rows: z.number(),
});
type ScheduleMarks = z.infer<typeof ScheduleState>;

/** The marks are small and written often; the specification and what is frozen are large and written seldom. */
export interface Schedule extends ScheduleMarks {
  readonly spec: ScheduleSpec;
  readonly frozen?: Frozen | undefined;
}

export const Outcome = z.enum(["started", "skipped", "missed", "refused"]);

/** What became of an instant, or of all instants from `atMs` to `untilMs`. */
export const Firing = z.object({
  key: z.string(),
  atMs: z.number(),
  untilMs: z.number().optional(),
  outcome: Outcome,
  doneAtMs: z.number(),
  executionId: z.string().optional(),
  reason: z.string().optional(),
  manual: z.literal(true).optional(),
});
export type Firing = z.infer<typeof Firing>;

export interface NumberedFiring extends Firing {
  readonly n: number;
}

/** A change, and what it adds to the history. */
export interface Change {
  readonly schedule: Schedule;
  readonly firings: readonly Firing[];
}

export interface NewSchedule {
  readonly tenant: string;
  readonly owner: string;
  readonly id: string;
  readonly uid: string;
  readonly declared: boolean;
  readonly spec: ScheduleSpec;
  readonly paused: boolean;
}

export function newSchedule({ spec, paused, ...whose }: NewSchedule, nowMs: number, rev = 1): Schedule {
  return {
    ...whose,
    spec,
    rev,
    indexedRev: 0,
    status: paused ? "paused" : "active",
    ...(paused ? { reason: "it was made paused" } : {}),
    ...{ createdAtMs: nowMs, updatedAtMs: nowMs, anchorMs: nowMs, cursorMs: nowMs },
    ...{ runs: 0, waiting: [], looks: 0, rows: 0 },
  };
}
