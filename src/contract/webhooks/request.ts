/** The webhook that a start registers. */
import * as z from "zod";
import { WebhookEvent } from "../../domain/execution/webhook.ts";
import { isBase64 } from "../../domain/values/base64.ts";

const MAX_HEADERS = 20;
const MAX_HEADER_CHARACTERS = 512;
const MAX_SECRET_CHARACTERS = 4_096;
/** The platform's own, and those that say what is sent and that it is ours. */
const RESERVED =
  /^(?:host|connection|content-length|transfer-encoding|keep-alive|te|trailer|upgrade|expect|proxy-.*|cf-.*|webhook-.*|x-agentfield-signature|traceparent|tracestate)$/;

const HeaderName = z
  .string()
  .max(MAX_HEADER_CHARACTERS)
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, "must be the name of a header")
  .transform((name) => name.toLowerCase())
  .refine((name) => !RESERVED.test(name), "is a header that Errand or the platform sets: leave it out");
const HeaderValue = z
  .string()
  .max(MAX_HEADER_CHARACTERS)
  .regex(/^[\t\x20-\x7e]*$/, "must be visible ASCII in one line");

const Event = z
  .string()
  .transform((name) => (name.includes(".") ? name : `execution.${name}`))
  .pipe(z.enum(WebhookEvent.options, `must be one of ${WebhookEvent.options.join(", ")}`));

export const WebhookRequest = z.object({
  url: z.string().describe("http or https, without user name and password, at most 2,048 characters."),
  secret: z
    .string()
    .max(MAX_SECRET_CHARACTERS)
    .refine((text) => !text.startsWith("whsec_") || isBase64(text.slice(6)), "must be base64 behind whsec_")
    .nullish()
    .describe("Deliveries are signed with it; without one they are not signed."),
  headers: z
    .record(HeaderName, HeaderValue)
    .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, `must be at most ${MAX_HEADERS}`)
    .nullish()
    .describe("Sent with each delivery."),
  events: z
    .array(Event)
    .max(20)
    .nullish()
    .describe("Beside the two ends, which are always told: execution.waiting, execution.blocked."),
});
export type WebhookRequest = z.infer<typeof WebhookRequest>;

/** A start goes on whatever stands here: what does not fit is told in `webhook_error`. */
export const WebhookField = z
  .union([WebhookRequest, z.unknown()])
  .describe(
    "Where the execution tells its end. What does not fit, or is not reached from here, is told in webhook_error.",
  );
