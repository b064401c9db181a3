/** Executions of plans as they are answered under /api, in upper case. */
import * as z from "zod";
import type { ExecutionState } from "../../domain/execution/state.ts";
import type { Status } from "../../domain/execution/status.ts";
import type { PlanProgress, PlanRow } from "../../domain/read-models/plan-progress.ts";
import { planProgressOf } from "../../domain/read-models/plan-progress.ts";
import type { PlanExecutionView, ReportView, SubtaskView, TaskView } from "../../domain/read-models/plan-view.ts";
import { summaryOfState } from "../../domain/read-models/run-member.ts";
import { Json } from "../../domain/values/json.ts";
import { REPORT_STATUSES, ReportType } from "../../domain/work/report.ts";
import { SubtaskStatus } from "../../domain/work/subtask-state.ts";
import { iso } from "../wire.ts";
import type { ApiStatus } from "./requests.ts";
import { API_STATUSES } from "./requests.ts";

const Instant = z.iso.datetime();
const text = z.string().nullable();
const instant = Instant.nullable();
const Result = Json.nullable();

const SubtaskBody = z.object({
  id: z.string(),
  execution_task_id: z.string(),
  plan_subtask_id: z.string(),
  title: z.string(),
  action: text,
  status: z.enum(["QUEUED", "RUNNING", "COMPLETE", "ERROR", "SKIPPED"]),
  state: SubtaskStatus.describe(
    "More exact than status. leased: given to an agent that has not begun; awaiting: begun, and waits for the outside; delayed: it failed and is tried again; decomposing: it is a task that is taken apart.",
  ),
  attempt: z.number().int(),
  max_attempts: z.number().int(),
  result_data: Result,
  error: text,
  started_at: instant,
  completed_at: instant,
  agent_id: text.describe("The agent that holds it now."),
  lease_expires_at: instant,
  blocked: z
    .object({
      gate_id: z.string().describe("Its approval, as the inbox lists it."),
      since: Instant,
      why: z.string(),
      error_type: text,
      suggestions: z.array(z.string()),
      next_step_options: z.array(z.string()),
      escalated_to: z.string().describe("The subject that is asked."),
    })
    .nullable(),
});

const TaskBody = z.object({
  id: z.string(),
  execution_id: z.string(),
  plan_task_id: z.string(),
  title: z.string(),
  status: z.enum(["QUEUED", "RUNNING", "BLOCKED", "COMPLETE", "ERROR"]),
  subtasks_total: z.number().int(),
  subtasks_completed: z.number().int(),
  progress_percent: z.number().int(),
  result_data: Result.describe("Of its subtasks, by their ids; of a task without subtasks its own."),
  error_message: text,
  started_at: instant,
  completed_at: instant,
  subtasks: z.array(SubtaskBody),
});

const columns = {
  id: z.string(),
  plan_id: z.string(),
  plan_version: z.number().int(),
  agent_id: text.describe("The only agent that gets its work; null: each that can."),
  owner: z.string(),
  status: z.enum(API_STATUSES),
  status_message: z.string(),
  dismissed: z.boolean().describe("It failed, and was set to CANCELLED after that."),
  tasks_total: z.number().int(),
  tasks_completed: z.number().int(),
  subtasks_total: z.number().int(),
  subtasks_completed: z.number().int(),
  current_task_id: text,
  pause_requested: z.boolean(),
  cancel_requested: z.boolean(),
  created_at: Instant,
  started_at: instant,
  completed_at: instant,
  updated_at: Instant,
};

export const PlanExecutionBody = z.object(columns);
export const PlanExecutionDetail = PlanExecutionBody.extend({
  tasks: z.array(TaskBody),
  results_omitted: z.boolean().describe("true: all results are more than 2 MiB together, and the later ones are null."),
});
export const PlanExecutionList = z.object({ items: z.array(PlanExecutionBody), next_cursor: text });

export const API_STATUS: Readonly<Record<Status, ApiStatus>> = {
  pending: "CREATED",
  queued: "QUEUED",
  running: "RUNNING",
  waiting: "BLOCKED",
  blocked: "BLOCKED",
  paused: "PAUSED",
  succeeded: "COMPLETED",
  failed: "FAILED",
  cancelled: "CANCELLED",
  timeout: "FAILED",
};

export function apiStatusOf(status: Status, { dismissed }: Pick<PlanProgress, "dismissed"> = {}): ApiStatus {
  return dismissed ? "CANCELLED" : API_STATUS[status];
}

const time = (ms: number | null | undefined) => (ms == null ? null : iso(ms));

export function planExecutionBody(view: PlanExecutionView): z.infer<typeof PlanExecutionBody> {
  return planRowBody({ row: summaryOfState(view.state), progress: planProgressOf(view) });
}

export function planRowBody({ row, progress }: PlanRow): z.infer<typeof PlanExecutionBody> {
  const { planId, version, agentId, sentence, dismissed, stop, currentId, ...done } = progress;
  const status = apiStatusOf(row.status, progress);
  const failed = row.status === "failed" ? row.errorMessage : null;
  return {
    id: row.id,
    plan_id: planId,
    plan_version: version,
    agent_id: agentId ?? null,
    owner: row.owner,
    status,
    status_message: sentence ?? failed ?? row.reason ?? `it has ended: ${status}`,
    dismissed: dismissed ?? false,
    tasks_total: done.tasks,
    tasks_completed: done.tasksCompleted,
    subtasks_total: done.subtasks,
    subtasks_completed: done.subtasksCompleted,
    current_task_id: currentId ?? null,
    pause_requested: stop === "pause",
    cancel_requested: stop === "cancel",
    created_at: iso(row.createdAtMs),
    started_at: time(row.startedAtMs),
    completed_at: time(row.finishedAtMs),
    updated_at: iso(row.updatedAtMs),
  };
}

export function planExecutionDetail(view: PlanExecutionView): z.infer<typeof PlanExecutionDetail> {
  const tasks = (view.tasks ?? []).map((task) => taskBody(view.state.origin, task));
  return { ...planExecutionBody(view), tasks, results_omitted: view.isCut ?? false };
}

type Whose = Pick<ExecutionState["origin"], "id" | "owner">;

function taskBody(execution: Whose, task: TaskView): z.infer<typeof TaskBody> {
  const { subtasks, isWhole, completed } = task;
  const results = subtasks.flatMap(({ id, result }) => (result === undefined ? [] : [[id, result] as const]));
  const whole = isWhole ? (subtasks[0]?.result ?? null) : null;
  return {
    id: task.id,
    execution_id: execution.id,
    plan_task_id: task.id,
    title: task.title,
    status: task.status,
    subtasks_total: subtasks.length,
    subtasks_completed: completed,
    progress_percent: Math.floor((100 * completed) / Math.max(1, subtasks.length)),
    result_data: isWhole ? whole : results.length === 0 ? null : Object.fromEntries(results),
    error_message: task.error ?? null,
    started_at: time(task.startedAtMs),
    completed_at: time(task.completedAtMs),
    subtasks: subtasks.map((subtask) => subtaskBody(execution, task.id, subtask)),
  };
}

const SUBTASK_STATUS: Readonly<Record<SubtaskStatus, z.infer<typeof SubtaskBody>["status"]>> = {
  queued: "QUEUED",
  leased: "RUNNING",
  started: "RUNNING",
  awaiting: "RUNNING",
  delayed: "QUEUED",
  decomposing: "QUEUED",
  blocked: "ERROR",
  complete: "COMPLETE",
  error: "ERROR",
  skipped: "SKIPPED",
};

function subtaskBody(
  { owner }: Whose,
  taskId: string,
  { id, title, action, maxAttempts, state, result }: SubtaskView,
): z.infer<typeof SubtaskBody> {
  const { blocked, lease } = state;
  return {
    id,
    execution_task_id: taskId,
    plan_subtask_id: id,
    title,
    action,
    status: SUBTASK_STATUS[state.status],
    state: state.status,
    attempt: state.attempt,
    max_attempts: maxAttempts,
    result_data: result ?? null,
    error: state.error ?? null,
    started_at: time(state.startedAtMs),
    completed_at: time(state.completedAtMs),
    agent_id: lease?.agent ?? null,
    lease_expires_at: time(lease?.deadlineMs),
    blocked: blocked
      ? {
          gate_id: blocked.gateId,
          since: iso(blocked.sinceMs),
          why: blocked.why,
          error_type: state.errorType ?? null,
          suggestions: blocked.suggestions ?? [],
          next_step_options: blocked.options,
          escalated_to: blocked.assignee ?? owner,
        }
      : null,
  };
}

const ReportBody = z.object({
  id: z.string(),
  execution_id: z.string(),
  agent_id: z.string(),
  event_type: ReportType,
  task_id: text,
  subtask_id: text,
  status: z.enum(REPORT_STATUSES).nullable(),
  message: text,
  output_data: Result,
  error_type: text,
  error_message: text,
  human_review_required: z.boolean(),
  timestamp: Instant.describe("When Errand recorded it."),
  agent_timestamp: instant.describe("When the agent says it happened."),
  applied: z.boolean().describe("false: it came late, and changed nothing."),
});
export const ReportList = z.object({ items: z.array(ReportBody), next_cursor: text });

export function reportBody(executionId: string, report: ReportView): z.infer<typeof ReportBody> {
  return {
    id: report.eventId,
    execution_id: executionId,
    agent_id: report.agent,
    event_type: report.eventType,
    task_id: report.taskId ?? null,
    subtask_id: report.subtaskId ?? null,
    status: report.status ?? null,
    message: report.message ?? null,
    output_data: report.output ?? null,
    error_type: report.errorType ?? null,
    error_message: report.errorMessage ?? null,
    human_review_required: report.review ?? false,
    timestamp: iso(report.recordedAtMs),
    agent_timestamp: time(report.agentAtMs),
    applied: report.applied,
  };
}
