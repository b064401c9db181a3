/** Reading the webhook of an execution, and having a delivery sent again. */
import * as z from "zod";
import { ToldEvent } from "../../domain/execution/webhook.ts";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, change, ONE, read } from "../endpoint-parts.ts";
import { WebhookBody } from "./body.ts";

export const RetryRequest = z.object({
  delivery: z
    .number()
    .int()
    .positive()
    .optional()
    .describe("Which one, as GET …/webhooks names it. Default: the newest that was given up, else the newest."),
});
export const RetriedBody = z.object({
  execution_id: z.string(),
  delivery: z.number().int(),
  event: ToldEvent,
  status: z.literal("pending"),
});

const retry = {
  method: "POST",
  tag: "Executions",
  scope: "execute",
  body: RetryRequest,
  bodyBytes: BODY_BYTES.small,
  answers: { 202: answer("It is being sent again", RetriedBody) },
  faults: change,
} as const;

export const WEBHOOK_ENDPOINTS = {
  getWebhooks: endpoint({
    id: "getWebhooks",
    method: "GET",
    path: `${ONE}/webhooks`,
    tag: "Executions",
    scope: "read",
    summary: "Its webhook: where it tells its end, and what became of each delivery",
    answers: { 200: answer("The webhook; webhook_registered false where there is none", WebhookBody) },
    faults: read,
  }),
  retryWebhook: endpoint({
    ...retry,
    id: "retryWebhook",
    path: `${ONE}/webhooks/retry`,
    summary: "Send a delivery of its webhook again, with attempts of its own",
  }),
  retryWebhookUi: endpoint({
    ...retry,
    id: "retryWebhookUi",
    path: "/api/ui/v1/executions/{id}/webhook/retry",
    summary: "The same, where clients of AgentField call it",
  }),
} as const;
