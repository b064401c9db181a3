/**
 * The calls of the guide of polling agents as it writes them, request and answer, on the plan for Carol. Instants are the server's
 * own: of these the form is compared, of everything else the value.
 */
import { CAROL_PLAN, CAROL_PLAN_ID, WHEN_IT_BOUNCES } from "./carol.ts";

export const LARRY = "agent_larry_001";
export const MARK = "user_mark_12345";
export const EXECUTION = "exec_carol_prospect_20260211_001";

const [interview] = CAROL_PLAN.tasks;

/** The plan for Carol at the moment of the calls: she was called, and is written to next. */
export const PLAN_OF_CALLS = {
  ...CAROL_PLAN,
  tasks: [
    {
      ...{ id: "task_1_0", phase_id: "phase_1", title: "Call Carol", is_blocking: true },
      subtasks: [{ id: "task_1_0_a", title: "Call Carol", action: "make_phone_call" }],
    },
    {
      ...interview,
      subtasks: [
        {
          id: "task_1_1_a",
          title: "Send initial interview request to Carol",
          action: "send_email",
          params: {
            ...{ to: "carol@bittersweet-farm.com", subject: "Discovery Interview Request", body: "Hi Carol..." },
            ...{ cc: [], bcc: [] },
          },
          timeout_hours: 24,
          retry_policy: { max_attempts: 3, backoff_seconds: 300 },
          alternatives: WHEN_IT_BOUNCES,
        },
        {
          ...{ id: "task_1_1_b", title: "Wait for response", action: "document_requirements" },
          depends_on: ["task_1_1_a"],
        },
        {
          ...{ id: "task_1_1_c", title: "Document requirements", action: "document_requirements" },
          depends_on: ["task_1_1_b"],
        },
      ],
    },
  ],
};

/** Twelve tasks, of which the fourth is the interview. */
export const PLAN_OF_TWELVE = {
  ...CAROL_PLAN,
  plan_id: "plan_carol_of_twelve",
  tasks: Array.from({ length: 12 }, (_none, n) => {
    const id = n === 3 ? "task_1_1" : `task_0_${n}`;
    const subtask = (letter: string, title: string) => ({ id: `${id}_${letter}`, title, action: "send_email" });
    const own = [subtask("a", "Write"), subtask("b", "Interview"), subtask("c", "Document findings")];
    return { id, title: `Task ${n}`, is_blocking: true, subtasks: n === 3 ? own : own.slice(0, 1) };
  }),
};

export const WORK_ANSWER = {
  work_available: true,
  execution_id: EXECUTION,
  plan_id: CAROL_PLAN_ID,
  next_task: {
    task_id: "task_1_1_a",
    title: "Send initial interview request to Carol",
    action: "send_email",
    params: {
      to: "carol@bittersweet-farm.com",
      subject: "Discovery Interview Request",
      body: "Hi Carol...",
      cc: [],
      bcc: [],
    },
    timeout_hours: 24,
    retry_policy: { max_attempts: 3, backoff_seconds: 300 },
    context: {
      plan_goal: "Build custom breeder management system",
      previous_tasks: ["Called Carol, high interest"],
      upcoming_tasks: ["Wait for response", "Document requirements"],
    },
  },
  force_pause: false,
  force_cancel: false,
};

export const COMPLETE = {
  agent_id: LARRY,
  agent_timestamp: "2026-02-11T16:09:45Z",
  event_type: "task_complete",
  task_id: "task_1_1_a",
  status: "success",
  output_data: {
    email_sent_to: "carol@bittersweet-farm.com",
    email_timestamp: "2026-02-11T16:09:45Z",
    recipient_response_received: true,
    response_excerpt: "Sounds good, let's schedule for Thursday at 2 PM",
    response_timestamp: "2026-02-11T16:45:00Z",
    mailbox_used: "82deutschmark@gmail.com",
  },
  message: "Email sent and response received. Ready for next step.",
};

export const COMPLETE_ANSWER = {
  event_id: "evt_123456",
  execution_id: EXECUTION,
  recorded_at: "2026-02-11T16:09:50Z",
  next_task_id: "task_1_1_b",
  next_action: "document_requirements",
  // The guide calls the next subtask "Task 1.1.2" here, and by its title where it gives it out.
  status_message: "Task complete. Proceeding to Wait for response",
};

export const ERROR = {
  agent_id: LARRY,
  agent_timestamp: "2026-02-11T17:00:00Z",
  event_type: "task_error",
  task_id: "task_1_1_a",
  status: "error",
  error_type: "external_dependency_blocked",
  error_message: "Carol's email address (carol@bittersweet-farm.com) bounced. Invalid or deactivated.",
  message: "Unable to send email. Contact verification needed.",
  human_review_required: true,
  suggestions: [
    "Try alternative email from website footer (info@bittersweetfarm.com)",
    "Call Carol directly at 860-455-9416",
    "Find email via LinkedIn or Facebook",
  ],
  blocking: true,
};

export const ERROR_ANSWER = {
  event_id: "evt_123457",
  execution_id: EXECUTION,
  recorded_at: "2026-02-11T17:00:05Z",
  status: "BLOCKED",
  human_review_required: true,
  escalated_to: MARK,
  next_step_options: ["approve_alternative_email", "approve_phone_call", "skip_task", "cancel_execution"],
};

export const UPDATE_FRAME = {
  type: "execution_update",
  execution_id: EXECUTION,
  status: "RUNNING",
  progress: {
    tasks_completed: 3,
    tasks_total: 12,
    percent: 25,
    current_task_id: "task_1_1_c",
    current_task_title: "Document findings",
  },
  timestamp: "2026-02-11T16:10:00Z",
};

export const EVENT_FRAME = {
  type: "event",
  event_id: "evt_123456",
  execution_id: EXECUTION,
  event_type: "task_complete",
  task_id: "task_1_1_a",
  message: "Email sent and response received. Ready for next step.",
  timestamp: "2026-02-11T16:09:50Z",
};

/** The columns of each table of the guide, as they are answered, and of which kind each is; `?`: or null. */
export const COLUMNS = {
  PlanTask: {
    ...{ id: "string", plan_id: "string", phase_id: "string?", title: "string", description: "string" },
    ...{ assignee_role: "string?", estimated_hours: "number?", priority: "number", decomposed: "boolean" },
    ...{ decomposition_confidence: "number?", decomposition_notes: "string?", prerequisite_task_ids: "array" },
    ...{ is_blocking: "boolean", created_at: "instant", updated_at: "instant" },
  },
  PlanSubtask: {
    ...{ id: "string", task_id: "string", title: "string", action: "string?", params: "object" },
    ...{ timeout_hours: "number", retry_policy: "object", prerequisite_subtask_ids: "array", created_at: "instant" },
  },
  Agent: {
    ...{ id: "string", name: "string", role: "string?", poll_endpoint: "string?", webhook_url: "string?" },
    ...{ is_active: "boolean", last_heartbeat: "instant?", capabilities: "array", created_at: "instant" },
  },
  Execution: {
    ...{ id: "string", plan_id: "string", agent_id: "string?", status: "string", status_message: "string" },
    ...{ tasks_total: "number", tasks_completed: "number", current_task_id: "string?", pause_requested: "boolean" },
    ...{ cancel_requested: "boolean", created_at: "instant", started_at: "instant?", completed_at: "instant?" },
    updated_at: "instant",
  },
  ExecutionTask: {
    ...{ id: "string", execution_id: "string", plan_task_id: "string", status: "string", subtasks_total: "number" },
    ...{ subtasks_completed: "number", progress_percent: "number", result_data: "object?", error_message: "string?" },
    ...{ started_at: "instant?", completed_at: "instant?" },
  },
  ExecutionSubtask: {
    ...{ id: "string", execution_task_id: "string", plan_subtask_id: "string", status: "string", attempt: "number" },
    ...{ max_attempts: "number", result_data: "object?", error: "string?", started_at: "instant?" },
    completed_at: "instant?",
  },
  ExecutionEvent: {
    ...{ id: "string", execution_id: "string", agent_id: "string", event_type: "string", task_id: "string?" },
    ...{ subtask_id: "string?", status: "string?", message: "string?", output_data: "object?", error_type: "string?" },
    ...{ error_message: "string?", human_review_required: "boolean", timestamp: "instant" },
    agent_timestamp: "instant?",
  },
} as const;
