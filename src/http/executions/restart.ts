import { ENDPOINTS } from "../../contract/endpoints.ts";
import { RunHeaders } from "../../contract/executions/requests.ts";
import { RestartRequest, restartedBody } from "../../contract/executions/restart.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { idOf, parseBody, parseHeaders } from "../requests/parse.ts";
import { nameExecution } from "../requests/request-id.ts";

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
  nameExecution(c, restarted.value);
  const location = `/api/v1/executions/${restarted.value.id}`;
  return answerJson(c, restartedBody(restarted.value, body.value), { status: 202, headers: { location } });
}
