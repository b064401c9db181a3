/** Where a person, or a tenant, is notified. */
import * as z from "zod";
import { WebhookRequest } from "../webhooks/request.ts";

const { url, secret, headers } = WebhookRequest.shape;

export const NotificationRequest = z.object({ url, secret, headers });

export const NotificationsQuery = z.object({
  for: z
    .enum(["own", "tenant"])
    .default("own")
    .describe("own: of your executions. tenant: of those whose owner has no address; needs the scope admin."),
});
