/** Routes of executions of plans, and of the agents that do them: bodies in, operations, bodies out. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import {
  planExecutionBody,
  planExecutionDetail,
  planRowBody,
  reportBody,
} from "../../contract/plan-executions/bodies.ts";
import {
  PlanExecutionPatch,
  PlanExecutionRequest,
  PlanExecutionsQuery,
  ReportBatch,
  ReportRequest,
  ReportsQuery,
  ResolveTaskRequest,
  WorkQuery,
} from "../../contract/plan-executions/requests.ts";
import { recordedBody, workBody } from "../../contract/plan-executions/work-bodies.ts";
import { isRecord } from "../../domain/values/is-record.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { idOf, parseBody, parseQuery, parseValue, readJson } from "../requests/parse.ts";

export function planExecutionRoutes(app: App): void {
  route(app, ENDPOINTS.startPlan, start);
  route(app, ENDPOINTS.listPlanExecutions, list);
  route(app, ENDPOINTS.getPlanExecution, get);
  route(app, ENDPOINTS.changePlanExecution, change);
  route(app, ENDPOINTS.resolveTask, resolve);
  route(app, ENDPOINTS.listReports, reports);
  route(app, ENDPOINTS.reportEvents, report);
  route(app, ENDPOINTS.pollWork, poll);
}

const executions = (c: C) => c.get("services").planExecutions;

async function start(c: C): Promise<Response> {
  const body = await parseBody(c, PlanExecutionRequest);
  if (!body.ok) return answerRefusal(c, body);
  const made = await executions(c).start(c.get("caller"), body.value);
  if (!made.ok) return answerRefusal(c, made);
  const { view, isNew } = made.value;
  return answerJson(c, planExecutionBody(view), { status: isNew ? 201 : 200 });
}

async function list(c: C): Promise<Response> {
  const query = parseQuery(c, PlanExecutionsQuery);
  if (!query.ok) return answerRefusal(c, query);
  const { items, nextCursor } = await executions(c).list(c.get("caller"), query.value);
  return answerJson(c, { items: items.map(planRowBody), next_cursor: nextCursor });
}

async function get(c: C): Promise<Response> {
  const found = await executions(c).get(c.get("caller"), idOf(c));
  return found.ok ? answerJson(c, planExecutionDetail(found.value)) : answerRefusal(c, found);
}

async function change(c: C): Promise<Response> {
  const body = await parseBody(c, PlanExecutionPatch);
  if (!body.ok) return answerRefusal(c, body);
  const changed = await executions(c).change(c.get("caller"), idOf(c), body.value);
  return changed.ok ? answerJson(c, planExecutionBody(changed.value)) : answerRefusal(c, changed);
}

async function resolve(c: C): Promise<Response> {
  const body = await parseBody(c, ResolveTaskRequest);
  if (!body.ok) return answerRefusal(c, body);
  const resolved = await executions(c).resolve(c.get("caller"), idOf(c), body.value);
  return resolved.ok ? answerJson(c, planExecutionBody(resolved.value)) : answerRefusal(c, resolved);
}

async function reports(c: C): Promise<Response> {
  const query = parseQuery(c, ReportsQuery);
  if (!query.ok) return answerRefusal(c, query);
  const { limit, cursor: before, task_id: subtask } = query.value;
  const page = await executions(c).reports(c.get("caller"), idOf(c), { limit, before, subtask });
  if (!page.ok) return answerRefusal(c, page);
  const items = page.value.reports.map((item) => reportBody(idOf(c), item));
  return answerJson(c, { items, next_cursor: page.value.before === null ? null : String(page.value.before) });
}

/** One event, or a list of them: told apart before it is parsed, so that a refusal names the field. */
async function report(c: C): Promise<Response> {
  const json = await readJson(c);
  if (!json.ok) return answerRefusal(c, json);
  const isBatch = isRecord(json.value) && Object.hasOwn(json.value, "events");
  const sent = isBatch ? parseValue(json.value, ReportBatch) : parseValue(json.value, ReportRequest);
  if (!sent.ok) return answerRefusal(c, sent);
  const events = "events" in sent.value ? sent.value.events : [sent.value];
  const recorded = await c.get("services").agentWork.report(c.get("caller"), idOf(c), events);
  if (!recorded.ok) return answerRefusal(c, recorded);
  const results = recorded.value.map(recordedBody);
  const [first] = results;
  return answerJson(c, isBatch || !first ? { results } : first, { status: 201 });
}

async function poll(c: C): Promise<Response> {
  const query = parseQuery(c, WorkQuery);
  if (!query.ok) return answerRefusal(c, query);
  const found = await c.get("services").agentWork.poll(c.get("caller"), c.req.param("agent_id") ?? "", query.value);
  if (!found.ok) return answerRefusal(c, found);
  return found.value ? answerJson(c, workBody(found.value)) : new Response(null, { status: 204 });
}
