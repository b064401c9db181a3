/** The inbox of approvals: what waits for a person, in all executions. */
import * as z from "zod";
import type { ApprovalKind } from "../../domain/execution/approval.ts";
import type { ApprovalRecord } from "../../domain/read-models/approval-record.ts";
import { ApprovalStatus } from "../../domain/read-models/approval-record.ts";
import type { ApprovalView } from "../../domain/read-models/view.ts";
import { cursorText } from "../cursors.ts";
import { defined } from "../executions/body.ts";
import { format } from "../exports.ts";
import { ListQuery } from "../lists.ts";

import { iso } from "../wire.ts";
import { rulesBody } from "./body.ts";
import { approvalLink } from "./link.ts";

const Statuses = z.string().transform((text, ctx) => {
  const parsed = z.array(ApprovalStatus).safeParse(text.split(","));
  if (parsed.success) return [...new Set(parsed.data)];
  ctx.addIssue({
    code: "custom",
    message: `must be one of ${ApprovalStatus.options.join(", ")}, or several with commas`,
  });
  return z.NEVER;
});

/** An id of a caller's own choosing may hold nearly anything. */
const CursorText = cursorText(/^(\d{1,15})~([^\p{Cc}]{1,256})$/u);

export const InboxQuery = ListQuery.pick({ limit: true, agent_id: true, session_id: true }).extend({
  cursor: CursorText.optional().describe("next_cursor of the page before."),
  status: Statuses.default(["pending"]).describe("Where they stand; several with commas."),
  format,
});
export type InboxQuery = z.infer<typeof InboxQuery>;

const Instant = z.iso.datetime();
export const InboxItem = z.object({
  approval_request_id: z.string(),
  approval_request_url: z.string().optional(),
  status: ApprovalStatus,
  type: z.enum(["approval", "review"]).describe("review: say what became of an effect in doubt (…/resolve)."),
  name: z.string(),
  execution_id: z.string(),
  run_id: z.string(),
  session_id: z.string().optional(),
  target: z.string(),
  execution_status: z.string().optional(),
  requested_at: Instant.optional(),
  decided_at: Instant.optional(),
  decided_by: z.string().optional(),
  expires_at: Instant.optional(),
  options: z.array(z.string()).optional(),
  approvers: z.array(z.string()).optional(),
  four_eyes: z.boolean().optional(),
  payload: z.unknown().describe("Only while it is pending; later it is in its execution's events."),
  payload_digest: z.string().optional(),
});
export type InboxItem = z.infer<typeof InboxItem>;
export const Inbox = z.object({
  items: z.array(InboxItem).describe("Newest request first. One that was decided a moment ago may be missing."),
  next_cursor: z.string().nullable(),
});

/** With what is to be approved, as its execution shows it. */
export function openItem({ execution, opened, requestedAtMs }: ApprovalView): InboxItem {
  return {
    approval_request_id: opened.gateId,
    status: "pending",
    type: typeOf(opened.kind),
    name: opened.name,
    execution_id: execution.id,
    run_id: execution.runId,
    target: execution.target,
    execution_status: execution.status,
    requested_at: iso(requestedAtMs),
    payload: opened.payload,
    payload_digest: opened.payloadDigest,
    ...rulesBody(opened),
    ...defined({
      approval_request_url: approvalLink(opened, execution.baseUrl),
      session_id: execution.sessionId,
      options: opened.options,
      expires_at: opened.expiresAtMs === undefined ? undefined : iso(opened.expiresAtMs),
    }),
  };
}

/** From the index alone. */
export function closedItem(row: ApprovalRecord): InboxItem {
  const time = (ms: number | null) => (ms === null ? undefined : iso(ms));
  return {
    approval_request_id: row.id,
    status: row.status,
    type: typeOf(row.kind),
    name: row.name,
    execution_id: row.executionId,
    run_id: row.runId,
    target: `${row.agent}.${row.fn}`,
    payload: undefined,
    ...defined({
      session_id: row.sessionId ?? undefined,
      requested_at: iso(row.requestedAtMs),
      expires_at: time(row.expiresAtMs),
      decided_at: time(row.decidedAtMs),
      decided_by: row.decidedBy ?? undefined,
    }),
  };
}

function typeOf(kind: ApprovalKind): InboxItem["type"] {
  return kind === "review" ? "review" : "approval";
}
