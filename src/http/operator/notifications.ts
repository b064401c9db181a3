import { ENDPOINTS } from "../../contract/endpoints.ts";
import { notificationsBody } from "../../contract/notifications/endpoints.ts";
import { NotificationRequest, NotificationsQuery } from "../../contract/notifications/requests.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { parseBody, parseQuery } from "../requests/parse.ts";

/** Where people are notified that executions of theirs wait for them. */
export function notificationRoutes(app: App): void {
  route(app, ENDPOINTS.getNotifications, get);
  route(app, ENDPOINTS.setNotifications, set);
  route(app, ENDPOINTS.removeNotifications, remove);
}

const notifications = (c: C) => c.get("services").notifications;

async function get(c: C): Promise<Response> {
  const query = parseQuery(c, NotificationsQuery);
  if (!query.ok) return answerRefusal(c, query);
  const found = await notifications(c).get(c.get("caller"), query.value.for);
  return found.ok ? answerJson(c, notificationsBody(found.value)) : answerRefusal(c, found);
}

async function set(c: C): Promise<Response> {
  const query = parseQuery(c, NotificationsQuery);
  if (!query.ok) return answerRefusal(c, query);
  const body = await parseBody(c, NotificationRequest);
  if (!body.ok) return answerRefusal(c, body);
  const kept = await notifications(c).set(c.get("caller"), query.value.for, body.value);
  return kept.ok ? answerJson(c, notificationsBody(kept.value)) : answerRefusal(c, kept);
}

async function remove(c: C): Promise<Response> {
  const query = parseQuery(c, NotificationsQuery);
  if (!query.ok) return answerRefusal(c, query);
  const removed = await notifications(c).remove(c.get("caller"), query.value.for);
  return removed.ok ? new Response(null, { status: 204 }) : answerRefusal(c, removed);
}
