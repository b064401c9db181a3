/** Runs: read as a whole, drawn as a tree, cancelled as a whole. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { ReasonRequest } from "../../contract/executions/requests.ts";
import { DagQuery, dagBody, lightweightDagBody } from "../../contract/runs/dag.ts";
import { ActiveQuery, cancelTreeBody, digestBody, runBody } from "../../contract/runs/runs.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { parseBody, parseQuery } from "../requests/parse.ts";

/** Before the routes of single executions: `executions/active` would be taken for an id. */
export function runRoutes(app: App): void {
  route(app, ENDPOINTS.activeRuns, active);
  route(app, ENDPOINTS.getRun, run);
  route(app, ENDPOINTS.getWorkflow, run);
  route(app, ENDPOINTS.runDag, dag);
  route(app, ENDPOINTS.workflowDag, dag);
  route(app, ENDPOINTS.workflowDagForUi, dag);
  route(app, ENDPOINTS.cancelRun, cancelTree);
  route(app, ENDPOINTS.cancelWorkflow, cancelTree);
}

const runIdOf = (c: C): string => c.req.param("run_id") ?? "";

async function run(c: C): Promise<Response> {
  const view = await c.get("services").runs.read(c.get("caller"), runIdOf(c), { notes: false });
  return view.ok ? answerJson(c, runBody(view.value)) : answerRefusal(c, view);
}

async function dag(c: C): Promise<Response> {
  const query = parseQuery(c, DagQuery);
  if (!query.ok) return answerRefusal(c, query);
  const { lightweight, mode } = query.value;
  const light = lightweight === "1" || lightweight === "true" || mode === "lightweight";
  const view = await c
    .get("services")
    .runs.read(c.get("caller"), runIdOf(c), { notes: !light, webhooks: true, calls: true });
  if (!view.ok) return answerRefusal(c, view);
  return answerJson(c, light ? lightweightDagBody(view.value) : dagBody(view.value));
}

async function cancelTree(c: C): Promise<Response> {
  const body = await parseBody(c, ReasonRequest);
  if (!body.ok) return answerRefusal(c, body);
  const nodes = await c.get("services").runs.cancelTree(c.get("caller"), runIdOf(c), body.value.reason);
  return nodes.ok ? answerJson(c, cancelTreeBody(runIdOf(c), nodes.value, Date.now())) : answerRefusal(c, nodes);
}

async function active(c: C): Promise<Response> {
  const query = parseQuery(c, ActiveQuery);
  if (!query.ok) return answerRefusal(c, query);
  const { limit, session_id, agent_id } = query.value;
  const found = await c.get("services").runs.active(c.get("caller"), { limit, sessionId: session_id, agent: agent_id });
  return answerJson(c, { count: found.length, runs: found.map(digestBody) });
}
