import { endpoint } from "./endpoint.ts";
import { answer, change, ONE, read, V1 } from "./endpoint-parts.ts";
import { ApprovalStatusBody, DecisionBody, ResolvedBody } from "./replies.ts";
import { ApprovalRequest, ApprovalWebhook, ResolveRequest } from "./requests.ts";

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
    answers: { 200: answer("Resolved", ResolvedBody) },
    faults: [...change, "no_open_gate"],
  }),
  approvalStatus: endpoint({
    id: "approvalStatus",
    method: "GET",
    path: `${ONE}/approval-status`,
    tag: "Approvals",
    scope: "read",
    summary: "The approval this execution waits for, or the last one that was decided",
    answers: { 200: answer("Its status", ApprovalStatusBody) },
    faults: read,
  }),
  approve: endpoint({
    id: "approve",
    method: "POST",
    path: `${ONE}/approval-response`,
    tag: "Approvals",
    scope: "approve",
    summary: "Decide an open approval; a repeated decision is answered `already_processed`",
    body: ApprovalRequest,
    answers: { 200: answer("Processed", DecisionBody) },
    faults: [...change, "no_open_gate", "decision_mismatch"],
  }),
  approveByWebhook: endpoint({
    id: "approveByWebhook",
    method: "POST",
    path: `${V1}/webhooks/approval`,
    tag: "Approvals",
    scope: "approve",
    summary: "Decide an approval by its own id",
    body: ApprovalWebhook,
    answers: { 200: answer("Processed", DecisionBody) },
    faults: [...change, "no_open_gate", "decision_mismatch"],
  }),
} as const;
