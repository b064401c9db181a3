/** Routes of plans: bodies in, operations, bodies out. What a plan may be, and who sees it, is decided behind them. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { planBody, planSummaryBody } from "../../contract/plans/bodies.ts";
import { warningsOf } from "../../contract/plans/from-request.ts";
import { PlanQuery, PlanRequest, PlansQuery, VersionsQuery } from "../../contract/plans/requests.ts";
import { subtasksOf } from "../../domain/plan/plan.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept } from "../../domain/values/fault.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { parseQuery, parseValue, readJson } from "../requests/parse.ts";

/** Plans: stored, validated, read, listed, removed. */
export function planRoutes(app: App): void {
  route(app, ENDPOINTS.createPlan, create);
  route(app, ENDPOINTS.validatePlan, validate);
  route(app, ENDPOINTS.listPlans, list);
  route(app, ENDPOINTS.getPlan, get);
  route(app, ENDPOINTS.listPlanVersions, versions);
  route(app, ENDPOINTS.deletePlan, remove);
}

const planIdOf = (c: C): string => c.req.param("plan_id") ?? "";

interface Sent {
  readonly request: PlanRequest;
  readonly warnings: readonly string[];
}

async function sentPlan(c: C): Promise<Result<Sent>> {
  const json = await readJson(c);
  if (!json.ok) return json;
  const request = parseValue(json.value, PlanRequest);
  return request.ok ? accept({ request: request.value, warnings: warningsOf(json.value) }) : request;
}

async function create(c: C): Promise<Response> {
  const sent = await sentPlan(c);
  if (!sent.ok) return answerRefusal(c, sent);
  const { request, warnings } = sent.value;
  const stored = await c.get("services").plans.create(c.get("caller"), request);
  if (!stored.ok) return answerRefusal(c, stored);
  const { record, isNew } = stored.value;
  return answerJson(c, { ...planBody(record), warnings }, { status: isNew ? 201 : 200 });
}

async function validate(c: C): Promise<Response> {
  const sent = await sentPlan(c);
  if (!sent.ok) return answerRefusal(c, sent);
  const valid = c.get("services").plans.validate(sent.value.request);
  if (!valid.ok) return answerRefusal(c, valid);
  const { plan, sequence } = valid.value;
  return answerJson(c, {
    valid: true,
    tasks_total: plan.tasks.length,
    subtasks_total: subtasksOf(plan),
    execution_sequence: sequence,
    warnings: sent.value.warnings,
  });
}

async function list(c: C): Promise<Response> {
  const query = parseQuery(c, PlansQuery);
  if (!query.ok) return answerRefusal(c, query);
  const { items, nextCursor } = await c.get("services").plans.list(c.get("caller"), query.value);
  return answerJson(c, { items: items.map(planSummaryBody), next_cursor: nextCursor });
}

async function get(c: C): Promise<Response> {
  const query = parseQuery(c, PlanQuery);
  if (!query.ok) return answerRefusal(c, query);
  const found = await c.get("services").plans.get(c.get("caller"), planIdOf(c), query.value.version);
  return found.ok ? answerJson(c, planBody(found.value)) : answerRefusal(c, found);
}

async function versions(c: C): Promise<Response> {
  const query = parseQuery(c, VersionsQuery);
  if (!query.ok) return answerRefusal(c, query);
  const page = await c.get("services").plans.versions(c.get("caller"), planIdOf(c), query.value);
  if (!page.ok) return answerRefusal(c, page);
  return answerJson(c, { items: page.value.items.map(planSummaryBody), next_cursor: page.value.nextCursor });
}

async function remove(c: C): Promise<Response> {
  const removed = await c.get("services").plans.remove(c.get("caller"), planIdOf(c));
  return removed.ok ? new Response(null, { status: 204 }) : answerRefusal(c, removed);
}
