/** Examples of the webhook of an execution, and of where people are notified. */
import type { Examples } from "./example.ts";
import { CREATED_AT, EXECUTION_ID, LATER } from "./example.ts";

const retried = { execution_id: EXECUTION_ID, delivery: 9, event: "execution.completed", status: "pending" };
const attempt = {
  event: "execution.completed",
  event_type: "execution.completed",
  delivery: 9,
  attempt: 1,
  status: "failed",
  http_status: 503,
  error_message: "it answered 503",
  duration_ms: 42,
  created_at: CREATED_AT,
};

const notified = {
  ...{ for: "own", registered: true, address: "https://app.example.com/rooms/prospecting" },
  ...{ signed: true, header_names: [], updated_at: CREATED_AT },
};

export const WEBHOOK_EXAMPLES: Examples = {
  getNotifications: { answers: { 200: notified } },
  setNotifications: {
    request: { url: "https://app.example.com/rooms/prospecting", secret: "whsec_c2VjcmV0IG9mIGEgcm9vbQ==" },
    answers: { 200: notified },
  },
  removeNotifications: { answers: { 204: null } },
  getWebhooks: {
    answers: {
      200: {
        execution_id: EXECUTION_ID,
        webhook_registered: true,
        address: "https://app.example.com/webhooks/errand",
        events: ["execution.completed", "execution.failed", "execution.waiting"],
        signed: true,
        header_names: ["x-team"],
        deliveries: [
          { delivery: 9, event: "execution.completed", status: "pending", attempts: 1, next_attempt_at: LATER },
        ],
        attempts: [attempt],
        total_deliveries: 1,
        failed_deliveries: 0,
      },
    },
  },
  retryWebhook: { request: { delivery: 9 }, answers: { 202: retried } },
  retryWebhookUi: { request: {}, answers: { 202: retried } },
};
