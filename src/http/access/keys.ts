import { KeyRequest, KeysQuery, keyBody } from "../../contract/access/keys.ts";
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { parseBody, parseQuery } from "../requests/parse.ts";
import { route } from "./route.ts";

/** Keys: made, listed, revoked. */
export function keyRoutes(app: App): void {
  route(app, ENDPOINTS.createKey, create);
  route(app, ENDPOINTS.listKeys, list);
  route(app, ENDPOINTS.revokeKey, revoke);
}

async function create(c: C): Promise<Response> {
  const body = await parseBody(c, KeyRequest);
  if (!body.ok) return answerRefusal(c, body);
  const made = await c.get("services").access.keys.create(c.get("holder"), body.value);
  if (!made.ok) return answerRefusal(c, made);
  const { record, secret } = made.value;
  return answerJson(c, { ...keyBody(record), key: secret }, { status: 201 });
}

async function list(c: C): Promise<Response> {
  const query = parseQuery(c, KeysQuery);
  if (!query.ok) return answerRefusal(c, query);
  const page = await c.get("services").access.keys.list(c.get("holder"), query.value);
  if (!page.ok) return answerRefusal(c, page);
  return answerJson(c, { items: page.value.records.map(keyBody), next_cursor: page.value.nextCursor });
}

async function revoke(c: C): Promise<Response> {
  const revoked = await c.get("services").access.keys.revoke(c.get("holder"), c.req.param("key_id") ?? "");
  return revoked.ok ? answerJson(c, keyBody(revoked.value)) : answerRefusal(c, revoked);
}
