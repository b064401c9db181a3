/** Examples of starting, reading and steering executions. */
import type { Examples } from "./example.ts";
import { CREATED_AT, DIGEST, EXECUTION_ID, EXPIRES_AT, GATE_ID, ids, LATER, NO_USAGE, RUN_ID } from "./example.ts";

const target = "support-agent.analyze_sentiment";
const usage = NO_USAGE;

const succeeded = {
  ...ids,
  target,
  type: "skill",
  status: "succeeded",
  result: { sentiment: "frustrated", confidence: 0.87, escalate: true },
  attempts: [],
  usage,
  created_at: CREATED_AT,
  started_at: CREATED_AT,
  finished_at: LATER,
  completed_at: LATER,
  duration_ms: 480,
  seq: 6,
  recoveries: 0,
  webhook_registered: false,
};
const waiting = {
  ...ids,
  target: "approvals.demo",
  type: "reasoner",
  status: "waiting",
  status_reason: "waiting_for_approval",
  attempts: [],
  usage,
  waiting_for: {
    type: "approval",
    approval_request_id: GATE_ID,
    approval_request_url: "https://claims.example.com/claim-7",
    requested_at: LATER,
    expires_at: EXPIRES_AT,
    payload: { claim: "claim-7", amount: 120 },
    payload_digest: DIGEST,
    options: ["pay_in_full", "pay_half"],
  },
  approval_request_id: GATE_ID,
  approval_request_url: "https://claims.example.com/claim-7",
  approval_status: "pending",
  created_at: CREATED_AT,
  started_at: CREATED_AT,
  seq: 4,
  recoveries: 0,
  webhook_registered: false,
  why: { sentence: "It waits for a person to decide.", owner: "a person", next_wake_at: EXPIRES_AT },
};
const accepted = {
  ...ids,
  status: "queued",
  target,
  type: "skill",
  created_at: CREATED_AT,
  enqueued_at: CREATED_AT,
  webhook_registered: false,
};
const created = {
  seq: 1,
  type: "execution.created",
  at: CREATED_AT,
  actor: "ann",
  v: 1,
  data: { input: { message: "This is the third time I am calling!" } },
};
const note = { message: "The customer was called back.", tags: ["support"], timestamp: LATER, by: "ann" };
const summary = {
  ...ids,
  parent_execution_id: null,
  session_id: null,
  actor_id: null,
  schedule_id: null,
  attributes: { customer: "acme" },
  target,
  agent_id: "support-agent",
  type: "skill",
  status: "succeeded",
  status_reason: null,
  failure_code: null,
  error_message: null,
  created_at: CREATED_AT,
  started_at: CREATED_AT,
  finished_at: LATER,
  updated_at: LATER,
  duration_ms: 480,
  usage,
};
const start = { input: { message: "This is the third time I am calling!" } };
const moved = (previous_status: string, status: string) => ({ execution_id: EXECUTION_ID, previous_status, status });

const noted = { success: true, note, message: "Note added" };

export const EXECUTION_EXAMPLES: Examples = {
  execute: { request: start, answers: { 200: succeeded, 202: waiting } },
  executeAsync: {
    request: { ...start, budget: { max_duration: 60 }, metadata: { ticket: "T-42" }, attributes: { customer: "acme" } },
    answers: { 202: accepted },
  },
  callReasoner: {
    request: start,
    answers: {
      200: { ...succeeded, node_id: "triage", timestamp: LATER },
      202: { ...waiting, node_id: "approvals", timestamp: LATER },
    },
  },
  callSkill: {
    request: start,
    answers: {
      200: { ...succeeded, type: "skill", node_id: "triage", timestamp: LATER },
      202: { ...waiting, type: "skill", node_id: "approvals", timestamp: LATER },
    },
  },
  getExecution: { answers: { 200: succeeded } },
  listExecutions: { answers: { 200: { items: [summary], next_cursor: null } } },
  countAttribute: {
    answers: { 200: { attribute: "customer", items: [{ value: "acme", count: 12 }], executions: 12, complete: true } },
  },
  listEvents: { answers: { 200: { items: [created], next_after: null } } },
  reportLogs: {
    request: { message: "read the mailbox", level: "info", ts: LATER, agent_node_id: "mail", reasoner_id: "triage" },
    answers: { 202: { success: true, execution_id: EXECUTION_ID, accepted: 1 } },
  },
  listLogs: {
    answers: {
      200: {
        execution_id: EXECUTION_ID,
        logs: [
          {
            timestamp: LATER,
            level: "info",
            message: "read the mailbox",
            agent_node_id: "mail",
            reasoner_id: "triage",
          },
        ],
        total: 1,
        next_after: null,
      },
    },
  },
  awaiterStatus: {
    request: { status: "waiting", reason: "awaiting_child" },
    answers: { 200: { status: "waiting", applied: true } },
  },
  noteByHeader: { request: { message: note.message, tags: note.tags }, answers: { 200: noted } },
  noteByHeaderUi: { request: { message: note.message, tags: null }, answers: { 200: noted } },
  reportStatus: {
    request: { status: "succeeded", result: { greeting: "hello" } },
    answers: { 200: { execution_id: EXECUTION_ID, run_id: RUN_ID, status: "running", applied: true } },
  },
  cancel: {
    request: { reason: "The customer called again." },
    answers: {
      200: {
        ...moved("running", "cancelled"),
        reason: "The customer called again.",
        cancelled_at: LATER,
        quiesced: true,
        pending: [],
      },
    },
  },
  pause: { request: {}, answers: { 200: { ...moved("running", "paused"), paused_at: LATER } } },
  resume: { request: {}, answers: { 200: { ...moved("paused", "running"), resumed_at: LATER } } },
  signal: {
    request: { data: { paid: true } },
    answers: { 202: { execution_id: EXECUTION_ID, signal: "payment", status: "running", seq: 7 } },
  },
  signals: {
    request: { signals: [{ name: "payment", data: { paid: true } }, { name: "payment" }] },
    answers: { 202: { execution_id: EXECUTION_ID, accepted: 2, status: "running", seq: 9 } },
  },
  addNote: {
    request: { message: note.message, tags: note.tags },
    answers: { 201: { execution_id: EXECUTION_ID, notes: [note], total: 1 } },
  },
  listNotes: { answers: { 200: { execution_id: EXECUTION_ID, notes: [note], total: 1, next_after: null } } },
  restart: {
    request: { scope: "execution", reuse: "all-succeeded", fork: false, reason: "The service is back." },
    answers: {
      202: {
        ...accepted,
        execution_id: EXECUTION_ID.replace("6yq", "7zr"),
        source_execution_id: EXECUTION_ID,
        source_run_id: RUN_ID,
        replay_mode: "all-succeeded",
        scope: "execution",
        kind: "restart",
      },
    },
  },
  batchStatus: {
    request: { execution_ids: [EXECUTION_ID, "exec_unknown"], include_result: true },
    answers: { 200: { [EXECUTION_ID]: succeeded, exec_unknown: { status: "not_found" } } },
  },
};
