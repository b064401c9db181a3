import { messageId } from "../../domain/execution/outbox-entry.ts";
import { isNotified } from "../../domain/execution/webhook.ts";
import type { AttemptToDeliver, WebhookView } from "../../domain/read-models/webhook-view.ts";
import type { Journal } from "../journal/journal.ts";

/** Of an execution whose owner is notified: the address is theirs, and no part of it. */
const NOT_REGISTERED = { address: undefined, events: [], signed: false, headerNames: [] };

/** Returns the webhook of an execution with its newest deliveries and attempts; `undefined` where nothing was or is told. */
export function webhookViewOf(journal: Journal): WebhookView | undefined {
  const mark = journal.state?.webhook;
  const created = journal.event(1);
  if (!mark || created?.type !== "execution.created") return undefined;
  const { address, events, signed, headerNames } = created.data.webhook ?? NOT_REGISTERED;
  const deliveries = mark.deliveries.map((delivery) => {
    const { event, seq, status } = delivery;
    const row = journal.outbox.get(
      messageId(isNotified(event) ? { to: "notification", event, seq } : { to: "webhook", event, seq }),
    );
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
