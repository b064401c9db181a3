/** What nodes tell of executions that they work at. */
import { ENDPOINTS } from "../contract/endpoints.ts";
import { ReportRequest } from "../contract/nodes/reports.ts";
import { answerJson, answerRefusal } from "./answer.ts";
import type { App, C } from "./app.ts";
import { idOf, parseBody } from "./parse.ts";
import { nameExecution } from "./request-id.ts";
import { route } from "./route.ts";

export function reportRoutes(app: App): void {
  route(app, ENDPOINTS.reportStatus, reportStatus);
}

async function reportStatus(c: C): Promise<Response> {
  const body = await parseBody(c, ReportRequest);
  if (!body.ok) return answerRefusal(c, body);
  const { status, result, error, error_details: errorDetails, usage, progress } = body.value;
  const report = { status, result, error: error ?? undefined, errorDetails, usage, progress: progress ?? undefined };
  const told = await c.get("services").reports.report(c.get("caller"), idOf(c), report);
  if (!told.ok) return answerRefusal(c, told);
  const { state, changed } = told.value;
  nameExecution(c, state.origin);
  return answerJson(c, {
    execution_id: state.origin.id,
    run_id: state.origin.runId,
    status: state.status,
    ...(state.reason === undefined ? {} : { status_reason: state.reason }),
    applied: changed,
  });
}
