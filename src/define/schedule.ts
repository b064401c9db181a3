/** Schedules that code declares beside a function. They are made, changed and removed with the code, once it is deployed. */
import * as z from "zod";
import type { BudgetLimits } from "../domain/execution/budget.ts";
import { GivenLimits } from "../domain/execution/given-limits.ts";
import { SearchAttributes } from "../domain/execution/search-attributes.ts";
import { faultOfCron } from "../domain/schedule/cron.ts";
import { parseDuration } from "../domain/schedule/duration.ts";
import { isZone } from "../domain/schedule/zoned-time.ts";
import { Json } from "../domain/values/json.ts";
import { checked, Name } from "./checked.ts";

/** One of `cron`, `every` and `at` says when. */
export interface DeclaredSchedule {
  /** Unique among all schedules of the tenant. */
  readonly id: string;
  /** Whose its executions are: a subject of the tenant `default`, or of another one. */
  readonly owner: string | { readonly tenant: string; readonly subject: string };
  readonly input?: Readonly<Record<string, Json>>;
  /** Minute, hour, day, month, weekday; or six fields with seconds first. */
  readonly cron?: string;
  /** `"2s"`, `"15m"`, `"1h30m"`, or milliseconds. */
  readonly every?: string | number;
  readonly at?: string;
  /** An IANA name. Default UTC. */
  readonly timezone?: string;
  readonly overlap?: "skip" | "queue" | "allow";
  readonly jitter?: string | number;
  readonly catchUp?: "none" | "last" | "all";
  readonly catchUpLimit?: number;
  readonly startsAt?: string;
  readonly endsAt?: string;
  readonly maxRuns?: number;
  readonly sessionId?: string;
  /** Of each of its executions. */
  readonly budget?: BudgetLimits;
  readonly metadata?: Json;
  readonly attributes?: SearchAttributes;
  /** True when it is made paused; afterwards people pause and resume it. */
  readonly paused?: boolean;
}

const Duration = z
  .union([z.string(), z.number()])
  .refine((given) => typeof given === "number" || parseDuration(given) !== undefined, 'is no duration such as "15m"');
const Cron = z.string().superRefine((text, ctx) => {
  const fault = faultOfCron(text);
  if (fault) ctx.addIssue({ code: "custom", message: fault });
});

const Declared = z
  .strictObject({
    id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, "must match ^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$"),
    owner: z.union(
      [Name, z.strictObject({ tenant: Name, subject: Name })],
      "must name the subject that its executions belong to",
    ),
    input: z.record(z.string(), Json).optional(),
    cron: Cron.optional(),
    every: Duration.optional(),
    at: z.string().optional(),
    timezone: z.string().refine(isZone, "is no time zone such as Europe/Berlin").optional(),
    overlap: z.enum(["skip", "queue", "allow"]).optional(),
    jitter: Duration.optional(),
    catchUp: z.enum(["none", "last", "all"]).optional(),
    catchUpLimit: z.number().int().optional(),
    startsAt: z.iso.datetime({ offset: true }).optional(),
    endsAt: z.iso.datetime({ offset: true }).optional(),
    maxRuns: z.number().int().min(1).optional(),
    sessionId: Name.optional(),
    budget: GivenLimits.optional(),
    metadata: Json.optional(),
    attributes: SearchAttributes.optional(),
    paused: z.boolean().optional(),
  })
  .refine(
    ({ cron, every, at }) => [cron, every, at].filter((one) => one !== undefined).length === 1,
    "needs one of cron, every and at",
  );

/** Throws an error that begins with `who` and names the schedule and the field. */
export function checkedSchedules(who: string, schedules: readonly DeclaredSchedule[]): readonly DeclaredSchedule[] {
  checked(z.array(z.unknown()), schedules, `${who}: schedules`);
  for (const schedule of schedules) checked(Declared, schedule, `${who}: the schedule "${String(schedule?.id)}"`);
  return schedules;
}
