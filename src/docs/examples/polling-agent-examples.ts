/** Examples of agents that poll for work. */
import type { Examples } from "./example.ts";
import { CREATED_AT, LATER } from "./example.ts";

const sent = {
  id: "agent_larry_001",
  name: "Larry",
  role: "Full-stack contractor",
  capabilities: [{ action: "send_email", params: ["to", "subject", "body"], idempotent: false }],
};
const agent = {
  ...sent,
  ...{ poll_endpoint: null, webhook_url: null, is_active: true, last_heartbeat: null },
  ...{ created_at: CREATED_AT, owner: "olga" },
};
const heard = { ...agent, last_heartbeat: LATER };
const key = {
  agent_id: "agent_larry_001",
  key: "errand_9Zl0…",
  key_id: "key_5d1f0a9b3c7e2d48",
  rate_limit_per_min: 100,
};

export const POLLING_AGENT_EXAMPLES: Examples = {
  registerAgent: { request: sent, answers: { 201: { ...agent, ...key }, 200: heard } },
  listPollingAgents: { answers: { 200: { items: [heard], next_cursor: null } } },
  getPollingAgent: { answers: { 200: heard } },
  changePollingAgent: { request: { is_active: false }, answers: { 200: { ...heard, is_active: false } } },
  removePollingAgent: { answers: { 204: null } },
  rotateAgentKey: { request: { rate_limit_per_min: 100 }, answers: { 201: key } },
};
