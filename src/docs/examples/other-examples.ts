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
const kept = {
  succeeded: { days: 30, own: true },
  failed: { days: 365, own: true },
  cancelled: { days: 90, own: false },
  timeout: { days: 90, own: false },
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

const figures = {
  executions: 120,
  by_status: { succeeded: 110, failed: 6, cancelled: 4 },
  success_rate: 0.948,
  duration_ms: { mean: 2_300, p50: 1_900, p90: 4_100, p95: 5_200, p99: 9_800, max: 12_400 },
  ...{ tokens: 84_000, input_tokens: 60_000, output_tokens: 24_000, cost_usd: 0.62 },
};
const metrics = {
  since: "2026-11-14T09:20:00.000Z",
  until: "2026-11-21T09:20:00.000Z",
  counted_from: "2026-11-14T09:20:00.000Z",
  complete: true,
  total: figures,
  groups: [{ target: "support-agent.analyze_sentiment", day: "2026-11-20", ...figures }],
  groups_left_out: 0,
};
const none = { count: 0, more: false, items: [] };
const overview = {
  at: LATER,
  index: {
    ...{ ready: true, lag_ms: 40, waiting_rows: 2, held_rows: 0, refused_rows: 0 },
    databases: [{ registry: 0, percent_full: 3.1, nearly_full: false }],
  },
  dead_letters: none,
  overdue: none,
  failing_webhooks: none,
  stuck: {
    count: 1,
    more: false,
    items: [
      {
        execution_id: EXECUTION_ID,
        target: "catalog.audit",
        status: "blocked",
        reason: "effect_in_doubt",
        updated_at: CREATED_AT,
      },
    ],
  },
  sweeper: { late: false, last_at: LATER, took_ms: 120, failed_jobs: [] },
};

const approvalStatus = {
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
};
const requestApproval = {
  request: {
    approval_request_id: "review-7",
    approval_request_url: "https://reviews.example.com/7",
    callback_url: "https://agents.example.com/webhooks/approval",
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
};

export const OTHER_EXAMPLES: Examples = {
  metrics: { answers: { 200: metrics } },
  operations: { answers: { 200: overview } },
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
  approvalStatus,
  approvalStatusOfAgent: approvalStatus,
  approve: {
    request: {
      decision: "approved",
      approval_request_id: GATE_ID,
      payload_digest: DIGEST,
      feedback: "Within the limit.",
    },
    answers: { 200: decided },
  },
  requestApproval,
  requestApprovalOfAgent: requestApproval,
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
  listTenants: {
    answers: {
      200: { items: [{ tenant: "eu.acme", registry: 0, jurisdiction: "eu", moving_from: null }], next_cursor: null },
    },
  },
  moveTenant: {
    request: { registry: 1 },
    answers: { 202: { tenant: "acme", registry: 1, jurisdiction: null, moving_from: 0 } },
  },
  getRetention: { answers: { 200: kept } },
  setRetention: { request: { failed: 365, succeeded: 30 }, answers: { 200: kept } },
  bulk: {
    request: { action: "pause", filter: { target: "reports.monthly", status: ["running"] }, rate_per_second: 20 },
    answers: {
      202: {
        ...{ ...ids, status: "queued", target: "errand.bulk", type: "skill" },
        ...{ created_at: CREATED_AT, enqueued_at: CREATED_AT, webhook_registered: false },
      },
      200: { dry_run: true, action: "pause", matched: 1, more: false, execution_ids: [EXECUTION_ID] },
    },
  },
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
