/** What agents report of their work, in the words of /api, and what a report moves. */
import * as z from "zod";
import { Json } from "../values/json.ts";

export const ReportType = z.enum([
  "heartbeat",
  "task_started",
  "task_progress",
  "task_complete",
  "task_error",
  "task_blocked",
  "subtask_complete",
]);
export type ReportType = z.infer<typeof ReportType>;

export const REPORT_STATUSES = ["running", "success", "error", "blocked", "paused"] as const;

/** What was reported, as it is kept: message and error message are masked before. */
export const Reported = z.object({
  eventId: z.string(),
  agent: z.string(),
  eventType: ReportType,
  /** As they were sent: each may name a task or a subtask. */
  taskId: z.string().optional(),
  subtaskId: z.string().optional(),
  status: z.enum(REPORT_STATUSES).optional(),
  message: z.string().optional(),
  output: Json.optional(),
  errorType: z.string().optional(),
  errorMessage: z.string().optional(),
  review: z.boolean().optional(),
  suggestions: z.array(z.string()).optional(),
  blocking: z.boolean().optional(),
  agentAtMs: z.number().optional(),
});
export type Reported = z.infer<typeof Reported>;

/**
 * What a report does to its subtask. `renewed`: only its lease lasts longer. `deadlineMs`: the lease's new end, where that moved
 * by enough to be written.
 */
export const ReportMove = z.discriminatedUnion("to", [
  z.object({ to: z.enum(["started", "progress"]), subtask: z.string(), deadlineMs: z.number().optional() }),
  z.object({ to: z.literal("awaiting"), subtask: z.string(), deadlineMs: z.number() }),
  z.object({ to: z.literal("completed"), subtask: z.string() }),
  z.object({ to: z.literal("failed"), subtask: z.string() }),
  z.object({ to: z.literal("delayed"), subtask: z.string(), retryAtMs: z.number() }),
  z.object({
    to: z.literal("blocked"),
    subtask: z.string(),
    gateId: z.string(),
    blocking: z.boolean(),
    why: z.string(),
    options: z.array(z.string()),
    assignee: z.string().optional(),
  }),
]);
export type ReportMove = z.infer<typeof ReportMove>;
