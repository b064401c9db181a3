/** What callers of schedules send. Whether a pattern, a zone and an instant mean anything is looked at by operations/schedules/schedule-spec.ts. */
import * as z from "zod";
import { SearchAttributes } from "../../domain/execution/search-attributes.ts";
import { durationText, parseDuration } from "../../domain/schedule/duration.ts";
import { SCHEDULE_LIMITS } from "../../domain/schedule/limits.ts";
import { CatchUp, Overlap } from "../../domain/schedule/spec.ts";
import { ScheduleStatus } from "../../domain/schedule/state.ts";
import { Json } from "../../domain/values/json.ts";
import { ItemCursor } from "../cursors.ts";
import { Budget } from "../executions/requests.ts";
import { format } from "../exports.ts";
import { numberText, Word } from "../query-values.ts";

export const SCHEDULE_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
const ScheduleId = z.string().regex(SCHEDULE_ID, "must match ^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$");
const Label = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[\x20-\x2b\x2d-\x7e]+$/, "must be visible ASCII without a comma");
const Instant = z.iso.datetime({ offset: true });

/** `2s`, `15m`, `1h30m`, or milliseconds. */
function duration({ min, max }: { readonly min: number; readonly max: number }) {
  return z.union([z.string().max(40), z.number()]).transform((given, ctx) => {
    const ms = typeof given === "number" ? given : parseDuration(given);
    if (ms !== undefined && Number.isInteger(ms) && ms >= min && ms <= max) return ms;
    const range = `from ${durationText(min)} to ${durationText(max)}`;
    const message = `must be a duration ${range}: a text such as "2s", "15m" or "1h30m", or whole milliseconds`;
    ctx.addIssue({ code: "custom", message });
    return z.NEVER;
  });
}

const { everyMs, jitterMs, catchUp, maxRuns, cronLength, reasonLength } = SCHEDULE_LIMITS;

const timing = {
  cron: z
    .string()
    .min(1)
    .max(cronLength)
    .describe("Minute, hour, day, month, weekday; or six fields with seconds first. In the time zone."),
  every: duration(everyMs).describe('An interval: "2s", "15m", "1h30m", or milliseconds.'),
  at: z
    .string()
    .min(1)
    .max(40)
    .describe("Once, at this instant: 2026-12-24T18:00:00Z, or without an offset in the time zone."),
};
const rest = {
  timezone: z.string().min(1).max(64).describe("An IANA name such as Europe/Berlin. Default UTC."),
  overlap: Overlap.describe("What an instant does while the execution before it has not ended. Default skip."),
  jitter: duration({ min: 0, max: jitterMs }).describe("Each firing begins up to so much later. Default 0."),
  catch_up: CatchUp.describe(
    "Which of the instants that were missed are fired late. Default all, up to catch_up_limit.",
  ),
  catch_up_limit: z.number().int().min(1).max(catchUp.max).describe(`Default ${catchUp.usual}.`),
  session_id: Label.describe("Of its executions."),
  budget: Budget,
  metadata: Json,
  attributes: SearchAttributes.describe("Search attributes of its executions: lists find them by these."),
  starts_at: Instant.describe("No instant before. An interval begins with it."),
  ends_at: Instant.describe("No instant after."),
  max_runs: z.number().int().min(1).max(maxRuns).describe("It has ended after so many firings."),
};
const Input = z.record(z.string(), Json);
const Target = z.string().min(1).max(300);

export const ScheduleRequest = z.object({
  schedule_id: ScheduleId.optional().describe(
    "Of your own choosing, unique in your tenant. Default one that is made up.",
  ),
  target: Target.describe("What to run, as agent.function."),
  input: Input.default({}).describe("The function's input, of each execution."),
  cron: timing.cron.optional(),
  every: timing.every.optional(),
  at: timing.at.optional(),
  timezone: rest.timezone.optional(),
  overlap: rest.overlap.optional(),
  jitter: rest.jitter.optional(),
  catch_up: rest.catch_up.optional(),
  catch_up_limit: rest.catch_up_limit.optional(),
  starts_at: rest.starts_at.nullish(),
  ends_at: rest.ends_at.nullish(),
  max_runs: rest.max_runs.nullish(),
  session_id: rest.session_id.nullish(),
  budget: rest.budget.nullish(),
  metadata: rest.metadata.nullish(),
  attributes: rest.attributes.nullish(),
  paused: z.boolean().optional(),
});
export type ScheduleRequest = z.infer<typeof ScheduleRequest>;

/** Only what is sent is changed; `null` takes a field away. */
export const ScheduleChange = ScheduleRequest.omit({ schedule_id: true }).extend({
  target: Target.optional(),
  input: Input.optional(),
});
export type ScheduleChange = z.infer<typeof ScheduleChange>;

export const ScheduleReason = z.object({ reason: z.string().max(reasonLength).optional() });

export const TriggerHeaders = z.object({ "idempotency-key": Label.optional() });

export const SchedulesQuery = z.object({
  limit: numberText(z.number().int().min(1).max(200)).default(25),
  cursor: ItemCursor.optional().describe("next_cursor of the page before."),
  status: ScheduleStatus.optional(),
  target: Word.optional(),
  format,
});
export type SchedulesQuery = z.infer<typeof SchedulesQuery>;

export const HistoryQuery = z.object({
  limit: numberText(z.number().int().min(1).max(200)).default(25),
  cursor: z
    .string()
    .transform((text, ctx) => {
      if (/^\d{1,15}$/.test(text)) return Number(text);
      ctx.addIssue({ code: "custom", message: "is no cursor of ours", params: { fault: "invalid_cursor" } });
      return z.NEVER;
    })
    .optional()
    .describe("next_cursor of the page before."),
});

export const NextQuery = z.object({
  count: numberText(z.number().int().min(1).max(100)).default(5).describe("How many instants."),
});
