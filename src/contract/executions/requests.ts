/** What callers send. Envelopes ignore keys they do not know (a function's own `input` does not). */
import * as z from "zod";
import { parseDecision } from "../../domain/execution/approval.ts";
import type { BudgetLimits } from "../../domain/execution/budget.ts";
import { OnExceeded } from "../../domain/execution/budget.ts";
import { CHOSEN_ID, isChosenId } from "../../domain/execution/execution-id.ts";
import { Reuse } from "../../domain/execution/reusable-result.ts";
import { SearchAttributes } from "../../domain/execution/search-attributes.ts";
import { Json } from "../../domain/values/json.ts";
import { InlineJson, refuseLarge } from "../inline-json.ts";
import { numberText } from "../query-values.ts";
import { WebhookField } from "../webhooks/request.ts";

/** Longest a call may wait for an end, in seconds. */
export const DEFAULT_WAIT_S = 90;
const MAX_WAIT_S = 600;

/** A value of a header. The platform joins two headers of one name with a comma: so twice is never read as one. */
export const Label = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[\x20-\x2b\x2d-\x7e]+$/, "must be visible ASCII without a comma, and sent once");
const Reason = z.string().max(2_000);

export const WaitQuery = z.object({
  wait: numberText(z.number().min(0).max(MAX_WAIT_S))
    .optional()
    .describe(
      `Seconds to wait for an end. Default ${DEFAULT_WAIT_S} for a start. A read is answered at once, but for one of what a node works at: up to 10.`,
    ),
});

const MAX_DURATION_S = 31_536_000;
const MAX_RECOVERIES = 1_000;
/** A limit that is misspelt would be none. */
export const Budget = z
  .strictObject({
    max_turns: z.number().int().min(0).optional(),
    max_tokens: z.number().int().min(0).optional(),
    max_cost_usd: z.number().min(0).optional(),
    max_duration: z.number().positive().max(MAX_DURATION_S).optional().describe("Seconds of active time."),
    max_recoveries: z.number().int().min(0).max(MAX_RECOVERIES).optional(),
    max_children: z.number().int().min(0).optional(),
    on_exceeded: OnExceeded.optional().describe(
      "Where a limit is met: fail (the default), or pause: a person is asked to raise it, and it goes on.",
    ),
  })
  .describe("Limits checked before each spend; children draw on them.");

/** An id of the caller's own choosing. */
const OwnId = z
  .string()
  .regex(CHOSEN_ID, { message: "must match ^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$", abort: true })
  .refine(isChosenId, "has the form of an id that Errand makes, or is a word of the API: choose another");

export const ExecuteRequest = z.object({
  id: OwnId.optional().describe(
    "An id of your own choosing, unique in your tenant. Sent again with the same request it means the same execution.",
  ),
  input: z.record(z.string(), Json).default({}).describe("The function's input. Unknown keys are refused."),
  context: Json.optional().describe("Kept beside the execution; never given to the function."),
  budget: Budget.optional(),
  metadata: Json.optional(),
  run_metadata: Json.optional().describe("Another name of `metadata`, which goes before it."),
  attributes: SearchAttributes.optional().describe(
    "At most 8 texts, numbers and booleans by which lists find the execution. They are no secrets.",
  ),
  webhook: WebhookField.optional(),
  deadline: z.iso
    .datetime({ offset: true })
    .optional()
    .describe("Wall-clock instant at which the execution times out."),
});

export function limitsOf(budget: z.infer<typeof Budget> | undefined): BudgetLimits {
  if (!budget) return {};
  const { max_turns, max_tokens, max_cost_usd, max_duration, max_recoveries, max_children, on_exceeded } = budget;
  return {
    ...(max_turns === undefined ? {} : { maxTurns: max_turns }),
    ...(max_tokens === undefined ? {} : { maxTokens: max_tokens }),
    ...(max_cost_usd === undefined ? {} : { maxCostUsd: max_cost_usd }),
    ...(max_duration === undefined ? {} : { maxDurationMs: Math.ceil(max_duration * 1_000) }),
    ...(max_recoveries === undefined ? {} : { maxRecoveries: max_recoveries }),
    ...(max_children === undefined ? {} : { maxChildren: max_children }),
    ...(on_exceeded === undefined ? {} : { onExceeded: on_exceeded }),
  };
}

/** The inverse of `limitsOf`: what is above the most that a request may say is that most. */
export function budgetOf(limits: BudgetLimits): z.infer<typeof Budget> {
  const { maxTurns, maxTokens, maxCostUsd, maxDurationMs, maxRecoveries, maxChildren, onExceeded } = limits;
  return {
    ...(maxTurns === undefined ? {} : { max_turns: maxTurns }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(maxCostUsd === undefined ? {} : { max_cost_usd: maxCostUsd }),
    ...(maxDurationMs === undefined ? {} : { max_duration: Math.min(maxDurationMs / 1_000, MAX_DURATION_S) }),
    ...(maxRecoveries === undefined ? {} : { max_recoveries: Math.min(maxRecoveries, MAX_RECOVERIES) }),
    ...(maxChildren === undefined ? {} : { max_children: maxChildren }),
    ...(onExceeded === undefined ? {} : { on_exceeded: onExceeded }),
  };
}

/** The headers that tell where an execution belongs. `X-Run-ID` wins over `X-Workflow-ID`. */
export const RunHeaders = z.object({
  "x-run-id": Label.optional(),
  "x-workflow-id": Label.optional(),
  "x-parent-execution-id": Label.optional(),
  "x-session-id": Label.optional(),
  "x-actor-id": Label.optional(),
  "idempotency-key": Label.optional(),
});
export type RunHeaders = z.infer<typeof RunHeaders>;

/** Of a start, what a node was sent with its own call: what is taken over from the run that it follows. */
export const StartHeaders = RunHeaders.extend({
  "x-agentfield-replay-source-run-id": Label.optional(),
  "x-agentfield-replay-before-execution-id": Label.optional(),
  "x-agentfield-replay-mode": Reuse.optional(),
});
export type StartHeaders = z.infer<typeof StartHeaders>;

export const ReasonRequest = z.object({ reason: Reason.optional() });

export const SignalRequest = z.object({ data: InlineJson.default(null) });
const SignalName = z
  .string()
  .max(256)
  .regex(/^\P{C}+$/u, "must hold no control characters");
/** The name of a signal, as the path has it. */
export const SignalPath = z.object({ name: SignalName });

export const SignalsRequest = z.object({
  signals: z
    .array(z.object({ name: SignalName, data: Json.default(null) }))
    .min(1)
    .max(500)
    .superRefine(refuseLarge)
    .describe("Taken in this order, in one commit: all of them or none."),
});

export const NoteRequest = z.object({
  message: z.string().min(1).max(10_000),
  tags: z.array(z.string().max(100)).max(50).default([]),
});

export const TagsQuery = z.object({
  after: numberText(z.number().int().min(0)).default(0).describe("next_after of the page before."),
  limit: numberText(z.number().int().min(1).max(1_000)).default(1_000),
  tags: z.string().max(2_000).optional().describe("Comma-separated; a note with any of them is shown."),
});

export const EventsQuery = z.object({
  after: numberText(z.number().int().min(0)).default(0),
  limit: numberText(z.number().int().min(1).max(1_000)).default(100),
  type: z.string().max(100).optional().describe("Only events of this type."),
  from: numberText(z.number().int().min(0))
    .optional()
    .describe("For server-sent events: those behind this seq, as frames of AgentField (`event: execution`)."),
});

export const EffectsQuery = z.object({
  after: numberText(z.number().int().min(0)).default(0).describe("next_after of the page before."),
  limit: numberText(z.number().int().min(1).max(1_000)).default(1_000),
});

export const DecisionWord = z.string().transform((word, ctx) => {
  const decision = parseDecision(word);
  if (decision && decision !== "expired") return decision;
  ctx.addIssue({ code: "custom", message: "must be approved, rejected or request_changes" });
  return z.NEVER;
});

export const ApprovalRequest = z.object({
  decision: DecisionWord.describe("approved, rejected or request_changes (and the usual synonyms)"),
  approval_request_id: z
    .string()
    .max(256)
    .optional()
    .describe(
      "Which one is decided. Without it: the only one this execution ever had, or one from outside that alone is open.",
    ),
  option: z.string().max(256).optional(),
  feedback: z.string().max(20_000).optional(),
  reason: z.string().max(20_000).optional(),
  response: InlineJson.optional(),
  payload_digest: z.string().max(64).optional().describe("Refused when what waits has changed since it was shown."),
});

export const ApprovalWebhook = ApprovalRequest.extend({ approval_request_id: z.string().max(256) });

export const ResolveRequest = z.object({
  option: z.enum(["retry", "succeeded", "failed"]),
  gate_id: z
    .string()
    .max(256)
    .optional()
    .describe("The doubt that is answered: an effect may come into doubt again. Needed when there was more than one."),
  effect: z.string().max(1_000).optional().describe("The effect's key; does for an effect that was in doubt once."),
  params: z.object({ result: InlineJson.optional() }).optional(),
  feedback: z.string().max(20_000).optional(),
});

export const ApprovalStatusQuery = z.object({
  approval_request_id: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe("Which one; default the one that waits longest, else the one that was decided last."),
});

export const StreamQuery = z.object({
  after: numberText(z.number().int().min(0)).default(0).describe("The last seq the reader has."),
  batch: z
    .enum(["true", "false"])
    .optional()
    .describe("true: events that follow each other come in one frame, `events`."),
});

/** What a reader of server-sent events comes back with. */
export const ResumeHeaders = z.object({
  "last-event-id": numberText(z.number().int().min(0)).optional(),
});
