/** What calls of schedules answer. */
import * as z from "zod";
import { AttributeValue } from "../../domain/execution/search-attributes.ts";
import { durationText } from "../../domain/schedule/duration.ts";
import type { When } from "../../domain/schedule/spec.ts";
import { CatchUp, Overlap } from "../../domain/schedule/spec.ts";
import type { NumberedFiring } from "../../domain/schedule/state.ts";
import { Outcome, ScheduleStatus } from "../../domain/schedule/state.ts";
import { Json } from "../../domain/values/json.ts";
import { iso } from "../wire.ts";

const Instant = z.iso.datetime();

/** As lists show it. */
export const ScheduleSummary = z.object({
  schedule_id: z.string(),
  target: z.string(),
  status: ScheduleStatus,
  paused: z.boolean(),
  reason: z.string().optional().describe("Why it is paused, or has ended."),
  owner: z.string(),
  declared: z.boolean().describe("True: the code of this deployment declares it."),
  cron: z.string().optional(),
  every: z.string().optional(),
  at: Instant.optional(),
  timezone: z.string(),
  overlap: Overlap,
  jitter: z.string(),
  catch_up: CatchUp,
  catch_up_limit: z.number().int(),
  starts_at: Instant.optional(),
  ends_at: Instant.optional(),
  max_runs: z.number().int().optional(),
  session_id: z.string().optional(),
  next_at: Instant.nullable().describe("The next instant; null while none follows, or while it is paused."),
  created_at: Instant,
  updated_at: Instant,
});
export const ScheduleBody = ScheduleSummary.extend({
  input: z.record(z.string(), Json),
  budget: z.record(z.string(), z.union([z.number(), z.string()])).optional(),
  metadata: Json.optional(),
  attributes: z.record(z.string(), AttributeValue).optional(),
  runs: z.number().int().describe("Firings of instants so far."),
  waiting: z.number().int().describe("Instants that are due and wait."),
  last_execution_id: z.string().optional(),
  next_instants: z.array(Instant).describe("The next five."),
});
export type ScheduleBody = z.infer<typeof ScheduleBody>;

export const ScheduleList = z.object({ items: z.array(ScheduleSummary), next_cursor: z.string().nullable() });

/** What lists and single answers share, in milliseconds. */
export interface ShownSchedule {
  readonly id: string;
  readonly owner: string;
  readonly status: z.infer<typeof ScheduleStatus>;
  readonly reason?: string | undefined;
  readonly target: string;
  readonly declared: boolean;
  readonly spec: {
    readonly when: When;
    readonly overlap: z.infer<typeof Overlap>;
    readonly jitterMs: number;
    readonly catchUp: z.infer<typeof CatchUp>;
    readonly catchUpLimit: number;
    readonly startsAtMs?: number | undefined;
    readonly endsAtMs?: number | undefined;
    readonly maxRuns?: number | undefined;
    readonly sessionId?: string | undefined;
  };
  readonly nextAtMs: number | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export function scheduleSummary(shown: ShownSchedule): z.infer<typeof ScheduleSummary> {
  const { id, owner, status, reason, target, declared, spec, nextAtMs, createdAtMs, updatedAtMs } = shown;
  const { when, overlap, jitterMs, catchUp, catchUpLimit, startsAtMs, endsAtMs, maxRuns, sessionId } = spec;
  return {
    ...{ schedule_id: id, target, status, paused: status === "paused", owner, declared },
    ...(reason === undefined ? {} : { reason }),
    ...(when.cron === undefined ? {} : { cron: when.cron }),
    ...(when.everyMs === undefined ? {} : { every: durationText(when.everyMs) }),
    ...(when.atMs === undefined ? {} : { at: iso(when.atMs) }),
    ...{ timezone: when.timezone, overlap, jitter: durationText(jitterMs) },
    ...{ catch_up: catchUp, catch_up_limit: catchUpLimit },
    ...(startsAtMs === undefined ? {} : { starts_at: iso(startsAtMs) }),
    ...(endsAtMs === undefined ? {} : { ends_at: iso(endsAtMs) }),
    ...(maxRuns === undefined ? {} : { max_runs: maxRuns }),
    ...(sessionId === undefined ? {} : { session_id: sessionId }),
    next_at: nextAtMs === undefined ? null : iso(nextAtMs),
    ...{ created_at: iso(createdAtMs), updated_at: iso(updatedAtMs) },
  };
}

const links = z.object({ execution: z.string() }).optional();
export const FiringBody = z.object({
  instant: Instant,
  until: Instant.optional().describe("Of missed instants: the last of them."),
  outcome: Outcome,
  reason: z.string().optional(),
  manual: z.boolean().describe("True: a person asked for it."),
  execution_id: z.string().optional(),
  at: Instant.describe("When it was dealt with."),
  links,
});
export const FiringList = z.object({ items: z.array(FiringBody), next_cursor: z.string().nullable() });

export function firingBody(firing: NumberedFiring): z.infer<typeof FiringBody> {
  const { atMs, untilMs, outcome, reason, manual = false, executionId, doneAtMs } = firing;
  return {
    instant: iso(atMs),
    ...(untilMs === undefined ? {} : { until: iso(untilMs) }),
    outcome,
    ...(reason === undefined ? {} : { reason }),
    manual,
    ...(executionId === undefined ? {} : { execution_id: executionId }),
    at: iso(doneAtMs),
    ...linksTo(executionId),
  };
}

export const TriggeredBody = z.object({
  schedule_id: z.string(),
  status: z
    .enum(["started", "waiting"])
    .describe("waiting: it is written down, and is tried again until it is started."),
  execution_id: z.string().optional(),
  links,
});

export function linksTo(executionId: string | undefined) {
  return executionId === undefined ? {} : { links: { execution: `/api/v1/executions/${executionId}` } };
}

export const NextBody = z.object({ schedule_id: z.string(), timezone: z.string(), instants: z.array(Instant) });
