import { ENDPOINTS } from "../../contract/endpoints.ts";
import { NamesQuery } from "../../contract/query-values.ts";
import type { QueueBody } from "../../contract/queues/endpoints.ts";
import { QueueRequest } from "../../contract/queues/endpoints.ts";
import type { Result } from "../../domain/values/fault.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { parseBody, parseQuery } from "../requests/parse.ts";

/** Queues under concurrency limits. */
export function queueRoutes(app: App): void {
  route(app, ENDPOINTS.listQueues, list);
  route(app, ENDPOINTS.setQueue, set);
  route(app, ENDPOINTS.pauseQueue, async (c) => said(c, await queues(c).pause(c.get("holder").caller, nameOf(c))));
  route(app, ENDPOINTS.resumeQueue, async (c) => said(c, await queues(c).resume(c.get("holder").caller, nameOf(c))));
}

const queues = (c: C) => c.get("services").queues;
const nameOf = (c: C) => c.req.param("queue") ?? "";
const said = (c: C, changed: Result<QueueBody>) =>
  changed.ok ? answerJson(c, changed.value) : answerRefusal(c, changed);

async function list(c: C): Promise<Response> {
  const query = parseQuery(c, NamesQuery);
  if (!query.ok) return answerRefusal(c, query);
  const { items, nextCursor } = await queues(c).list(c.get("holder").caller, query.value);
  return answerJson(c, { items, next_cursor: nextCursor });
}

async function set(c: C): Promise<Response> {
  const body = await parseBody(c, QueueRequest);
  if (!body.ok) return answerRefusal(c, body);
  return said(c, await queues(c).setLimit(c.get("holder").caller, nameOf(c), body.value.limit));
}
