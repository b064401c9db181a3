/** Examples of nodes. */
import type { Example, Examples } from "./example.ts";
import { CREATED_AT, EXPIRES_AT } from "./example.ts";

const registered = {
  success: true,
  message: "Node registered successfully",
  node_id: "text-agent",
  resolved_base_url: "https://agents.example.com",
  callback_discovery: {
    mode: "auto",
    preferred: "https://agents.example.com",
    resolved: "https://agents.example.com",
    submitted_at: CREATED_AT,
  },
};
const registration: Example = {
  request: {
    id: "text-agent",
    version: "1.0.0",
    base_url: "https://agents.example.com",
    reasoners: [
      {
        id: "analyze_sentiment",
        description: "Reads the mood of a message.",
        input_schema: { type: "object", properties: { message: { type: "string" } } },
        output_schema: { type: "object" },
        tags: ["text"],
      },
    ],
    skills: [{ id: "create_ticket", input_schema: { type: "object" }, tags: [] }],
  },
  answers: { 201: registered },
};
const lease = { lease_seconds: 300, next_lease_renewal: EXPIRES_AT };
const moved: Example = {
  request: { lifecycle_status: "ready" },
  answers: {
    200: {
      success: true,
      message: "Lifecycle status updated successfully",
      lifecycle_status: "ready",
      timestamp: CREATED_AT,
    },
  },
};
const status = {
  state: "active",
  health_score: 100,
  last_seen: CREATED_AT,
  lifecycle_status: "ready",
  health_status: "active",
  last_updated: CREATED_AT,
  version: "1.0.0",
};

export const NODE_EXAMPLES: Examples = {
  registerNode: registration,
  registerNodeShort: registration,
  registerServerless: {
    request: { invocation_url: "https://agents.example.com" },
    answers: {
      201: {
        ...registered,
        node: {
          id: "text-agent",
          version: "1.0.0",
          deployment_type: "serverless",
          invocation_url: "https://agents.example.com/execute",
          reasoners_count: 1,
          skills_count: 1,
        },
      },
    },
  },
  heartbeat: {
    request: { status: "ready", version: "1.0.0", timestamp: CREATED_AT },
    answers: { 200: { success: true, message: "heartbeat received", timestamp: CREATED_AT } },
  },
  renewLease: { request: { phase: "ready", version: "1.0.0" }, answers: { 200: lease } },
  nodeStatus: { answers: { 200: { success: true, node_id: "text-agent", status } } },
  bulkNodeStatus: {
    request: { node_ids: ["text-agent"] },
    answers: {
      200: { success: true, results: { "text-agent": status }, total_requested: 1, successful: 1, failed: 0 },
    },
  },
  shutdownNode: {
    request: { reason: "shutdown", version: "1.0.0" },
    answers: { 202: { lease_seconds: 0, next_lease_renewal: CREATED_AT, message: "shutdown acknowledged" } },
  },
  moveNode: moved,
  moveNodeByPost: moved,
  weighNode: {
    request: { traffic_weight: 25 },
    answers: { 200: { success: true, message: "weight set", version: "2.0.0", traffic_weight: 25 } },
  },
  acknowledgeAction: { request: { action_id: "action-7", status: "succeeded" }, answers: { 200: lease } },
  workflowEvent: {
    request: {
      execution_id: "3f0c9a52-8a1e-4f0e-9d7b-2f1f3f1f3f1f",
      parent_execution_id: "exec_0001",
      run_id: "run_20260101_120000_abcdefgh",
      workflow_id: "run_20260101_120000_abcdefgh",
      agent_node_id: "text-agent",
      reasoner_id: "summarize",
      status: "running",
    },
    answers: { 200: { success: true, updated: true } },
  },
  claimActions: {
    request: { node_id: "text-agent", max_items: 1 },
    answers: { 200: { items: [], next_poll_after: 5, ...lease } },
  },
};
