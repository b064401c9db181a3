/** What approvals leave in the index of entries. Called by `foldEntry`. */
import type { ApprovalMark } from "../execution/approval-mark.ts";
import { markClosed } from "../execution/approval-mark.ts";
import { NOTHING } from "../execution/budget.ts";
import type { Event } from "../execution/event.ts";
import type { Entries } from "./entries.ts";
import { finish, opening, put } from "./entries.ts";

export interface ApprovalEntries {
  /** Every approval that ever opened, by id. */
  readonly approvals: Map<string, ApprovalMark>;
}

type Index = Entries & ApprovalEntries;
type Of<T extends string> = Extract<Event, { type: T }>;

export function noApprovals(): ApprovalEntries {
  return { approvals: new Map() };
}

/** Approvals of the program are entries; the review approval of an effect in doubt belongs to the effect's own entry. */
export function foldApproval(index: Index, event: Of<`gate.${string}`>): void {
  if (event.type !== "gate.opened") {
    markClosed(index.approvals, event);
    if (event.data.kind !== "review") finish(index, event, { ok: true });
    return;
  }
  const { key, name, gateId, kind, requested, payloadDigest } = event.data;
  index.approvals.set(gateId, { key, openedSeq: event.seq });
  if (kind === "review") return;
  const byWhom = requested ? { adopted: true } : { digest: payloadDigest };
  put(index, { ...opening(event), key, kind: "gate", name, gateId, reserve: NOTHING, ...byWhom });
}
