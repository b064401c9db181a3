/** What agents that poll are answered: a task under a lease, and what became of their reports. */
import * as z from "zod";
import type { GivenTask, LeaseView, ReportAnswer, WorkAnswer } from "../../domain/read-models/plan-view.ts";
import { Json } from "../../domain/values/json.ts";
import { iso } from "../wire.ts";
import { apiStatusOf } from "./bodies.ts";
import { API_STATUSES } from "./requests.ts";

const text = z.string().nullable();
const Instant = z.iso.datetime();

const LeaseBody = z.object({
  lease_id: z.string(),
  epoch: z.number().int(),
  expires_at: Instant,
  seconds: z.number().describe("It ends so long after the last call about it; renew it after a third of that."),
});

const NextTask = z.object({
  task_id: z.string().describe("Of the subtask, or of a task that has none."),
  title: z.string(),
  action: z.string(),
  params: z.record(z.string(), Json),
  timeout_hours: z.number(),
  retry_policy: z.object({
    max_attempts: z.number().int(),
    backoff_seconds: z.number().describe("The wait after a failure of this attempt, at most."),
    backoff: z.enum(["exponential", "fixed"]),
  }),
  context: z.object({
    plan_goal: z.string(),
    previous_tasks: z.array(z.string()).describe("What was said at the end of the last five."),
    upcoming_tasks: z.array(z.string()).describe("Titles of the next five."),
  }),
  plan_task_id: z.string(),
  attempt: z.number().int(),
  idempotency_key: z.string().describe("The same for every attempt."),
  idempotent: z.boolean(),
  success_criteria: z.array(z.string()),
  failure_handling: text,
  last_progress: Json.nullable().describe("output_data of the last task_progress that had some, else its message."),
});

export const WorkBody = z.object({
  work_available: z.literal(true),
  execution_id: z.string(),
  plan_id: z.string(),
  next_task: NextTask,
  lease: LeaseBody,
  force_pause: z.boolean(),
  force_cancel: z.boolean(),
});

/** No work, and news of an execution that the agent works for. */
export const StopBody = z.object({
  work_available: z.literal(false),
  execution_id: z.string(),
  plan_id: z.string(),
  force_pause: z.boolean(),
  force_cancel: z.boolean(),
});

function leaseBody({ id, epoch, untilMs, lastsMs }: LeaseView): z.infer<typeof LeaseBody> {
  return { lease_id: id, epoch, expires_at: iso(untilMs), seconds: lastsMs / 1_000 };
}

export function workBody(answer: WorkAnswer): z.infer<typeof WorkBody> | z.infer<typeof StopBody> {
  const { executionId, planId, task, forcePause, forceCancel } = answer;
  const whose = { execution_id: executionId, plan_id: planId };
  const forced = { force_pause: forcePause, force_cancel: forceCancel };
  if (!task) return { work_available: false, ...whose, ...forced };
  return {
    work_available: true,
    ...whose,
    next_task: taskBody(executionId, task),
    lease: leaseBody(task.lease),
    ...forced,
  };
}

function taskBody(executionId: string, task: GivenTask): z.infer<typeof NextTask> {
  return {
    task_id: task.id,
    title: task.title,
    action: task.action,
    params: task.params,
    timeout_hours: task.timeoutHours,
    retry_policy: {
      max_attempts: task.maxAttempts,
      backoff_seconds: task.backoffMs / 1_000,
      backoff: task.backoff,
    },
    context: { plan_goal: task.goal, previous_tasks: [...task.previous], upcoming_tasks: [...task.upcoming] },
    plan_task_id: task.taskId,
    attempt: task.attempt,
    idempotency_key: `${executionId}/${task.id}`,
    idempotent: task.idempotent,
    success_criteria: [...task.successCriteria],
    failure_handling: task.failureHandling,
    last_progress: task.lastProgress ?? null,
  };
}

export const RecordedBody = z.object({
  event_id: z.string(),
  execution_id: z.string(),
  recorded_at: Instant,
  next_task_id: text.optional().describe("What is ready next: a hint, a poll says what this agent gets."),
  next_action: text.optional(),
  status_message: z.string().optional(),
  status: z.enum(API_STATUSES).optional().describe("When it blocked its subtask: of the execution."),
  human_review_required: z.boolean().optional(),
  escalated_to: z.string().optional(),
  next_step_options: z.array(z.string()).optional(),
  applied: z.boolean().describe("false: it came late, was recorded, and changed nothing."),
  reason: z.string().optional().describe("Why it was not applied."),
  duplicate: z.boolean(),
  force_pause: z.boolean(),
  force_cancel: z.boolean(),
  lease: LeaseBody.nullable(),
});
export const RecordedBatch = z.object({ results: z.array(RecordedBody) });

export function recordedBody(answer: ReportAnswer): z.infer<typeof RecordedBody> {
  const { blocked, next, lease, why } = answer;
  const recorded = {
    event_id: answer.eventId,
    execution_id: answer.executionId,
    recorded_at: iso(answer.recordedAtMs),
  };
  const rest = {
    applied: answer.applied,
    ...(why === undefined ? {} : { reason: why }),
    duplicate: answer.isDuplicate,
    force_pause: answer.forcePause,
    force_cancel: answer.forceCancel,
    lease: lease ? leaseBody(lease) : null,
  };
  if (blocked)
    return {
      ...recorded,
      status: apiStatusOf(answer.status),
      human_review_required: true,
      escalated_to: blocked.assignee,
      next_step_options: [...blocked.options],
      ...rest,
    };
  return {
    ...recorded,
    next_task_id: next?.id ?? null,
    next_action: next?.action ?? null,
    status_message: answer.message,
    ...rest,
  };
}
