/** Starting and reading executions: parse, call one operation, answer. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { executionBody } from "../../contract/executions/body.ts";
import type { LegacyBody } from "../../contract/executions/legacy-endpoints.ts";
import { DEFAULT_WAIT_S, StartHeaders, WaitQuery } from "../../contract/executions/requests.ts";
import { ListQuery, rowFor, SummaryBody, summaryBody } from "../../contract/lists.ts";
import { nodeFailureStatus } from "../../contract/nodes/failure.ts";
import { iso } from "../../contract/wire.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { FunctionKind } from "../../domain/execution/target.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import type { Result } from "../../domain/values/fault.ts";
import { route } from "../access/route.ts";
import { answerExecuteRefusal, answerJson, answerRefusal, routedHeader } from "../answers/answer.ts";
import { answerList } from "../answers/lists.ts";
import type { App, C } from "../requests/app.ts";
import { askedFrom } from "../requests/asked-from.ts";
import { parseStart } from "../requests/multipart.ts";
import { idOf, parseHeaders, parseQuery } from "../requests/parse.ts";
import { bookmarkOf, readSessionOf } from "../requests/read-session.ts";
import { nameExecution } from "../requests/request-id.ts";

export function executionRoutes(app: App): void {
  route(app, ENDPOINTS.execute, executeAndWait);
  route(app, ENDPOINTS.executeAsync, executeAsync);
  route(app, ENDPOINTS.callReasoner, (c) => call(c, "reasoner"));
  route(app, ENDPOINTS.callSkill, (c) => call(c, "skill"));
  route(app, ENDPOINTS.getExecution, getExecution);
  route(app, ENDPOINTS.listExecutions, list);
}

async function executeAndWait(c: C): Promise<Response> {
  const query = parseQuery(c, WaitQuery);
  if (!query.ok) return answerRefusal(c, query);
  const waitMs = (query.value.wait ?? DEFAULT_WAIT_S) * 1_000;
  const started = await start(c, waitMs);
  if (!started.ok) return answerExecuteRefusal(c, started);
  const ended = isTerminal(started.value.state.status);
  nameExecution(c, started.value.state.origin);
  return answerJson(c, executionBody(started.value), ended ? over(started.value) : goingOn(started.value));
}

async function call(c: C, kind: FunctionKind): Promise<Response> {
  const query = parseQuery(c, WaitQuery);
  if (!query.ok) return answerRefusal(c, query);
  const started = await start(c, (query.value.wait ?? DEFAULT_WAIT_S) * 1_000, kind);
  if (!started.ok) {
    const isThere = started.code !== "target_not_found";
    return answerExecuteRefusal(c, isThere ? started : { ...started, code: "not_found" });
  }
  const { state } = started.value;
  nameExecution(c, state.origin);
  const said = { node_id: state.origin.agent, timestamp: iso(Date.now()) };
  const body: LegacyBody = { ...executionBody(started.value), ...said };
  return answerJson(c, body, isTerminal(state.status) ? over(started.value) : goingOn(started.value));
}

async function executeAsync(c: C): Promise<Response> {
  const started = await start(c, 0);
  return started.ok ? answerAccepted(c, started.value) : answerExecuteRefusal(c, started);
}

const REPLAY_HIT = "x-agentfield-replay-hit";

/** The answer to a start that nobody waits for. */
export function answerAccepted(c: C, started: ExecutionView): Response {
  const { state } = started;
  const { id, runId, agent, fn, kind } = state.origin;
  const at = iso(state.createdAtMs);
  const body = {
    execution_id: id,
    run_id: runId,
    workflow_id: runId,
    status: "queued",
    target: `${agent}.${fn}`,
    type: kind,
    created_at: at,
    enqueued_at: at,
    webhook_registered: state.webhook !== undefined,
    ...(state.webhookError === undefined ? {} : { webhook_error: state.webhookError }),
  };
  nameExecution(c, state.origin);
  return answerJson(c, body, goingOn(started));
}

async function start(c: C, waitMs: number, kind?: FunctionKind): Promise<Result<ExecutionView>> {
  const headers = parseHeaders(c, StartHeaders);
  if (!headers.ok) return headers;
  const body = await parseStart(c);
  if (!body.ok) return body;
  const {
    id,
    input,
    context,
    run_metadata,
    metadata = run_metadata,
    attributes,
    budget,
    deadline,
    webhook,
  } = body.value.envelope;
  return c.get("services").executions.start(c.get("caller"), {
    id,
    target: c.req.param("target") ?? "",
    ...(kind === undefined ? {} : { kind }),
    input,
    stray: body.value.stray,
    context,
    metadata,
    attributes,
    webhook,
    budget,
    deadlineMs: deadline === undefined ? undefined : Date.parse(deadline),
    headers: headers.value,
    uploads: body.value.uploads,
    ...askedFrom(c),
    waitMs,
  });
}

/** 202, and where to look. */
function goingOn({ state }: ExecutionView) {
  return { status: 202, headers: { location: `/api/v1/executions/${state.origin.id}`, ...routed(state) } };
}

/** Who called a node hears of its failure by the status too, as AgentField tells it: its SDKs read nothing else. */
function over(view: ExecutionView) {
  const { state, error } = view;
  const hasFailed = state.origin.remote !== undefined && state.status === "failed" && error !== undefined;
  return { status: hasFailed ? nodeFailureStatus(error) : 200, headers: routed(state) };
}

function routed({ origin }: ExecutionView["state"]) {
  const hit = origin.replay && origin.restartedFrom;
  return { ...routedHeader(origin.remote && origin.version), ...(hit ? { [REPLAY_HIT]: hit.id } : {}) };
}

async function getExecution(c: C): Promise<Response> {
  const query = parseQuery(c, WaitQuery);
  if (!query.ok) return answerRefusal(c, query);
  const { wait } = query.value;
  const waitMs = wait === undefined ? undefined : wait * 1_000;
  const view = await c.get("services").executions.get(c.get("caller"), idOf(c), waitMs);
  if (!view.ok) return answerRefusal(c, view);
  nameExecution(c, view.value.state.origin);
  const { metadata } = view.value;
  const named = metadata === undefined ? {} : { run_metadata: metadata };
  return answerJson(c, { ...executionBody(view.value), ...named }, { headers: reuseHeaders(view.value) });
}

/** Of an execution that took results over: how many, and from whom (AgentField's word for it). */
function reuseHeaders({ state }: ExecutionView): Record<string, string> {
  const { results, origin } = state;
  if (!results?.reused || !origin.restartedFrom) return {};
  return { "x-errand-reused": String(results.reused), [REPLAY_HIT]: origin.restartedFrom.id };
}

function list(c: C): Promise<Response> {
  const caller = c.get("caller");
  const session = readSessionOf(c);
  return answerList(c, {
    ...{ name: "executions", query: ListQuery, item: SummaryBody, pageRows: 1_000 },
    read: async (query) => {
      const { rows, nextCursor } = await c.get("services").lists.executions(caller, query, session);
      const items = rows.map((row) => summaryBody(rowFor(caller, row)));
      return { items, nextCursor, headers: bookmarkOf(session) };
    },
  });
}
