/** What waits for a person, and the person's answer. */
import { approvalStatusBody } from "../contract/approval-body.ts";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { ApprovalRequest, ApprovalWebhook, ResolveRequest } from "../contract/requests.ts";
import type { Result } from "../domain/fault.ts";
import type { Decided } from "../operations/approvals.ts";
import { answerRefusal } from "./answer.ts";
import type { App, C } from "./app.ts";
import { idOf, parseBody } from "./parse.ts";
import { route } from "./route.ts";

export function approvalRoutes(app: App): void {
  route(app, ENDPOINTS.approvalStatus, status);
  route(app, ENDPOINTS.approve, decide);
  route(app, ENDPOINTS.approveByWebhook, decideByGate);
  route(app, ENDPOINTS.resolve, resolve);
}

async function status(c: C): Promise<Response> {
  const view = await c.get("services").approvals.status(c.get("caller"), idOf(c));
  return view.ok ? c.json(approvalStatusBody(view.value)) : answerRefusal(c, view);
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

async function decideByGate(c: C): Promise<Response> {
  const body = await parseBody(c, ApprovalWebhook);
  if (!body.ok) return answerRefusal(c, body);
  const { approval_request_id: gateId, decision } = body.value;
  return answerDecision(
    c,
    await c.get("services").approvals.decideByGate(c.get("caller"), gateId, body.value),
    decision,
  );
}

function answerDecision(c: C, decided: Result<Decided>, decision: string): Response {
  if (!decided.ok) return answerRefusal(c, decided);
  const { told, gateId } = decided.value;
  const { state } = told.view;
  const base = { execution_id: state.origin.id, approval_request_id: gateId };
  if (told.changed) return c.json({ status: "processed", ...base, decision, new_status: state.status });
  return c.json({
    status: "already_processed",
    ...base,
    current_status: state.status,
    approval_status: state.lastGate?.decision ?? "pending",
  });
}

async function resolve(c: C): Promise<Response> {
  const body = await parseBody(c, ResolveRequest);
  if (!body.ok) return answerRefusal(c, body);
  const resolved = await c.get("services").approvals.resolve(c.get("caller"), idOf(c), body.value);
  if (!resolved.ok) return answerRefusal(c, resolved);
  const { told, gateId } = resolved.value;
  return c.json({
    execution_id: idOf(c),
    effect: gateId,
    resolution: body.value.option,
    status: told.view.state.status,
  });
}
