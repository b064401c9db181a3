/** Rows of the endpoint table for approvals and effects in doubt: where people answer. Who may answer is decided in the domain. */
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, body, change, ONE, read, V1 } from "../endpoint-parts.ts";
import { ApprovalRequest, ApprovalStatusQuery, ApprovalWebhook, ResolveRequest } from "../executions/requests.ts";
import { ApprovalStatusBody, DecisionBody, ResolvedBody } from "../replies.ts";
import { ApprovalResponseWebhook, AskApprovalRequest, AskedBody } from "./requests.ts";

const undecided = ["no_open_gate", "decision_mismatch", "forbidden_approver"] as const;
const signed = ["invalid_signature", "webhooks_not_configured", "decision_too_old"] as const;

const shows = {
  method: "GET",
  tag: "Approvals",
  scope: "read",
  orScope: ["approve", "agent"],
  summary: "One approval with its payload: the named one, else the one that waits, else the one decided last",
  query: ApprovalStatusQuery,
  answers: { 200: answer("Its status", ApprovalStatusBody) },
  faults: [...read, "invalid_input"],
} as const;

const asks = {
  method: "POST",
  tag: "Approvals",
  scope: "execute",
  orScope: "agent",
  summary: "Ask for an approval under an id of your own: the execution stands still until it is decided",
  body: AskApprovalRequest,
  bodyBytes: BODY_BYTES.value,
  answers: { 200: answer("Open", AskedBody) },
  faults: [...change, "approval_already_requested", "invalid_callback_url", "unavailable"],
} as const;

/** Where people answer: approvals and effects in doubt. */
export const APPROVAL_ENDPOINTS = {
  resolve: endpoint({
    id: "resolve",
    method: "POST",
    path: `${ONE}/resolve`,
    tag: "Approvals",
    scope: "approve",
    summary: "Say what became of an effect in doubt: retry it, take this result, or take it as failed",
    body: ResolveRequest,
    bodyBytes: BODY_BYTES.value,
    answers: { 200: answer("Resolved", ResolvedBody) },
    faults: [...change, "no_open_gate", "approval_id_required"],
  }),
  approvalStatus: endpoint({ ...shows, id: "approvalStatus", path: `${ONE}/approval-status` }),
  /** Where the SDKs of nodes read it. */
  approvalStatusOfAgent: endpoint({
    ...shows,
    id: "approvalStatusOfAgent",
    path: `${V1}/agents/{agent_id}/executions/{id}/approval-status`,
  }),
  approve: endpoint({
    id: "approve",
    method: "POST",
    path: `${ONE}/approval-response`,
    tag: "Approvals",
    scope: "approve",
    summary: "Decide an open approval; a repeated decision is answered `already_processed`",
    body: ApprovalRequest,
    bodyBytes: BODY_BYTES.value,
    answers: { 200: answer("Processed", DecisionBody) },
    faults: [...change, ...undecided, "approval_id_required"],
  }),
  requestApproval: endpoint({ ...asks, id: "requestApproval", path: `${ONE}/request-approval` }),
  /** Where the SDKs of nodes ask. */
  requestApprovalOfAgent: endpoint({
    ...asks,
    id: "requestApprovalOfAgent",
    path: `${V1}/agents/{agent_id}/executions/{id}/request-approval`,
  }),
  approveByWebhook: endpoint({
    id: "approveByWebhook",
    method: "POST",
    path: `${V1}/webhooks/approval`,
    tag: "Approvals",
    scope: "approve",
    signature: true,
    summary: "Decide an approval by its own id, with a key or a signed body",
    body: ApprovalWebhook,
    bodyBytes: BODY_BYTES.value,
    answers: { 200: answer("Processed", DecisionBody) },
    faults: [...change, ...undecided, ...signed],
  }),
  approvalResponseWebhook: endpoint({
    id: "approvalResponseWebhook",
    method: "POST",
    path: `${V1}/webhooks/approval-response`,
    tag: "Approvals",
    scope: "signature",
    summary: "Decide an approval by a signed webhook, flat or in an envelope",
    body: ApprovalResponseWebhook,
    bodyBytes: BODY_BYTES.signed,
    answers: { 200: answer("Processed", DecisionBody) },
    faults: [...body, "not_found", "invalid_state", ...undecided, ...signed],
  }),
} as const;
