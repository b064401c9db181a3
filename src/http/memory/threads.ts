/** Conversations of sessions, as they are remembered. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { ThreadQuery, ThreadsQuery } from "../../contract/runs/threads.ts";
import type { AskedThread } from "../../operations/memory/threads.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { parseQuery } from "../requests/parse.ts";

export function threadRoutes(app: App): void {
  route(app, ENDPOINTS.listThreads, list);
  route(app, ENDPOINTS.getThread, get);
  route(app, ENDPOINTS.forgetThread, forget);
}

async function list(c: C): Promise<Response> {
  const query = parseQuery(c, ThreadsQuery);
  if (!query.ok) return answerRefusal(c, query);
  const found = await c.get("services").threads.list(c.get("caller"), c.req.param("session_id") ?? "", query.value);
  return found.ok ? answerJson(c, found.value) : answerRefusal(c, found);
}

async function get(c: C): Promise<Response> {
  const query = parseQuery(c, ThreadQuery);
  if (!query.ok) return answerRefusal(c, query);
  const found = await c.get("services").threads.get(c.get("caller"), askedOf(c, query.value.owner));
  return found.ok ? answerJson(c, found.value) : answerRefusal(c, found);
}

async function forget(c: C): Promise<Response> {
  const query = parseQuery(c, ThreadQuery);
  if (!query.ok) return answerRefusal(c, query);
  const forgotten = await c.get("services").threads.forget(c.get("caller"), askedOf(c, query.value.owner));
  return forgotten.ok ? new Response(null, { status: 204 }) : answerRefusal(c, forgotten);
}

function askedOf(c: C, owner: string | undefined): AskedThread {
  return { sessionId: c.req.param("session_id") ?? "", agent: c.req.param("agent") ?? "", owner };
}
