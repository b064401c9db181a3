/** Examples of approvals, keys, tokens, runs and what there is. */
import type { Examples } from "./example.ts";
import { CREATED_AT, DIGEST, EXECUTION_ID, EXPIRES_AT, GATE_ID, ids, LATER, NO_USAGE, RUN_ID } from "./example.ts";

const decided = {
  status: "processed",
  execution_id: EXECUTION_ID,
  approval_request_id: GATE_ID,
  decision: "approved",
  new_status: "running",
};
const queue = {
  queue: "reports/monthly",
  limit: 5,
  paused: false,
  depth: 120,
  running: 5,
  oldest_at: "2026-11-21T09:20:00.000Z",
};
const key = {
  key_id: "key_3f2a9c1b5d7e8f60",
  name: "ci",
  prefix: "errand_7Gk2",
  tenant: "default",
  subject: "ci",
  scopes: ["execute", "read"],
  rate_limit_per_min: 600,
  masked: false,
  created_at: CREATED_AT,
  created_by: "operator",
  revoked_at: null,
};
const cancelledTree = {
  run_id: RUN_ID,
  total_nodes: 1,
  cancelled_count: 1,
  skipped_count: 0,
  error_count: 0,
  nodes: [
    {
      execution_id: EXECUTION_ID,
      agent_node_id: "catalog",
      reasoner_id: "audit",
      workflow_depth: 0,
      previous_status: "running",
      status: "cancelled",
      result: "cancelled",
    },
  ],
  cancelled_at: LATER,
};
const run = {
  run_id: RUN_ID,
  workflow_id: RUN_ID,
  status: "succeeded",
  status_counts: { succeeded: 1 },
  total_executions: 1,
  active_executions: 0,
  max_depth: 0,
  roots: [
    {
      execution_id: EXECUTION_ID,
      target: "catalog.audit",
      type: "reasoner",
      status: "succeeded",
      started_at: CREATED_AT,
    },
  ],
  started_at: CREATED_AT,
  finished_at: LATER,
  latest_activity: LATER,
  duration_ms: 480,
  usage: NO_USAGE,
  truncated: false,
};
const health = {
  status: "healthy",
  timestamp: CREATED_AT,
  version: "0.1.0",
  mode: "keys",
  model: "scripted",
  checks: { agents: "6 registered" },
};
const cancelTree = { request: { reason: "Started by mistake." }, answers: { 200: cancelledTree } };

export const OTHER_EXAMPLES: Examples = {
  health: { answers: { 200: health } },
  resolve: {
    request: { option: "succeeded", gate_id: GATE_ID, params: { result: { posted: true } } },
    answers: {
      200: {
        execution_id: EXECUTION_ID,
        effect: "post",
        gate_id: GATE_ID,
        resolution: "succeeded",
        status: "running",
      },
    },
  },
  approvalStatus: {
    answers: {
      200: {
        status: "pending",
        approval_request_id: GATE_ID,
        execution_id: EXECUTION_ID,
        requested_at: LATER,
        expires_at: EXPIRES_AT,
        payload: { claim: "claim-7", amount: 120 },
        payload_digest: DIGEST,
      },
    },
  },
  approve: {
    request: {
      decision: "approved",
      approval_request_id: GATE_ID,
      payload_digest: DIGEST,
      feedback: "Within the limit.",
    },
    answers: { 200: decided },
  },
  requestApproval: {
    request: {
      approval_request_id: "review-7",
      approval_request_url: "https://reviews.example.com/7",
      expires_in_hours: 24,
      payload: { diff: "+1 −1" },
      approvers: ["ada", "grace"],
      four_eyes: true,
    },
    answers: {
      200: {
        execution_id: EXECUTION_ID,
        approval_request_id: "review-7",
        approval_request_url: "https://reviews.example.com/7",
        status: "pending",
        execution_status: "waiting",
        expires_at: EXPIRES_AT,
        payload_digest: DIGEST,
        approvers: ["ada", "grace"],
        four_eyes: true,
      },
    },
  },
  approveByWebhook: {
    request: { approval_request_id: GATE_ID, decision: "approved", payload_digest: DIGEST },
    answers: { 200: decided },
  },
  approvalResponseWebhook: {
    request: { requestId: "review-7", decision: "approved", feedback: "Fine." },
    answers: { 200: { ...decided, approval_request_id: "review-7" } },
  },
  createKey: {
    request: { name: "ci", subject: "ci", scopes: ["execute", "read"], rate_limit_per_min: 600 },
    answers: { 201: { ...key, key: "errand_7Gk2…" } },
  },
  listKeys: { answers: { 200: { items: [key], next_cursor: null } } },
  revokeKey: { answers: { 200: { ...key, revoked_at: LATER } } },
  listTenants: { answers: { 200: { items: [{ tenant: "acme", registry: 0, moving_from: null }], next_cursor: null } } },
  moveTenant: { request: { registry: 1 }, answers: { 202: { tenant: "acme", registry: 1, moving_from: 0 } } },
  listQueues: { answers: { 200: { items: [queue], next_cursor: null } } },
  setQueue: { request: { limit: 5 }, answers: { 200: queue } },
  pauseQueue: { answers: { 200: { ...queue, paused: true } } },
  resumeQueue: { answers: { 200: queue } },
  createToken: {
    request: { execution_id: EXECUTION_ID },
    answers: { 201: { token: "eyJhbGciOiJIUzI1NiJ9…", expires_at: "2026-11-21T09:40:12.000Z" } },
  },
  getRun: { answers: { 200: run } },
  cancelRun: cancelTree,
  cancelWorkflow: cancelTree,
  listApprovals: {
    answers: {
      200: {
        items: [
          {
            approval_request_id: GATE_ID,
            approval_request_url: "https://claims.example.com/claim-7",
            status: "pending",
            type: "approval",
            name: "claim",
            execution_id: ids.execution_id,
            run_id: ids.run_id,
            target: "approvals.demo",
            execution_status: "waiting",
            requested_at: LATER,
            expires_at: EXPIRES_AT,
            payload: { claim: "claim-7", amount: 120 },
            payload_digest: DIGEST,
          },
        ],
        next_cursor: null,
      },
    },
  },
};
