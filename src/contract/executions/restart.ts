/** A restart on the wire: a new execution that follows one which has ended. */
import * as z from "zod";
import type { Origin } from "../../domain/execution/origin.ts";
import { Reuse } from "../../domain/execution/reusable-result.ts";
import { Json } from "../../domain/values/json.ts";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, change, ONE } from "../endpoint-parts.ts";
import { AcceptedBody } from "../replies.ts";
import { WebhookField } from "../webhooks/request.ts";
import { iso } from "../wire.ts";

export const RestartRequest = z.object({
  scope: z
    .enum(["workflow", "execution"])
    .default("workflow")
    .describe("workflow: the root above this execution is restarted. execution: just this one."),
  reuse: Reuse.default("succeeded-before").describe(
    "What is not done again. succeeded-before: what succeeded before the first failure or rejected answer. all-succeeded: everything that succeeded.",
  ),
  from: z
    .string()
    .min(1)
    .max(1_024)
    .optional()
    .describe(
      "Key of an entry, as events name it. It and what ended after it began are done anew. With scope execution; not with reuse none.",
    ),
  fork: z.boolean().default(false).describe("true: in a new run. false: in the same one."),
  reason: z.string().max(2_000).optional(),
  input: z.record(z.string(), Json).optional().describe("Instead of the first input. Steps are then computed anew."),
  context: Json.optional(),
  webhook: WebhookField.optional(),
});
export type RestartRequest = z.infer<typeof RestartRequest>;

export const RestartedBody = AcceptedBody.extend({
  source_execution_id: z.string(),
  source_run_id: z.string(),
  replay_mode: Reuse,
  scope: z.enum(["workflow", "execution"]),
  kind: z.enum(["restart", "fork"]),
});

/** What there is to say of a follower the moment it is certain that it comes. */
export interface Restarted {
  readonly source: Origin;
  readonly id: string;
  readonly runId: string;
  readonly createdAtMs: number;
  readonly webhook: { readonly registered: boolean; readonly error?: string | undefined };
}

export function restartedBody(
  { source, id, runId, createdAtMs, webhook }: Restarted,
  { reuse, scope, fork }: RestartRequest,
): z.infer<typeof RestartedBody> {
  const at = iso(createdAtMs);
  return {
    execution_id: id,
    run_id: runId,
    workflow_id: runId,
    source_execution_id: source.id,
    source_run_id: source.runId,
    replay_mode: reuse,
    scope,
    kind: fork ? "fork" : "restart",
    status: "queued",
    target: `${source.agent}.${source.fn}`,
    type: source.kind,
    created_at: at,
    enqueued_at: at,
    webhook_registered: webhook.registered,
    ...(webhook.error === undefined ? {} : { webhook_error: webhook.error }),
  };
}

export const RESTART_ENDPOINTS = {
  restart: endpoint({
    id: "restart",
    method: "POST",
    path: `${ONE}/restart`,
    tag: "Executions",
    scope: "execute",
    summary: "Start a new execution that follows one which has ended, and does not do again what that one did",
    body: RestartRequest,
    bodyBytes: BODY_BYTES.start,
    answers: { 202: answer("Accepted; both executions name each other", RestartedBody) },
    faults: [
      ...change,
      "target_not_found",
      "agent_not_active",
      "idempotency_mismatch",
      "overloaded",
      "too_many_open",
      "unavailable",
    ],
  }),
} as const;
