/**
 * Approvals as the index knows them: where each stands, and which execution and owner it belongs to. What is to be approved,
 * and the feedback of the person who decided, stay in the execution's own log.
 */
import * as z from "zod";
import { ApprovalKind } from "../execution/approval.ts";
import type { Event } from "../execution/event.ts";
import type { ExecutionState } from "../execution/state.ts";
import type { Cursor } from "./summary.ts";

/** Where an approval stands. `withdrawn`: its execution ended before a person decided. */
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
  kind: ApprovalKind,
  name: z.string(),
  requestedAtMs: z.number(),
  expiresAtMs: z.number().nullable(),
  decidedAtMs: z.number().nullable(),
  decidedBy: z.string().nullable(),
});
export type ApprovalRecord = z.infer<typeof ApprovalRecord>;

/** Ids of Errand's own begin so and lead to their execution by themselves. */
const OWN_PREFIX = "gate_";
const MAX_ID_CHARACTERS = 256;

/** Why a text is no id that a caller or a program may choose for an approval; `undefined` when it is one. */
export function faultOfApprovalId(id: string): string | undefined {
  if (id.length === 0 || id.length > MAX_ID_CHARACTERS) return `must have 1 to ${MAX_ID_CHARACTERS} characters`;
  if (/\p{Cc}/u.test(id)) return "must not hold control characters";
  return id.startsWith(OWN_PREFIX) ? `must not begin with ${OWN_PREFIX}: such ids are Errand's own` : undefined;
}

type Opened = Extract<Event, { type: "gate.opened" }>;

/** `last` is the event that says where the approval stands: its opening, its decision, or the end of the execution. */
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
  /** Whose closed ones are shown, when all open ones are. */
  readonly ownerOfClosed?: string;
  readonly statuses: readonly ApprovalStatus[];
  readonly agent?: string;
  readonly sessionId?: string;
}

export interface ApprovalListing {
  readonly rows: readonly ApprovalRecord[];
  readonly resumeAfter: Cursor | undefined;
}

/** An id of a caller's own choosing, wanted for an execution until `untilMs`. */
export interface ApprovalClaim {
  readonly tenant: string;
  readonly id: string;
  readonly executionId: string;
  /** The first of the executions that follow each other: they may ask again under an id that was decided. */
  readonly lineage: string;
  readonly owner: string;
  readonly untilMs: number;
  readonly nowMs: number;
}

/** Who holds an id. */
export interface ApprovalHolder {
  readonly executionId: string;
  /** Null for ids that neither a program nor a caller chose. */
  readonly lineage: string | null;
  /** The id named an approval before. */
  readonly reasked: boolean;
  /** Null once the approval was seen open. */
  readonly claimedUntilMs: number | null;
}
