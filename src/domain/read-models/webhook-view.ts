/** A webhook as its owner sees it: what is registered, and what became of each delivery. No secret, no value of a header. */
import type { EventData } from "../execution/event.ts";
import type { Delivery, Webhook } from "../execution/webhook.ts";

export interface WebhookView extends Omit<Webhook, "sealed" | "address"> {
  /** `undefined`: none is registered; what is told are notifications of its owner. */
  readonly address: string | undefined;
  /** The newest ones. */
  readonly deliveries: readonly (Delivery & { readonly nextAtMs?: number | undefined })[];
  readonly total: number;
  readonly failed: number;
  /** The newest ones, oldest first. */
  readonly attempts: readonly AttemptToDeliver[];
}

export interface AttemptToDeliver extends Omit<EventData<"webhook.delivered">, "httpStatus"> {
  readonly atMs: number;
  readonly httpStatus?: number | undefined;
  /** Absent when it was taken. */
  readonly error?: string | undefined;
}
