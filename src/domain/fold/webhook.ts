/** What the state knows of a webhook: which deliveries there are, and where each stands. Called by `evolve`. */
import type { Event } from "../execution/event.ts";
import type { ExecutionState } from "../execution/state.ts";
import type { Delivery, Webhook, WebhookMark } from "../execution/webhook.ts";
import { isNotified, MOST_MARKS, webhookEventOf } from "../execution/webhook.ts";

type OfWebhook = Extract<Event, { type: `webhook.${string}` }>;
export const isOfWebhook = (event: Event): event is OfWebhook => event.type.startsWith("webhook.");

const NONE: WebhookMark = { events: [], deliveries: [], total: 0, failed: 0, attemptSeqs: [] };

/** At its creation. */
export function registered({
  webhook,
  webhookError,
}: {
  readonly webhook?: Webhook | undefined;
  readonly webhookError?: string | undefined;
}): Pick<ExecutionState, "webhook" | "webhookError"> {
  if (webhook) return { webhook: { events: webhook.events, deliveries: [], total: 0, failed: 0, attemptSeqs: [] } };
  return webhookError === undefined ? {} : { webhookError };
}

/** An event that moved the execution to a status that its webhook is told of is one more delivery. */
export function withDelivery(before: ExecutionState, after: ExecutionState): ExecutionState {
  const { webhook } = after;
  if (!webhook || before.status === after.status) return after;
  const event = webhookEventOf(after.status);
  if (!event || !webhook.events.includes(event)) return after;
  const delivery: Delivery = { seq: after.seq, event, status: "pending", attempts: 0 };
  return { ...after, webhook: { ...webhook, total: webhook.total + 1, deliveries: bounded(webhook, delivery) } };
}

/** Where there is no more room, the oldest goes of those that are over. */
function bounded({ deliveries }: WebhookMark, delivery: Delivery): Delivery[] {
  if (deliveries.length < MOST_MARKS) return [...deliveries, delivery];
  const oldest = deliveries.find(({ status }) => status !== "pending") ?? deliveries[0];
  return [...deliveries.filter((one) => one !== oldest), delivery];
}

export function foldWebhook(state: ExecutionState, { type, seq, data }: OfWebhook): ExecutionState {
  // Whether its owner is notified is known with the first try alone.
  const isFirst = state.webhook === undefined && isNotified(data.event);
  const webhook: WebhookMark | undefined = isFirst ? NONE : state.webhook;
  if (!webhook) return state;
  const found = webhook.deliveries.find(({ seq: told }) => told === data.of);
  const known = found ?? { seq: data.of, event: data.event, status: "pending", attempts: 0 };
  const isTried = type !== "webhook.retried";
  const isGivenUp = type === "webhook.failed" && data.givenUp === true;
  const status = type === "webhook.delivered" ? "delivered" : isGivenUp ? "failed" : "pending";
  const after: Delivery = { ...known, status, attempts: known.attempts + (isTried ? 1 : 0) };
  const failed = webhook.failed + (isGivenUp ? 1 : 0) - (known.status === "failed" ? 1 : 0);
  const deliveries = found ? webhook.deliveries.map((one) => (one === found ? after : one)) : bounded(webhook, after);
  const attemptSeqs = isTried ? [...webhook.attemptSeqs, seq].slice(-MOST_MARKS) : webhook.attemptSeqs;
  const total = webhook.total + (!found && isNotified(data.event) ? 1 : 0);
  return { ...state, webhook: { ...webhook, total, failed: Math.max(0, failed), deliveries, attemptSeqs } };
}
