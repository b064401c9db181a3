/** Asking for an approval from outside, and deciding one by a signed webhook. */
import { z } from "zod";
import { defined } from "./execution-body.ts";
import { InlineJson } from "./inline-json.ts";
import type { ApprovalRequest } from "./requests.ts";
import { DecisionWord } from "./requests.ts";

/** Ids of Errand's own begin so and lead to their execution by themselves. */
const OWN_PREFIX = "gate_";
const MAX_HOURS = 24 * 366;

const OwnId = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}]*$/u, "must not hold control characters")
  .refine((id) => !id.startsWith(OWN_PREFIX), `must not begin with ${OWN_PREFIX}: such ids are Errand's own`);

const WebUrl = z
  .string()
  .max(2_048)
  .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ""), "must be an http or https address");

export const AskApprovalRequest = z.object({
  approval_request_id: OwnId.describe("Yours; unique in your tenant while it is open."),
  approval_request_url: WebUrl.optional().describe("Where the reviewer decides."),
  expires_in_hours: z.number().positive().max(MAX_HOURS).default(72),
  payload: InlineJson.optional().describe("What the reviewer is shown."),
});
export type AskApprovalRequest = z.infer<typeof AskApprovalRequest>;

export const AskedBody = z.object({
  execution_id: z.string(),
  approval_request_id: z.string(),
  approval_request_url: z.string(),
  status: z.literal("pending"),
  execution_status: z.string(),
  expires_at: z.iso.datetime(),
});

const Feedback = z.string().max(20_000).optional();
export const FlatDecision = z.object({
  requestId: z.string().min(1).max(256),
  decision: DecisionWord,
  feedback: Feedback,
  response: InlineJson.optional(),
});
const Inner = z
  .object({ decision: DecisionWord.optional(), action: DecisionWord.optional(), feedback: Feedback })
  .refine(({ decision, action }) => decision ?? action, { message: "is missing", path: ["decision"] });
export const EnvelopedDecision = z.object({
  data: z.object({ requestId: z.string().min(1).max(256), response: Inner }),
});

type Answer = z.infer<typeof ApprovalRequest>;

/** Flat, or in an envelope with `data`: both forms of the wire contract. */
export const ApprovalResponseWebhook = z.union([EnvelopedDecision, FlatDecision]);
type ApprovalResponseWebhook = z.infer<typeof ApprovalResponseWebhook>;

/** The same decision, in the words of `approval-response`. */
export function decisionOf(webhook: ApprovalResponseWebhook): { readonly id: string; readonly answer: Answer } {
  if (!("data" in webhook)) {
    const { requestId: id, decision, feedback, response } = webhook;
    return { id, answer: { decision, ...defined({ feedback, response }) } };
  }
  const { requestId: id, response } = webhook.data;
  const decision = response.decision ?? response.action ?? "rejected";
  return { id, answer: { decision, ...defined({ feedback: response.feedback }) } };
}
