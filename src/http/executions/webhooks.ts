/** The webhook of an execution: how it stands, and a delivery that is sent again. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { webhookBody } from "../../contract/webhooks/body.ts";
import { RetryRequest } from "../../contract/webhooks/endpoints.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { idOf, parseBody } from "../requests/parse.ts";
import { nameExecution } from "../requests/request-id.ts";

export function webhookRoutes(app: App): void {
  route(app, ENDPOINTS.getWebhooks, read);
  route(app, ENDPOINTS.retryWebhook, retry);
  route(app, ENDPOINTS.retryWebhookUi, retry);
}

async function read(c: C): Promise<Response> {
  const view = await c.get("services").webhooks.read(c.get("caller"), idOf(c));
  if (!view.ok) return answerRefusal(c, view);
  const { state, webhook } = view.value;
  nameExecution(c, state.origin);
  return answerJson(c, webhookBody(state.origin.id, { view: webhook, error: state.webhookError }));
}

async function retry(c: C): Promise<Response> {
  const body = await parseBody(c, RetryRequest);
  if (!body.ok) return answerRefusal(c, body);
  const retried = await c.get("services").webhooks.retry(c.get("caller"), idOf(c), body.value.delivery);
  if (!retried.ok) return answerRefusal(c, retried);
  const { seq: delivery, event } = retried.value;
  return answerJson(c, { execution_id: idOf(c), delivery, event, status: "pending" }, { status: 202 });
}
