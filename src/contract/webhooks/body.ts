/** A webhook and its deliveries, as readers of the execution see them. */
import * as z from "zod";
import { ToldEvent, WebhookEvent } from "../../domain/execution/webhook.ts";
import type { WebhookView } from "../../domain/read-models/webhook-view.ts";
import { iso } from "../wire.ts";

const Attempt = z.object({
  event: ToldEvent,
  event_type: ToldEvent,
  delivery: z.number().int().describe("The seq of the event that was told."),
  attempt: z.number().int(),
  status: z.enum(["delivered", "failed"]),
  http_status: z.number().int().optional(),
  error_message: z.string().optional(),
  duration_ms: z.number(),
  created_at: z.iso.datetime(),
});

/** In the body of an execution. */
export const WEBHOOK_FIELDS = {
  webhook_registered: z.boolean(),
  webhook_error: z.string().optional().describe("Why the webhook that was asked for is not registered."),
  webhook_events: z.array(Attempt).optional().describe("The newest attempts to deliver, oldest first."),
  webhook_summary: z
    .object({ total_deliveries: z.number().int(), pending: z.number().int(), failed_deliveries: z.number().int() })
    .optional()
    .describe("Events that its webhook was told or is being told; failed: given up until they are sent again."),
};

export const WebhookBody = z.object({
  execution_id: z.string(),
  webhook_registered: z.boolean(),
  webhook_error: z.string().optional(),
  address: z.string().optional().describe("Without its query."),
  events: z.array(WebhookEvent),
  signed: z.boolean(),
  header_names: z.array(z.string()),
  deliveries: z.array(
    z.object({
      delivery: z.number().int().describe("The seq of the event that is told; names the delivery in a retry."),
      event: ToldEvent,
      status: z
        .enum(["pending", "delivered", "failed"])
        .describe("failed: all attempts failed; POST …/retry sends it again."),
      attempts: z.number().int(),
      next_attempt_at: z.iso.datetime().optional(),
    }),
  ),
  attempts: z.array(Attempt).describe("The newest 20, oldest first."),
  total_deliveries: z.number().int(),
  failed_deliveries: z.number().int(),
});

interface Seen {
  readonly view: WebhookView | undefined;
  readonly error: string | undefined;
}

const errorOf = (error: string | undefined) => (error === undefined ? {} : { webhook_error: error });

/** The fields of an execution's body. */
export function webhookFields({ view, error }: Seen) {
  if (!view) return { webhook_registered: false, ...errorOf(error) };
  const { deliveries, total, failed } = view;
  const pending = deliveries.filter(({ status }) => status === "pending").length;
  return {
    webhook_registered: view.address !== undefined,
    ...(view.attempts.length === 0 ? {} : { webhook_events: view.attempts.map(attemptBody) }),
    ...(total === 0 ? {} : { webhook_summary: { total_deliveries: total, pending, failed_deliveries: failed } }),
  };
}

function attemptBody({ event, of, attempt, httpStatus, error, durationMs, atMs }: WebhookView["attempts"][number]) {
  return {
    event,
    event_type: event,
    delivery: of,
    attempt,
    status: error === undefined ? ("delivered" as const) : ("failed" as const),
    ...(httpStatus === undefined ? {} : { http_status: httpStatus }),
    ...(error === undefined ? {} : { error_message: error }),
    duration_ms: durationMs,
    created_at: iso(atMs),
  };
}

export function webhookBody(executionId: string, { view, error }: Seen): z.infer<typeof WebhookBody> {
  return {
    execution_id: executionId,
    webhook_registered: view?.address !== undefined,
    ...errorOf(error),
    ...(view?.address === undefined ? {} : { address: view.address }),
    events: [...(view?.events ?? [])],
    signed: view?.signed ?? false,
    header_names: [...(view?.headerNames ?? [])],
    deliveries: (view?.deliveries ?? []).map(({ seq, event, status, attempts, nextAtMs }) => ({
      delivery: seq,
      event,
      status,
      attempts,
      ...(nextAtMs === undefined ? {} : { next_attempt_at: iso(nextAtMs) }),
    })),
    attempts: (view?.attempts ?? []).map(attemptBody),
    total_deliveries: view?.total ?? 0,
    failed_deliveries: view?.failed ?? 0,
  };
}
