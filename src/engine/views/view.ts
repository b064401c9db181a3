import type { OpenApproval } from "../../domain/execution/approval.ts";
import type { AttemptMark, AttemptView } from "../../domain/execution/attempt.ts";
import type { EventData } from "../../domain/execution/event.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import type { Crowd } from "../../domain/read-models/why.ts";
import { whyNotEnded } from "../../domain/read-models/why.ts";
import type { Journal } from "../journal/journal.ts";
import { webhookViewOf } from "./webhook-view.ts";

/** Reads what the state only points at: the result, the approvals, the verdict. A handful of rows, never the whole log. */
export function viewOf(journal: Journal, crowd?: Crowd): ExecutionView | undefined {
  const { state } = journal;
  if (!state) return undefined;
  const created = journal.event(1);
  const [approval] = state.gates.open > 0 ? journal.approvals.first(1) : [];
  const result = state.resultSeq === undefined ? undefined : journal.event(state.resultSeq);
  const decided = state.lastGate && journal.event(state.lastGate.decidedSeq);
  return {
    state,
    metadata: created?.type === "execution.created" ? created.data.metadata : undefined,
    files: created?.type === "execution.created" ? created.data.files : undefined,
    ...(result?.type === "execution.succeeded" ? outputOf(result.data) : { output: undefined }),
    error: result?.type === "execution.failed" ? result.data : undefined,
    attempts: (state.attempts ?? []).map((mark) => attemptOf(journal, mark)),
    ...openGateOf(journal, approval),
    lastVerdict: decided?.type === "gate.decided" ? decided.data.verdict : undefined,
    lastGate: openedAt(journal, state.lastGate?.openedSeq)?.data,
    webhook: webhookViewOf(journal),
    why: whyNotEnded(state, journal.timers.awaited(state), { crowd, approval, work: journal.work.current() }),
  };
}

function openedAt(journal: Journal, seq: number | undefined) {
  const opened = seq === undefined ? undefined : journal.event(seq);
  return opened?.type === "gate.opened" ? opened : undefined;
}

function openGateOf(
  journal: Journal,
  approval: OpenApproval | undefined,
): Pick<ExecutionView, "openApprovals" | "requestedAtMs"> {
  const opened = openedAt(journal, approval?.openedSeq);
  return opened ? { openApprovals: [opened.data], requestedAtMs: opened.atMs } : { openApprovals: [] };
}

function attemptOf(journal: Journal, { n, judgedSeq }: AttemptMark): AttemptView {
  const judged = judgedSeq === undefined ? undefined : journal.event(judgedSeq);
  if (judged?.type === "attempt.completed") return { n, verdicts: judged.data.verdicts, feedback: undefined };
  if (judged?.type !== "attempt.rejected") return { n, verdicts: [], feedback: undefined };
  return { n, verdicts: judged.data.verdicts, feedback: judged.data.feedback };
}

function outputOf({ output, stored }: EventData<"execution.succeeded">): Pick<ExecutionView, "output" | "stored"> {
  return stored ? { output: undefined, stored } : { output };
}
