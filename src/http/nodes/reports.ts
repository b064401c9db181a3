/** What nodes tell of executions that they work at. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { EffectsQuery } from "../../contract/executions/requests.ts";
import { entriesOf, LogsRequest, linesOf } from "../../contract/nodes/logs.ts";
import {
  AwaiterRequest,
  ExecutionHeader,
  HeaderNoteRequest,
  ReportRequest,
  WorkflowEventRequest,
} from "../../contract/nodes/reports.ts";
import { iso } from "../../contract/wire.ts";
import type { Outcome } from "../../domain/execution/entry.ts";
import type { CommandResult } from "../../domain/read-models/view.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { accept } from "../../domain/values/fault.ts";
import { parseStrictJson } from "../../domain/values/strict-json.ts";
import { saysAnEnd, tooLargeResult, unreadableResult, wordsOf } from "../../operations/nodes/node-reports.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { readText } from "../requests/body.ts";
import { idOf, parseBody, parseHeaders, parseQuery, parseValue } from "../requests/parse.ts";
import { discardRest } from "../requests/read-the-rest.ts";
import { nameExecution } from "../requests/request-id.ts";

export function reportRoutes(app: App): void {
  route(app, ENDPOINTS.reportStatus, reportStatus);
  route(app, ENDPOINTS.reportLogs, reportLogs);
  route(app, ENDPOINTS.listLogs, listLogs);
  route(app, ENDPOINTS.workflowEvent, workflowEvent);
  route(app, ENDPOINTS.awaiterStatus, awaiterStatus);
  route(app, ENDPOINTS.noteByHeader, noteByHeader);
  route(app, ENDPOINTS.noteByHeaderUi, noteByHeader);
}

async function reportLogs(c: C): Promise<Response> {
  const body = await parseBody(c, LogsRequest);
  if (!body.ok) return answerRefusal(c, body);
  const lines = entriesOf(body.value);
  const told = await c.get("services").reports.log(c.get("caller"), idOf(c), lines);
  if (!told.ok) return answerRefusal(c, told);
  const { state, changed } = told.value;
  nameExecution(c, state.origin);
  const accepted = changed ? lines.entries.length : 0;
  return answerJson(c, { success: true, execution_id: state.origin.id, accepted }, { status: 202 });
}

async function listLogs(c: C): Promise<Response> {
  const query = parseQuery(c, EffectsQuery);
  if (!query.ok) return answerRefusal(c, query);
  const { executionLogs } = c.get("services");
  const page = await executionLogs.events(c.get("caller"), idOf(c), { ...query.value, type: "log.reported" });
  if (!page.ok) return answerRefusal(c, page);
  const logs = page.value.events.flatMap(linesOf);
  return answerJson(c, { execution_id: idOf(c), logs, total: logs.length, next_after: page.value.next });
}

async function workflowEvent(c: C): Promise<Response> {
  const body = await parseBody(c, WorkflowEventRequest);
  if (!body.ok) return answerRefusal(c, body);
  const said = body.value;
  const told = await c.get("services").reports.call(c.get("caller"), {
    id: said.execution_id,
    parentId: said.parent_execution_id ?? undefined,
    runId: said.run_id ?? said.workflow_id ?? said.root_workflow_id ?? undefined,
    node: said.agent_node_id ?? undefined,
    fn: said.reasoner_id ?? "",
    status: said.status,
    reason: said.status_reason ?? undefined,
    durationMs: said.duration_ms ?? undefined,
    result: said.result,
    error: said.error ?? undefined,
  });
  if (!told.ok) return answerRefusal(c, told);
  return answerJson(c, { success: true, ...told.value });
}

async function awaiterStatus(c: C): Promise<Response> {
  const body = await parseBody(c, AwaiterRequest);
  if (!body.ok) return answerRefusal(c, body);
  const told = await c.get("services").reports.report(c.get("caller"), idOf(c), { status: body.value.status });
  if (!told.ok) return answerRefusal(c, told);
  const { state, changed } = told.value;
  nameExecution(c, state.origin);
  return answerJson(c, { status: state.status, applied: changed });
}

async function noteByHeader(c: C): Promise<Response> {
  const headers = parseHeaders(c, ExecutionHeader);
  if (!headers.ok) return answerRefusal(c, headers);
  const body = await parseBody(c, HeaderNoteRequest);
  if (!body.ok) return answerRefusal(c, body);
  const note = { message: body.value.message, tags: body.value.tags ?? [] };
  const caller = c.get("caller");
  const kept = await c.get("services").control.note(caller, headers.value["x-execution-id"], note);
  if (!kept.ok) return answerRefusal(c, kept);
  const { origin, updatedAtMs } = kept.value.state;
  nameExecution(c, origin);
  const shown = { ...note, timestamp: iso(updatedAtMs), by: caller.subject };
  return answerJson(c, { success: true, note: shown, message: "Note added" });
}

async function reportStatus(c: C): Promise<Response> {
  const text = await readText(c);
  if (!text.ok) return text.code === "payload_too_large" ? notTaken(c, text, tooLargeResult()) : answerRefusal(c, text);
  const json = text.value.trim() === "" ? accept({}) : parseStrictJson(text.value);
  if (!json.ok) return saysAnEnd(text.value) ? notTaken(c, json, unreadableResult(json)) : answerRefusal(c, json);
  const body = parseValue(json.value, ReportRequest);
  if (!body.ok) return answerRefusal(c, body);
  const { status, result, error, error_details: errorDetails, usage, progress } = body.value;
  const percent = typeof progress === "number" ? progress : undefined;
  const report = { status, result, error: wordsOf(error), errorDetails, usage, progress: percent };
  const told = await c.get("services").reports.report(c.get("caller"), idOf(c), report);
  return told.ok ? said(c, told.value) : answerRefusal(c, told);
}

/** Of a node that works at it the report ends the execution: refused, it would be sent again. */
async function notTaken(c: C, refusal: Refusal, outcome: Outcome): Promise<Response> {
  const told = await c.get("services").reports.notTaken(c.get("caller"), idOf(c), outcome);
  if (!told.ok) return answerRefusal(c, refusal);
  await discardRest(c.req.raw);
  return said(c, told.value);
}

function said(c: C, { state, changed }: CommandResult): Response {
  nameExecution(c, state.origin);
  return answerJson(c, {
    execution_id: state.origin.id,
    run_id: state.origin.runId,
    status: state.status,
    ...(state.reason === undefined ? {} : { status_reason: state.reason }),
    applied: changed,
  });
}
