/** One row of the index of schedules: what lists show. Written by the schedule's actor, read by lists. */
import * as z from "zod";
import type { Cursor, ReadSession } from "../read-models/summary.ts";
import { ScheduleStatus } from "./state.ts";

export const ScheduleRow = z.object({
  tenant: z.string(),
  id: z.string(),
  owner: z.string(),
  /** Counts the changes of the schedule: an older row never overwrites a newer one. */
  rev: z.number(),
  status: ScheduleStatus,
  reason: z.string().nullable(),
  target: z.string(),
  declared: z.boolean(),
  /** When it fires, as JSON. */
  spec: z.string(),
  anchorMs: z.number(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
});
export type ScheduleRow = z.infer<typeof ScheduleRow>;

export interface ScheduleFilter {
  readonly tenant: string;
  readonly owner: string | undefined;
  readonly status: ScheduleStatus | undefined;
  readonly target: string | undefined;
  readonly from: Cursor | undefined;
  readonly limit: number;
  readonly session?: ReadSession | undefined;
}
