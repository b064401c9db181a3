/** Plans as they are answered: every column, whether it was sent or is a default. */
import * as z from "zod";
import type { PlanRecord, PlanSubtask, PlanSummary, PlanTask } from "../../domain/plan/plan.ts";
import { Backoff, Decompose, OnExhausted, subtasksOf } from "../../domain/plan/plan.ts";
import { Json } from "../../domain/values/json.ts";
import { iso } from "../wire.ts";

const Instant = z.iso.datetime();
const text = z.string().nullable();
const Params = z.record(z.string(), Json);

const SubtaskBody = z.object({
  id: z.string(),
  task_id: z.string(),
  title: z.string(),
  action: text,
  params: Params,
  timeout_hours: z.number(),
  retry_policy: z.object({ max_attempts: z.number(), backoff: Backoff, backoff_seconds: z.number().optional() }),
  prerequisite_subtask_ids: z.array(z.string()),
  alternatives: z.array(z.object({ option: z.string(), action: z.string(), params: Params })),
  idempotent: z.boolean().nullable().describe("null: as the agent says of its action."),
  success_criteria: z.array(z.string()),
  failure_handling: text,
  created_at: Instant,
});

const TaskBody = z.object({
  id: z.string(),
  plan_id: z.string(),
  phase_id: text,
  title: z.string(),
  description: z.string(),
  assignee_role: text,
  escalate_to: text.describe("null: as the plan says."),
  estimated_hours: z.number().nullable(),
  priority: z.number(),
  decomposed: z.boolean(),
  decomposition_confidence: z.number().nullable(),
  decomposition_notes: text,
  prerequisite_task_ids: z.array(z.string()),
  is_blocking: z.boolean(),
  created_at: Instant.describe("When the plan first had this task."),
  updated_at: Instant.describe("When the task last changed."),
  subtasks: z.array(SubtaskBody),
});

const PhaseBody = z.object({ phase_id: z.string(), title: z.string(), description: text });

const summary = {
  plan_id: z.string(),
  owner: z.string(),
  version: z.number().int().describe("Counts from 1; a version never changes."),
  goal: z.string(),
  tasks_total: z.number().int(),
  subtasks_total: z.number().int(),
  created_at: Instant.describe("Of the first version."),
  updated_at: Instant.describe("Of this version."),
  updated_by: z.string().describe("Who stored this version."),
};

export const PlanSummaryBody = z.object(summary);
export const PlanList = z.object({ items: z.array(PlanSummaryBody), next_cursor: text });

export const PlanBody = z.object({
  ...summary,
  business_type: text,
  industry: text,
  target_customer: text,
  on_exhausted: OnExhausted,
  decompose: Decompose,
  escalate_to: text.describe("null: the owner of the execution."),
  phases: z.array(PhaseBody),
  tasks: z.array(TaskBody),
});
export type PlanBody = z.infer<typeof PlanBody>;

export const StoredPlanBody = PlanBody.extend({
  warnings: z.array(z.string()).describe("Fields that were ignored, because no part of a plan has them."),
});

export const ValidPlanBody = z.object({
  valid: z.literal(true),
  tasks_total: z.number().int(),
  subtasks_total: z.number().int(),
  execution_sequence: z.array(z.string()).describe("The tasks in an order in which they can be done."),
  warnings: z.array(z.string()),
});

export function planSummaryBody(plan: PlanSummary): z.infer<typeof PlanSummaryBody> {
  return {
    plan_id: plan.id,
    owner: plan.owner,
    version: plan.version,
    goal: plan.goal,
    tasks_total: plan.tasks,
    subtasks_total: plan.subtasks,
    created_at: iso(plan.createdAtMs),
    updated_at: iso(plan.updatedAtMs),
    updated_by: plan.updatedBy,
  };
}

export function planBody(record: PlanRecord): PlanBody {
  const { goal, businessType, industry, targetCustomer, onExhausted, decompose, phases, tasks } = record.plan;
  return {
    ...planSummaryBody({ ...record, goal, tasks: tasks.length, subtasks: subtasksOf(record.plan) }),
    business_type: businessType,
    industry,
    target_customer: targetCustomer,
    on_exhausted: onExhausted,
    decompose,
    escalate_to: record.plan.escalateTo ?? null,
    phases: phases.map(({ id, title, description }) => ({ phase_id: id, title, description })),
    tasks: tasks.map((task) => taskBody(record.id, task)),
  };
}

function taskBody(planId: string, task: PlanTask): PlanBody["tasks"][number] {
  return {
    id: task.id,
    plan_id: planId,
    phase_id: task.phaseId,
    title: task.title,
    description: task.description,
    assignee_role: task.assigneeRole,
    escalate_to: task.escalateTo ?? null,
    estimated_hours: task.estimatedHours,
    priority: task.priority,
    decomposed: task.decomposed,
    decomposition_confidence: task.decompositionConfidence,
    decomposition_notes: task.decompositionNotes,
    prerequisite_task_ids: task.prerequisiteTaskIds,
    is_blocking: task.isBlocking,
    created_at: iso(task.createdAtMs),
    updated_at: iso(task.updatedAtMs),
    subtasks: task.subtasks.map((subtask) => subtaskBody(task.id, subtask)),
  };
}

function subtaskBody(taskId: string, subtask: PlanSubtask): z.infer<typeof SubtaskBody> {
  const { maxAttempts, backoff, backoffSeconds } = subtask.retryPolicy;
  return {
    id: subtask.id,
    task_id: taskId,
    title: subtask.title,
    action: subtask.action,
    params: subtask.params,
    timeout_hours: subtask.timeoutHours,
    retry_policy: {
      max_attempts: maxAttempts,
      backoff,
      ...(backoffSeconds === null ? {} : { backoff_seconds: backoffSeconds }),
    },
    prerequisite_subtask_ids: subtask.prerequisiteSubtaskIds,
    alternatives: subtask.alternatives,
    idempotent: subtask.idempotent,
    success_criteria: subtask.successCriteria,
    failure_handling: subtask.failureHandling,
    created_at: iso(subtask.createdAtMs),
  };
}
