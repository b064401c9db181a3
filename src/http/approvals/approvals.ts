/** What waits for a person, and the person's answer. */
import * as z from "zod";
import { approvalStatusBody, askedBody } from "../../contract/approvals/body.ts";
import { AskApprovalRequest, decisionOf, EnvelopedDecision, FlatDecision } from "../../contract/approvals/requests.ts";
import { ENDPOINTS } from "../../contract/endpoints.ts";
import {
  ApprovalRequest,
  ApprovalStatusQuery,
  ApprovalWebhook,
  ResolveRequest,
} from "../../contract/executions/requests.ts";
import type { CommandResult } from "../../domain/read-models/view.ts";
import type { Result } from "../../domain/values/fault.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { idOf, parseBody, parseQuery, parseValue } from "../requests/parse.ts";
import { nameExecution } from "../requests/request-id.ts";

export function approvalRoutes(app: App): void {
  route(app, ENDPOINTS.approvalStatus, status);
  route(app, ENDPOINTS.approvalStatusOfAgent, status);
  route(app, ENDPOINTS.approve, decide);
  route(app, ENDPOINTS.requestApproval, request);
  route(app, ENDPOINTS.requestApprovalOfAgent, request);
  route(app, ENDPOINTS.approveByWebhook, decideById);
  route(app, ENDPOINTS.approvalResponseWebhook, decideBySignedWebhook);
  route(app, ENDPOINTS.resolve, resolve);
}

async function status(c: C): Promise<Response> {
  const query = parseQuery(c, ApprovalStatusQuery);
  if (!query.ok) return answerRefusal(c, query);
  const { approval_request_id } = query.value;
  const view = await c.get("services").approvals.status(c.get("caller"), idOf(c), approval_request_id);
  if (!view.ok) return answerRefusal(c, view);
  nameExecution(c, view.value.execution);
  return answerJson(c, approvalStatusBody(view.value));
}

async function decide(c: C): Promise<Response> {
  const body = await parseBody(c, ApprovalRequest);
  if (!body.ok) return answerRefusal(c, body);
  return answerDecision(
    c,
    await c.get("services").approvals.decide(c.get("caller"), idOf(c), body.value),
    body.value.decision,
  );
}

async function decideById(c: C): Promise<Response> {
  const body = await parseBody(c, ApprovalWebhook);
  if (!body.ok) return answerRefusal(c, body);
  const { approval_request_id: id, decision } = body.value;
  return answerDecision(c, await c.get("services").approvals.decideById(c.get("caller"), id, body.value), decision);
}

async function decideBySignedWebhook(c: C): Promise<Response> {
  const body = await parseBody(c, z.record(z.string(), z.unknown()));
  if (!body.ok) return answerRefusal(c, body);
  const parsed =
    "data" in body.value ? parseValue(body.value, EnvelopedDecision) : parseValue(body.value, FlatDecision);
  if (!parsed.ok) return answerRefusal(c, parsed);
  const { id, answer } = decisionOf(parsed.value);
  return answerDecision(c, await c.get("services").approvals.decideById(c.get("caller"), id, answer), answer.decision);
}

async function request(c: C): Promise<Response> {
  const body = await parseBody(c, AskApprovalRequest);
  if (!body.ok) return answerRefusal(c, body);
  const asked = await c.get("services").approvals.request(c.get("caller"), idOf(c), body.value);
  if (!asked.ok) return answerRefusal(c, asked);
  nameExecution(c, asked.value.execution);
  return answerJson(c, askedBody(asked.value));
}

function answerDecision(c: C, result: Result<CommandResult>, decision: string): Response {
  if (!result.ok) return answerRefusal(c, result);
  const { state, approval, changed } = result.value;
  nameExecution(c, state.origin);
  const base = { execution_id: state.origin.id, approval_request_id: approval?.gateId ?? "" };
  if (changed) return answerJson(c, { status: "processed", ...base, decision, new_status: state.status });
  return answerJson(c, {
    status: "already_processed",
    ...base,
    current_status: state.status,
    approval_status: approval?.decision ?? "pending",
  });
}

async function resolve(c: C): Promise<Response> {
  const body = await parseBody(c, ResolveRequest);
  if (!body.ok) return answerRefusal(c, body);
  const result = await c.get("services").approvals.resolve(c.get("caller"), idOf(c), body.value);
  if (!result.ok) return answerRefusal(c, result);
  const { state, approval, changed } = result.value;
  nameExecution(c, state.origin);
  return answerJson(c, {
    execution_id: state.origin.id,
    effect: approval?.key ?? "",
    gate_id: approval?.gateId ?? "",
    resolution: approval?.option ?? body.value.option,
    ...(changed ? {} : { already_processed: true }),
    status: state.status,
  });
}
