/** Batches, sessions, the inbox: lists of more than one execution. */
import { InboxItem, InboxQuery } from "../../contract/approvals/inbox.ts";
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { BatchRequest } from "../../contract/executions/batch.ts";
import { AttributePath, AttributeQuery } from "../../contract/lists.ts";
import { digestBody } from "../../contract/runs/runs.ts";
import { SessionItem, SessionListQuery, SessionsQuery, sessionBody } from "../../contract/runs/sessions.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import { answerList } from "../answers/lists.ts";
import type { App, C } from "../requests/app.ts";
import { parseBody, parseQuery, parseValue } from "../requests/parse.ts";
import { bookmarkOf, readSessionOf } from "../requests/read-session.ts";

export function runListRoutes(app: App): void {
  route(app, ENDPOINTS.batchStatus, batch);
  route(app, ENDPOINTS.listSessions, sessions);
  route(app, ENDPOINTS.getSession, session);
  route(app, ENDPOINTS.listApprovals, inbox);
  route(app, ENDPOINTS.countAttribute, attribute);
}

async function batch(c: C): Promise<Response> {
  const body = await parseBody(c, BatchRequest);
  if (!body.ok) return answerRefusal(c, body);
  const found = await c.get("services").batches.status(c.get("caller"), body.value);
  return answerJson(c, Object.fromEntries(found));
}

function sessions(c: C): Promise<Response> {
  const reading = readSessionOf(c);
  return answerList(c, {
    ...{ name: "sessions", query: SessionListQuery, item: SessionItem, pageRows: 200 },
    read: async (query) => {
      const { items, nextCursor } = await c.get("services").sessions.list(c.get("caller"), query, reading);
      return { items: items.map(sessionBody), nextCursor, headers: bookmarkOf(reading) };
    },
  });
}

async function session(c: C): Promise<Response> {
  const query = parseQuery(c, SessionsQuery);
  if (!query.ok) return answerRefusal(c, query);
  const id = c.req.param("session_id") ?? "";
  const reading = readSessionOf(c);
  const found = await c.get("services").sessions.runs(c.get("caller"), id, { ...query.value, reading });
  if (!found.ok) return answerRefusal(c, found);
  const { items, nextCursor } = found.value;
  const body = { session_id: id, items: items.map(digestBody), next_cursor: nextCursor };
  return answerJson(c, body, { headers: bookmarkOf(reading) });
}

/** What a pending approval asks stands in the object of its execution, which is asked for each: so the pages are small. */
function inbox(c: C): Promise<Response> {
  const reading = readSessionOf(c);
  return answerList(c, {
    ...{ name: "approvals", query: InboxQuery, item: InboxItem, pageRows: 50 },
    read: async (query) => {
      const page = await c.get("services").approvals.inbox(c.get("caller"), query, reading);
      return { ...page, headers: bookmarkOf(reading) };
    },
  });
}

async function attribute(c: C): Promise<Response> {
  const [path, query] = [
    parseValue({ attribute: c.req.param("attribute") }, AttributePath),
    parseQuery(c, AttributeQuery),
  ];
  if (!path.ok) return answerRefusal(c, path);
  if (!query.ok) return answerRefusal(c, query);
  const { attribute: name } = path.value;
  const reading = readSessionOf(c);
  const which = { name, limit: query.value.limit };
  const counts = await c.get("services").lists.attribute(c.get("caller"), which, reading);
  return answerJson(c, { attribute: name, ...counts }, { headers: bookmarkOf(reading) });
}
