/** Approvals out of a log: the open ones are in the state, decided ones are found by the index. Reads two events for each. */
import type { ExecutionState } from "../../domain/execution/state.ts";
import type { ApprovalStatus } from "../../domain/read-models/approval-record.ts";
import type { ApprovalOutcome, ApprovalView } from "../../domain/read-models/view.ts";
import type { Journal } from "../journal/journal.ts";

interface Mark {
  readonly openedSeq: number;
  readonly decidedSeq?: number | undefined;
}

/** The named ones that exist; without names the one that is open longest, else the one that was decided last. */
export function approvalsOf(journal: Journal, gateIds?: readonly string[]): ApprovalView[] {
  const { state } = journal;
  if (!state) return [];
  const marks = gateIds
    ? gateIds.map((id) => markOf(journal, state, id))
    : [journal.approvals.first(1)[0] ?? state.lastGate];
  return marks.flatMap((mark) => (mark ? approvalOf(journal, state, mark) : []));
}

function markOf(journal: Journal, { lastGate }: ExecutionState, gateId: string): Mark | undefined {
  const known = journal.approvals.get(gateId) ?? (lastGate?.gateId === gateId ? lastGate : undefined);
  return known ?? journal.index().approvals.get(gateId);
}

function approvalOf(journal: Journal, { origin, status }: ExecutionState, mark: Mark): ApprovalView[] {
  const opened = journal.event(mark.openedSeq);
  if (opened?.type !== "gate.opened") return [];
  const closed = mark.decidedSeq === undefined ? undefined : journal.event(mark.decidedSeq);
  const verdict = closed?.type === "gate.decided" ? closed.data.verdict : undefined;
  const isOpen = journal.approvals.get(opened.data.gateId) !== undefined;
  const ended: ApprovalStatus = closed?.type === "gate.expired" ? "expired" : "withdrawn";
  const { id, runId, sessionId, agent, fn, baseUrl } = origin;
  return [
    {
      execution: { id, runId, sessionId, target: `${agent}.${fn}`, status, baseUrl },
      opened: opened.data,
      requestedAtMs: opened.atMs,
      status: isOpen ? "pending" : (verdict?.decision ?? ended),
      decidedAtMs: closed?.atMs,
      verdict,
    },
  ];
}

/** What became of an approval: for the answer to a decision, also to a repeated one. */
export function approvalOutcome(journal: Journal, gateId: string): ApprovalOutcome {
  const mark = journal.index().approvals.get(gateId);
  const closed = mark?.decidedSeq === undefined ? undefined : journal.event(mark.decidedSeq);
  const option = closed?.type === "gate.decided" ? closed.data.verdict.option : undefined;
  return { gateId, key: mark?.key ?? "", decision: mark?.decision, option };
}
