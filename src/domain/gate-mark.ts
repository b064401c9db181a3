import type { Event } from "./event.ts";
import type { Decision } from "./gate.ts";

/** Where a gate stands, and which events say more. */
export interface GateMark {
  /** Of the entry that asked: a gate of the program, or the effect that is in doubt. */
  readonly key: string;
  readonly openedSeq: number;
  /** Absent while it is open, or was closed by the end of its execution. */
  readonly decision?: Decision;
  readonly decidedSeq?: number;
}

export function markClosed(
  gates: Map<string, GateMark>,
  { seq, type, data }: Extract<Event, { type: "gate.decided" | "gate.expired" }>,
): void {
  const mark = gates.get(data.gateId);
  const decision = type === "gate.expired" ? "expired" : data.verdict.decision;
  if (mark) gates.set(data.gateId, { ...mark, decision, decidedSeq: seq });
}
