/** Examples of plans. */
import type { Examples } from "./example.ts";
import { CREATED_AT, LATER } from "./example.ts";

const plan_id = "plan_carol_breeder_sys_20260211";
const goal = "Build custom breeder management system";
const sent = {
  plan_id,
  goal,
  business_type: "Dog breeding",
  industry: "Animal husbandry",
  target_customer: "Carol Campion (Bittersweet Farm)",
  phases: [{ phase_id: "phase_1", title: "Discovery" }],
  tasks: [
    {
      id: "task_1_1",
      phase_id: "phase_1",
      title: "Interview Carol about current workflow",
      description: "Understand her breeding records",
      assignee_role: "Business Analyst",
      is_blocking: true,
      subtasks: [
        {
          id: "task_1_1_a",
          title: "Send initial contact email",
          action: "send_email",
          params: { to: "carol@bittersweet-farm.com", subject: "Discovery Interview Request" },
          retry_policy: { max_attempts: 3, backoff_seconds: 300 },
          alternatives: [
            { option: "approve_phone_call", action: "make_phone_call", params: { number: "860-455-9416" } },
          ],
        },
      ],
    },
  ],
};
const [task] = sent.tasks;
const [subtask] = task?.subtasks ?? [];
const summary = {
  plan_id,
  owner: "olga",
  version: 1,
  goal,
  tasks_total: 1,
  subtasks_total: 1,
  created_at: CREATED_AT,
  updated_at: CREATED_AT,
  updated_by: "olga",
};
const stored = {
  ...sent,
  ...summary,
  on_exhausted: "block",
  decompose: "ready",
  escalate_to: null,
  phases: [{ phase_id: "phase_1", title: "Discovery", description: null }],
  tasks: [
    {
      ...task,
      plan_id,
      escalate_to: null,
      estimated_hours: null,
      priority: 1,
      decomposed: true,
      decomposition_confidence: null,
      decomposition_notes: null,
      prerequisite_task_ids: [],
      created_at: CREATED_AT,
      updated_at: CREATED_AT,
      subtasks: [
        {
          ...subtask,
          task_id: "task_1_1",
          timeout_hours: 24,
          retry_policy: { max_attempts: 3, backoff: "fixed", backoff_seconds: 300 },
          prerequisite_subtask_ids: [],
          idempotent: null,
          success_criteria: [],
          failure_handling: null,
          created_at: CREATED_AT,
        },
      ],
    },
  ],
};
const answered = { ...stored, warnings: [] };

export const PLAN_EXAMPLES: Examples = {
  createPlan: { request: sent, answers: { 201: answered, 200: answered } },
  validatePlan: {
    request: sent,
    answers: {
      200: { valid: true, tasks_total: 1, subtasks_total: 1, execution_sequence: ["task_1_1"], warnings: [] },
    },
  },
  listPlans: { answers: { 200: { items: [summary], next_cursor: null } } },
  getPlan: { answers: { 200: stored } },
  listPlanVersions: {
    answers: { 200: { items: [{ ...summary, version: 2, updated_at: LATER }, summary], next_cursor: null } },
  },
  deletePlan: { answers: { 204: null } },
};
