/** What callers send. Envelopes ignore keys they do not know (a function's own `input` does not). */
import { z } from "zod";
import type { BudgetLimits } from "../domain/budget.ts";
import { parseDecision } from "../domain/gate.ts";
import { Json } from "../domain/json.ts";

/** Longest a call may wait for an end, in seconds. */
export const DEFAULT_WAIT_S = 90;
const MAX_WAIT_S = 600;

const Label = z.string().min(1).max(256);
const Reason = z.string().max(2_000);

export const WaitQuery = z.object({
  wait: z.coerce
    .number()
    .min(0)
    .max(MAX_WAIT_S)
    .optional()
    .describe(`Seconds to wait for an end. Default ${DEFAULT_WAIT_S} for a start, 0 for a read.`),
});

export const Budget = z
  .object({
    max_turns: z.number().int().min(0).optional(),
    max_tokens: z.number().int().min(0).optional(),
    max_cost_usd: z.number().min(0).optional(),
    max_duration: z.number().positive().max(31_536_000).optional().describe("Seconds of active time."),
    max_recoveries: z.number().int().min(0).max(1_000).optional(),
    max_children: z.number().int().min(0).optional(),
  })
  .describe("Limits checked before each spend; children draw on them.");

export const ExecuteRequest = z.object({
  input: z.record(z.string(), Json).default({}).describe("The function's input. Unknown keys are refused."),
  context: Json.optional().describe("Kept beside the execution; never given to the function."),
  budget: Budget.optional(),
  metadata: Json.optional(),
  deadline: z.iso
    .datetime({ offset: true })
    .optional()
    .describe("Wall-clock instant at which the execution times out."),
});

export function limitsOf(budget: z.infer<typeof Budget> | undefined): BudgetLimits {
  if (!budget) return {};
  const { max_turns, max_tokens, max_cost_usd, max_duration, max_recoveries, max_children } = budget;
  return {
    ...(max_turns === undefined ? {} : { maxTurns: max_turns }),
    ...(max_tokens === undefined ? {} : { maxTokens: max_tokens }),
    ...(max_cost_usd === undefined ? {} : { maxCostUsd: max_cost_usd }),
    ...(max_duration === undefined ? {} : { maxDurationMs: Math.ceil(max_duration * 1_000) }),
    ...(max_recoveries === undefined ? {} : { maxRecoveries: max_recoveries }),
    ...(max_children === undefined ? {} : { maxChildren: max_children }),
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

export const ReasonRequest = z.object({ reason: Reason.optional() });

export const SignalRequest = z.object({ data: Json.default(null) });

export const NoteRequest = z.object({
  message: z.string().min(1).max(10_000),
  tags: z.array(z.string().max(100)).max(50).default([]),
});

export const TagsQuery = z.object({
  tags: z.string().optional().describe("Comma-separated; a note with any of them is shown."),
});

export const EventsQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  type: z.string().max(100).optional().describe("Only events of this type."),
});

const DecisionWord = z.string().transform((word, ctx) => {
  const decision = parseDecision(word);
  if (decision && decision !== "expired") return decision;
  ctx.addIssue({ code: "custom", message: "must be approved, rejected or request_changes" });
  return z.NEVER;
});

export const ApprovalRequest = z.object({
  decision: DecisionWord.describe("approved, rejected or request_changes (and the usual synonyms)"),
  approval_request_id: z.string().max(256).optional().describe("Needed only when several are open."),
  option: z.string().max(256).optional(),
  feedback: z.string().max(20_000).optional(),
  reason: z.string().max(20_000).optional(),
  response: Json.optional(),
  payload_digest: z.string().max(64).optional().describe("Refused when what waits has changed since it was shown."),
});

export const ApprovalWebhook = ApprovalRequest.extend({ approval_request_id: z.string().max(256) });

export const ResolveRequest = z.object({
  option: z.enum(["retry", "succeeded", "failed"]),
  effect: z.string().max(1_000).optional().describe("The effect's key; needed only when several are in doubt."),
  params: z.object({ result: Json.optional() }).optional(),
  feedback: z.string().max(20_000).optional(),
});

export const StreamQuery = z.object({
  after: z.coerce.number().int().min(0).default(0).describe("The last seq the reader has."),
});
