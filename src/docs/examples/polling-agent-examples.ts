/** Examples of agents that poll for work. */
import type { Examples } from "./example.ts";
import { CREATED_AT, EXECUTION_ID, LATER } from "./example.ts";

const sent = {
  id: "agent_larry_001",
  name: "Larry",
  role: "Full-stack contractor",
  capabilities: [{ action: "send_email", params: ["to", "subject", "body"], idempotent: false }],
};
const agent = {
  ...sent,
  ...{
    poll_endpoint: null,
    webhook_url: null,
    webhook_signed: false,
    is_active: true,
    last_heartbeat: null,
    lapses: 0,
    drained_since: null,
    drained_until: null,
  },
  ...{ created_at: CREATED_AT, owner: "olga" },
};
const heard = { ...agent, last_heartbeat: LATER };
const key = {
  agent_id: "agent_larry_001",
  key: "errand_9Zl0…",
  key_id: "key_5d1f0a9b3c7e2d48",
  rate_limit_per_min: 100,
};

const task = {
  task_id: "task_1_1",
  title: "Interview Carol about current workflow",
  description: "Understand her breeding records",
  assignee_role: "Business Analyst",
};
const plan_context = { goal: "Build custom breeder management system", target_customer: "Carol Campion" };
const subtask = {
  subtask_id: "task_1_1_a",
  title: "Send initial contact email",
  action: "send_email",
  params: { to: "carol@bittersweet-farm.com", subject: "Discovery Interview Request" },
  depends_on: [],
  success_criteria: ["Email sent successfully"],
  failure_handling: "If bounce: try phone call",
};
const decomposed = {
  task_id: "task_1_1",
  decomposition_confidence: 0.92,
  decomposed_subtasks: [subtask],
  execution_sequence: ["task_1_1_a"],
  notes: "Carol has high interest based on call feedback.",
  warnings: [],
  execution_id: EXECUTION_ID,
};
const going = {
  task_id: "task_1_1",
  execution_id: EXECUTION_ID,
  status: "waiting",
  execution: `http://localhost:8787/api/v1/executions/${EXECUTION_ID}`,
};

export const POLLING_AGENT_EXAMPLES: Examples = {
  registerAgent: { request: sent, answers: { 201: { ...agent, ...key }, 200: heard } },
  listPollingAgents: { answers: { 200: { items: [heard], next_cursor: null } } },
  getPollingAgent: { answers: { 200: heard } },
  changePollingAgent: { request: { is_active: false }, answers: { 200: { ...heard, is_active: false } } },
  removePollingAgent: { answers: { 204: null } },
  decomposeTask: {
    request: { task, plan_context, agent_capabilities: ["send_email"] },
    answers: { 200: decomposed, 202: going },
  },
  rotateAgentKey: { request: { rate_limit_per_min: 100 }, answers: { 201: key } },
};
