/** Examples of executions of plans, and of the agents that do them. */
import type { Examples } from "./example.ts";
import { CREATED_AT, LATER } from "./example.ts";

const id = "exec_carol_prospect_20260211_001";
const plan_id = "plan_carol_breeder_sys_20260211";
const agent_id = "agent_larry_001";
const lease = { lease_id: "lease_7c1e5a3f9d2b", epoch: 1, expires_at: "2026-11-21T10:00:12.000Z", seconds: 1_800 };
const execution = {
  ...{ id, plan_id, plan_version: 1, agent_id, owner: "user_mark_12345", status: "RUNNING" },
  status_message: "agents work at task_1_1_a (agent_larry_001)",
  ...{ dismissed: false, tasks_total: 1, tasks_completed: 0, subtasks_total: 1, subtasks_completed: 0 },
  ...{ current_task_id: "task_1_1_a", pause_requested: false, cancel_requested: false },
  ...{ created_at: CREATED_AT, started_at: LATER, completed_at: null, updated_at: LATER },
};
const subtask = {
  ...{ id: "task_1_1_a", execution_task_id: "task_1_1", plan_subtask_id: "task_1_1_a" },
  ...{ title: "Send initial interview request to Carol", action: "send_email", status: "RUNNING" },
  ...{
    state: "started",
    attempt: 1,
    max_attempts: 3,
    result_data: null,
    error: null,
    started_at: LATER,
    completed_at: null,
  },
  ...{ agent_id, lease_expires_at: lease.expires_at, blocked: null },
};
const task = {
  ...{ id: "task_1_1", execution_id: id, plan_task_id: "task_1_1", title: "Interview Carol about current workflow" },
  ...{ status: "RUNNING", subtasks_total: 1, subtasks_completed: 0, progress_percent: 0, result_data: null },
  ...{ error_message: null, started_at: LATER, completed_at: null, subtasks: [subtask] },
};
const complete = {
  agent_id,
  agent_timestamp: "2026-02-11T16:09:45Z",
  event_type: "task_complete",
  task_id: "task_1_1_a",
  status: "success",
  output_data: { email_sent_to: "carol@bittersweet-farm.com", recipient_response_received: true },
  message: "Email sent and response received. Ready for next step.",
};
const recorded = {
  ...{ event_id: "evt_123456", execution_id: id, recorded_at: LATER },
  ...{ next_task_id: "task_1_1_b", next_action: "document_requirements" },
  status_message: "Task complete. Proceeding to Document requirements",
  ...{ applied: true, duplicate: false, force_pause: false, force_cancel: false, lease: null },
};

export const PLAN_EXECUTION_EXAMPLES: Examples = {
  startPlan: { request: { plan_id, agent_id, id }, answers: { 201: execution, 200: execution } },
  listPlanExecutions: { answers: { 200: { items: [execution], next_cursor: null } } },
  getPlanExecution: { answers: { 200: { ...execution, tasks: [task], results_omitted: false } } },
  changePlanExecution: {
    request: { status: "PAUSED", reason: "Carol is on holiday" },
    answers: { 200: { ...execution, status: "PAUSED", pause_requested: true } },
  },
  resolveTask: {
    request: { task_id: "task_1_1_a", option: "approve_phone_call", comment: "she prefers to talk" },
    answers: { 200: execution },
  },
  listReports: {
    answers: {
      200: {
        items: [
          {
            ...{ id: "evt_123456", execution_id: id, agent_id, event_type: "task_complete" },
            ...{ task_id: "task_1_1_a", subtask_id: null, status: "success", message: complete.message },
            ...{ output_data: complete.output_data, error_type: null, error_message: null },
            ...{ human_review_required: false, timestamp: LATER, agent_timestamp: CREATED_AT, applied: true },
          },
        ],
        next_cursor: null,
      },
    },
  },
  reportEvents: { request: complete, answers: { 201: recorded } },
  pollWork: {
    answers: {
      200: {
        work_available: true,
        execution_id: id,
        plan_id,
        next_task: {
          task_id: "task_1_1_a",
          title: "Send initial interview request to Carol",
          action: "send_email",
          params: { to: "carol@bittersweet-farm.com", subject: "Discovery Interview Request", body: "Hi Carol..." },
          timeout_hours: 24,
          retry_policy: { max_attempts: 3, backoff_seconds: 300, backoff: "fixed" },
          context: {
            plan_goal: "Build custom breeder management system",
            previous_tasks: ["Called Carol, high interest"],
            upcoming_tasks: ["Wait for response", "Document requirements"],
          },
          plan_task_id: "task_1_1",
          attempt: 1,
          idempotency_key: `${id}/task_1_1_a`,
          idempotent: false,
          success_criteria: [],
          failure_handling: null,
          last_progress: null,
        },
        lease,
        force_pause: false,
        force_cancel: false,
      },
      204: null,
    },
  },
};
