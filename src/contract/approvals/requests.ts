/** Asking for an approval from outside, and deciding one by a signed webhook. */
import * as z from "zod";
import { Approvers } from "../../domain/execution/approval.ts";
import { faultOfApprovalId } from "../../domain/read-models/approval-record.ts";
import { faultOfWebUrl } from "../../domain/values/web-url.ts";
import { defined } from "../executions/body.ts";
import { ApprovalRequest, DecisionWord } from "../executions/requests.ts";
import { InlineJson } from "../inline-json.ts";

const MAX_HOURS = 24 * 366;

/** A text that a rule of the domain judges: what it says is the message. */
const judged = (faultOf: (text: string) => string | undefined) =>
  z.string().superRefine((text, ctx) => {
    const message = faultOf(text);
    if (message !== undefined) ctx.addIssue({ code: "custom", message });
  });

export const AskApprovalRequest = z.object({
  approval_request_id: judged(faultOfApprovalId).describe(
    "Yours; it names this approval and no other of your tenant for as long as the execution is kept.",
  ),
  approval_request_url: judged(faultOfWebUrl).optional().describe("Where the reviewer decides; without credentials."),
  callback_url: z
    .string()
    .optional()
    .describe("Told the decision: the address at which the agent that asks waits for it."),
  expires_in_hours: z.number().positive().max(MAX_HOURS).default(72),
  payload: InlineJson.optional().describe("What the reviewer is shown."),
  approvers: Approvers.optional().describe("Subjects of the keys that may decide; no other may."),
  four_eyes: z.boolean().optional().describe("true: the person who started the execution may not decide."),
});
export type AskApprovalRequest = z.infer<typeof AskApprovalRequest>;

export const AskedBody = z.object({
  execution_id: z.string(),
  approval_request_id: z.string(),
  approval_request_url: z.string().optional(),
  status: z.literal("pending"),
  execution_status: z.string(),
  expires_at: z.iso.datetime(),
  payload_digest: z.string(),
  approvers: z.array(z.string()).optional(),
  four_eyes: z.boolean().optional(),
});

const Feedback = z.string().max(20_000).optional();
const Digest = ApprovalRequest.shape.payload_digest;
export const FlatDecision = z.object({
  requestId: z.string().min(1).max(256),
  decision: DecisionWord,
  feedback: Feedback,
  response: InlineJson.optional(),
  payload_digest: Digest,
});
const Inner = z
  .object({ decision: DecisionWord.optional(), action: DecisionWord.optional(), feedback: Feedback })
  .refine(({ decision, action }) => decision ?? action, { message: "is missing", path: ["decision"] });
export const EnvelopedDecision = z.object({
  data: z.object({ requestId: z.string().min(1).max(256), response: Inner, payload_digest: Digest }),
});

type Answer = z.infer<typeof ApprovalRequest>;

/** Flat, or in an envelope with `data`: both forms that AgentField takes. */
export const ApprovalResponseWebhook = z.union([EnvelopedDecision, FlatDecision]);
type ApprovalResponseWebhook = z.infer<typeof ApprovalResponseWebhook>;

/** The same decision, in the words of `approval-response`. */
export function decisionOf(webhook: ApprovalResponseWebhook): { readonly id: string; readonly answer: Answer } {
  if (!("data" in webhook)) {
    const { requestId: id, decision, ...rest } = webhook;
    return { id, answer: { decision, ...defined(rest) } };
  }
  const { requestId: id, response, payload_digest } = webhook.data;
  const decision = response.decision ?? response.action ?? "rejected";
  return { id, answer: { decision, ...defined({ feedback: response.feedback, payload_digest }) } };
}
