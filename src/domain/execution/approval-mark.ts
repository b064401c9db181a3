import type { Decision } from "./approval.ts";
import type { Event } from "./event.ts";

/** Where an approval stands, and which events say more. */
export interface ApprovalMark {
  /** Of the entry that asked: an approval of the program, or the effect that is in doubt. */
  readonly key: string;
  readonly openedSeq: number;
  /** Absent while it is open, or was closed by the end of its execution. */
  readonly decision?: Decision;
  readonly decidedSeq?: number;
}

export function markClosed(
  approvals: Map<string, ApprovalMark>,
  { seq, type, data }: Extract<Event, { type: "gate.decided" | "gate.expired" }>,
): void {
  const mark = approvals.get(data.gateId);
  const decision = type === "gate.expired" ? "expired" : data.verdict.decision;
  if (mark) approvals.set(data.gateId, { ...mark, decision, decidedSeq: seq });
}
