/** The route by which agents have tasks taken apart. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { DEFAULT_WAIT_S, RunHeaders, WaitQuery } from "../../contract/executions/requests.ts";
import { DecomposeRequest, decompositionBody } from "../../contract/polling-agents/decomposition.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { askedFrom, baseUrlOf } from "../requests/asked-from.ts";
import { parseBody, parseHeaders, parseQuery } from "../requests/parse.ts";
import { nameExecution } from "../requests/request-id.ts";

export function decompositionRoutes(app: App): void {
  route(app, ENDPOINTS.decomposeTask, decompose);
}

async function decompose(c: C): Promise<Response> {
  const query = parseQuery(c, WaitQuery);
  if (!query.ok) return answerRefusal(c, query);
  const headers = parseHeaders(c, RunHeaders);
  if (!headers.ok) return answerRefusal(c, headers);
  const request = await parseBody(c, DecomposeRequest);
  if (!request.ok) return answerRefusal(c, request);
  const made = await c.get("services").decompositions.decompose(c.get("caller"), {
    ...askedFrom(c),
    agentId: c.req.param("agent_id") ?? "",
    request: request.value,
    headers: headers.value,
    waitMs: (query.value.wait ?? DEFAULT_WAIT_S) * 1_000,
  });
  if (!made.ok) return answerRefusal(c, made);
  const { view, found } = made.value;
  const { origin, status } = view.state;
  nameExecution(c, origin);
  if (found) return answerJson(c, decompositionBody(found, view));
  const path = `/api/v1/executions/${origin.id}`;
  const going = {
    task_id: request.value.task.task_id,
    execution_id: origin.id,
    status,
    execution: `${baseUrlOf(c)}${path}`,
  };
  return answerJson(c, going, { status: 202, headers: { location: path } });
}
