/** The inbox of approvals: what waits for a person, in all executions. */
import { z } from "zod";
import type { ExecutionView } from "../domain/view.ts";
import { defined } from "./execution-body.ts";
import { ListQuery } from "./lists.ts";
import { iso } from "./wire.ts";

export const InboxQuery = ListQuery.pick({ limit: true, cursor: true, agent_id: true, session_id: true }).extend({
  status: z.enum(["pending"]).default("pending").describe("Only what is open; decided ones are in their execution."),
});
export type InboxQuery = z.infer<typeof InboxQuery>;

const Instant = z.iso.datetime();
const InboxItem = z.object({
  approval_request_id: z.string(),
  approval_request_url: z.string(),
  status: z.literal("pending"),
  type: z.enum(["approval", "review"]).describe("review: say what became of an effect in doubt (…/resolve)."),
  name: z.string(),
  execution_id: z.string(),
  run_id: z.string(),
  session_id: z.string().optional(),
  target: z.string(),
  execution_status: z.string(),
  requested_at: Instant.optional(),
  expires_at: Instant.optional(),
  options: z.array(z.string()).optional(),
  payload: z.unknown(),
  payload_digest: z.string(),
});
export type InboxItem = z.infer<typeof InboxItem>;
export const Inbox = z.object({
  items: z.array(InboxItem).describe("An execution may wait for several; `limit` counts executions."),
  next_cursor: z.string().nullable(),
});

export function inboxItems({ state, openGates }: ExecutionView): InboxItem[] {
  const { origin } = state;
  return openGates.map((gate) => {
    const requestedAtMs = state.gates[gate.gateId]?.requestedAtMs;
    return {
      approval_request_id: gate.gateId,
      approval_request_url: gate.requestUrl ?? `/ui/approvals/${gate.gateId}`,
      status: "pending",
      type: gate.kind === "review" ? "review" : "approval",
      name: gate.name,
      execution_id: origin.id,
      run_id: origin.runId,
      target: `${origin.agent}.${origin.fn}`,
      execution_status: state.status,
      payload: gate.payload,
      payload_digest: gate.payloadDigest,
      ...defined({
        session_id: origin.sessionId,
        options: gate.options,
        requested_at: requestedAtMs === undefined ? undefined : iso(requestedAtMs),
        expires_at: gate.expiresAtMs === undefined ? undefined : iso(gate.expiresAtMs),
      }),
    };
  });
}
