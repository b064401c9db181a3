/** What the kit reads of the server's answers, and what it sends. Fields that it does not know are left alone. */
import * as z from "zod";
import { Json } from "../domain/values/json.ts";

const Lease = z.object({ lease_id: z.string(), seconds: z.number().positive() });
export type Lease = z.infer<typeof Lease>;

const Context = z.object({
  plan_goal: z.string().nullish(),
  previous_tasks: z.array(z.string()).default([]),
  upcoming_tasks: z.array(z.string()).default([]),
});

export const Work = z.object({
  execution_id: z.string(),
  plan_id: z.string().nullish(),
  next_task: z.object({
    task_id: z.string(),
    title: z.string(),
    action: z.string(),
    params: z.record(z.string(), Json).default({}),
    timeout_hours: z.number().positive().nullish(),
    context: Context.prefault({}),
    attempt: z.number().int().default(1),
    idempotency_key: z.string(),
    idempotent: z.boolean().nullish(),
    success_criteria: z.array(z.string()).default([]),
    last_progress: Json.nullish(),
  }),
  lease: Lease,
});
export type Work = z.infer<typeof Work>;

const Flags = z.object({ force_pause: z.boolean().default(false), force_cancel: z.boolean().default(false) });

/** 204, work, or a flag for an execution without any. */
export const WorkAnswer = z.union([
  z.null(),
  Work.extend({ work_available: z.literal(true), ...Flags.shape }),
  Flags.extend({ work_available: z.literal(false), execution_id: z.string().nullish() }),
]);

/** What became of a reported event. */
export const Reply = Flags.extend({
  applied: z.boolean().default(true),
  reason: z.string().nullish(),
  lease: Lease.nullish(),
  /** Of a report that blocked its subtask: what a person may choose. */
  next_step_options: z.array(z.string()).optional(),
});
export type Reply = z.infer<typeof Reply>;

export const ReplyAnswer = z.union([z.object({ results: z.array(Reply) }), Reply]);

/** Of a new agent its key, once. */
export const Registration = z.object({ id: z.string(), key: z.string().optional() });

export const AgentEvent = z.object({
  event_id: z.string(),
  agent_id: z.string(),
  agent_timestamp: z.string(),
  event_type: z.enum(["heartbeat", "task_started", "task_progress", "task_complete", "task_error", "task_blocked"]),
  task_id: z.string(),
  lease_id: z.string(),
  status: z.enum(["running", "success", "error", "blocked", "paused"]),
  message: z.string().optional(),
  output_data: z.record(z.string(), Json).optional(),
  error_type: z.string().optional(),
  error_message: z.string().optional(),
  human_review_required: z.boolean().optional(),
  suggestions: z.array(z.string()).optional(),
  blocking: z.boolean().optional(),
});
export type AgentEvent = z.infer<typeof AgentEvent>;
