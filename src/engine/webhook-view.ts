import { messageId } from "../domain/execution/outbox-entry.ts";
import type { AttemptToDeliver, WebhookView } from "../domain/read-models/webhook-view.ts";
import type { Journal } from "./journal.ts";

/** Returns the webhook of an execution with its newest deliveries and attempts; `undefined` where none is registered. */
export function webhookViewOf(journal: Journal): WebhookView | undefined {
  const mark = journal.state?.webhook;
  const created = journal.event(1);
  if (!mark || created?.type !== "execution.created" || !created.data.webhook) return undefined;
  const { address, events, signed, headerNames } = created.data.webhook;
  const deliveries = mark.deliveries.map((delivery) => {
    const { event, seq, status } = delivery;
    const row = journal.outbox.get(messageId({ to: "webhook", event, seq }));
    return status === "pending" && row ? { ...delivery, nextAtMs: row.nextAtMs } : delivery;
  });
  const attempts = mark.attemptSeqs.flatMap((seq) => attemptAt(journal, seq) ?? []);
  return { address, events, signed, headerNames, deliveries, total: mark.total, failed: mark.failed, attempts };
}

function attemptAt(journal: Journal, seq: number): AttemptToDeliver | undefined {
  const event = journal.event(seq);
  if (event?.type !== "webhook.delivered" && event?.type !== "webhook.failed") return undefined;
  return { ...event.data, atMs: event.atMs };
}
