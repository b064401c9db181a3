/** The webhook of an execution: where it tells its ends, and what became of each delivery. */
import * as z from "zod";
import type { Status } from "./status.ts";
import { isTerminal } from "./status.ts";

export const WebhookEvent = z.enum([
  "execution.completed",
  "execution.failed",
  "execution.waiting",
  "execution.blocked",
]);
export type WebhookEvent = z.infer<typeof WebhookEvent>;

/** What the owner of an execution of a plan is notified of, at the address that they keep for all of theirs. */
export const NotifiedEvent = z.enum(["task.blocked", "task.escalated"]);
export type NotifiedEvent = z.infer<typeof NotifiedEvent>;

/** Whatever is delivered. */
export const ToldEvent = z.enum([...WebhookEvent.options, ...NotifiedEvent.options]);
export type ToldEvent = z.infer<typeof ToldEvent>;

export function isNotified(event: ToldEvent): event is NotifiedEvent {
  return NotifiedEvent.safeParse(event).success;
}

/** The ends are told always; what else is told is asked for. */
export const ALWAYS_TOLD: readonly WebhookEvent[] = ["execution.completed", "execution.failed"];

/** As a start registers it. Address, secret and values of headers are in `sealed` alone, which no reader of the log gets. */
export const Webhook = z.object({
  /** The address without its query, for people. */
  address: z.string(),
  events: z.array(WebhookEvent),
  signed: z.boolean(),
  headerNames: z.array(z.string()),
  /** A `WebhookSecrets` as JSON. Absent only in what readers were given. */
  sealed: z.string().optional(),
});
export type Webhook = z.infer<typeof Webhook>;

/** What a delivery needs and no reader is shown. */
export const WebhookSecrets = z.object({
  url: z.string(),
  secret: z.string().optional(),
  headers: z.record(z.string(), z.string()),
});
export type WebhookSecrets = z.infer<typeof WebhookSecrets>;

/** The registration that a start asked for: taken, or refused with the reason. The start itself goes on. */
export type WebhookAsked = { readonly webhook: Webhook } | { readonly webhookError: string } | Record<string, never>;

/** One event that is told: sent until it is taken, or until the tries are used up. */
export const Delivery = z.object({
  /** The seq of the event of the log that it tells. */
  seq: z.number().int(),
  event: ToldEvent,
  status: z.enum(["pending", "delivered", "failed"]),
  attempts: z.number().int(),
});
export type Delivery = z.infer<typeof Delivery>;

/** What the state keeps of a webhook. */
export const WebhookMark = z.object({
  events: z.array(WebhookEvent),
  /** The newest ones. */
  deliveries: z.array(Delivery),
  /** All there were. */
  total: z.number().int(),
  /** Those that were given up. */
  failed: z.number().int(),
  /** The events of the newest attempts. */
  attemptSeqs: z.array(z.number().int()),
});
export type WebhookMark = z.infer<typeof WebhookMark>;

/** A delivery was given up, and nobody has it sent again. */
export function isWebhookFailing({ webhook }: { readonly webhook?: WebhookMark | undefined }): boolean {
  return (webhook?.failed ?? 0) > 0;
}

/** Tries of one delivery, before it is given up. */
export const MOST_ATTEMPTS = 5;
/** Deliveries, and attempts, that the state names. */
export const MOST_MARKS = 20;

/** What a webhook is told when an execution moves to this status; `undefined` for nothing. */
export function webhookEventOf(status: Status): WebhookEvent | undefined {
  if (status === "succeeded") return "execution.completed";
  if (status === "waiting") return "execution.waiting";
  if (status === "blocked") return "execution.blocked";
  return isTerminal(status) ? "execution.failed" : undefined;
}
