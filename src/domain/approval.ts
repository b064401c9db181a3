/**
 * Approvals as the index knows them: where each stands, and whose it is. What is to be approved, and the feedback of whoever
 * decided, stay in the execution's own log.
 */
import { z } from "zod";
import type { Event } from "./event.ts";
import { GateKind } from "./gate.ts";
import type { ExecutionState } from "./state.ts";
import type { Position } from "./summary.ts";

/** Where an approval stands. `withdrawn`: its execution ended before anybody decided. */
export const ApprovalStatus = z.enum(["pending", "approved", "rejected", "request_changes", "expired", "withdrawn"]);
export type ApprovalStatus = z.infer<typeof ApprovalStatus>;

/** One row of the index of approvals. What is to be approved stays in the execution's own log. */
export const ApprovalRecord = z.object({
  tenant: z.string(),
  id: z.string(),
  executionId: z.string(),
  /** Seq of the event it was made of: an older record never overwrites a newer one. */
  seq: z.number(),
  status: ApprovalStatus,
  owner: z.string(),
  agent: z.string(),
  fn: z.string(),
  runId: z.string(),
  sessionId: z.string().nullable(),
  kind: GateKind,
  name: z.string(),
  requestedAtMs: z.number(),
  expiresAtMs: z.number().nullable(),
  decidedAtMs: z.number().nullable(),
  decidedBy: z.string().nullable(),
});
export type ApprovalRecord = z.infer<typeof ApprovalRecord>;

type Opened = Extract<Event, { type: "gate.opened" }>;

/** `last` is the event that says where the gate stands: its opening, its decision, or the end of the execution. */
export function approvalRecord({ origin }: ExecutionState, opened: Opened, last: Event): ApprovalRecord {
  const { gateId, kind, name, expiresAtMs } = opened.data;
  const status = statusAfter(last);
  return {
    tenant: origin.tenant,
    id: gateId,
    executionId: origin.id,
    seq: last.seq,
    status,
    owner: origin.owner,
    agent: origin.agent,
    fn: origin.fn,
    runId: origin.runId,
    sessionId: origin.sessionId ?? null,
    kind,
    name,
    requestedAtMs: opened.atMs,
    expiresAtMs: expiresAtMs ?? null,
    decidedAtMs: status === "pending" ? null : last.atMs,
    decidedBy: last.type === "gate.decided" ? (last.data.verdict.decidedBy ?? null) : null,
  };
}

function statusAfter(last: Event): ApprovalStatus {
  if (last.type === "gate.opened") return "pending";
  if (last.type === "gate.decided") return last.data.verdict.decision;
  return last.type === "gate.expired" ? "expired" : "withdrawn";
}

/** Which approvals a page of the inbox shows. */
export interface ApprovalFilter {
  readonly tenant: string;
  readonly owner?: string;
  readonly statuses: readonly ApprovalStatus[];
  readonly agent?: string;
  readonly sessionId?: string;
}

export interface ApprovalListing {
  readonly rows: readonly ApprovalRecord[];
  readonly stoppedAt: Position | undefined;
}

/** An id of a caller's own choosing, wanted for an execution until `untilMs`. */
export interface ApprovalClaim {
  readonly tenant: string;
  readonly id: string;
  readonly executionId: string;
  readonly owner: string;
  readonly untilMs: number;
  readonly nowMs: number;
}

/** Who holds an id. */
export interface ApprovalHolder {
  readonly executionId: string;
  /** Null once the gate was seen open. */
  readonly claimedUntilMs: number | null;
}
