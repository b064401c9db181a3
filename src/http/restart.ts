import { ENDPOINTS } from "../contract/endpoints.ts";
import { RunHeaders } from "../contract/requests.ts";
import { RestartRequest, restartedBody } from "../contract/restart.ts";
import { answerRefusal } from "./answer.ts";
import type { App, C } from "./app.ts";
import { idOf, parseBody, parseHeaders } from "./parse.ts";
import { route } from "./route.ts";

/** A new execution that follows one which has ended. */
export function restartRoutes(app: App): void {
  route(app, ENDPOINTS.restart, restart);
}

async function restart(c: C): Promise<Response> {
  const headers = parseHeaders(c, RunHeaders);
  if (!headers.ok) return answerRefusal(c, headers);
  const body = await parseBody(c, RestartRequest);
  if (!body.ok) return answerRefusal(c, body);
  const idempotencyKey = headers.value["idempotency-key"];
  const which = { id: idOf(c), request: body.value, idempotencyKey };
  const restarted = await c.get("services").restarts.restart(c.get("caller"), which);
  if (!restarted.ok) return answerRefusal(c, restarted);
  const { id, runId } = restarted.value;
  const named = { "x-execution-id": id, "x-run-id": runId, location: `/api/v1/executions/${id}` };
  return c.json(restartedBody(restarted.value, body.value), 202, named);
}
