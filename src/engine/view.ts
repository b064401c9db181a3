import type { ExecutionView } from "../domain/view.ts";
import { whyNotEnded } from "../domain/why.ts";
import type { Journal } from "./journal.ts";

/** Reads what the state only points at: the result, the gates, the verdict. A handful of rows, never the whole log. */
export function viewOf(journal: Journal): ExecutionView | undefined {
  const { state } = journal;
  if (!state) return undefined;
  const created = journal.event(1);
  const result = state.resultSeq === undefined ? undefined : journal.event(state.resultSeq);
  const decided = state.lastGate && journal.event(state.lastGate.decidedSeq);
  return {
    state,
    metadata: created?.type === "execution.created" ? created.data.metadata : undefined,
    output: result?.type === "execution.succeeded" ? result.data.output : undefined,
    error: result?.type === "execution.failed" ? result.data : undefined,
    openGates: Object.values(state.gates).flatMap(({ openedSeq }) => {
      const opened = journal.event(openedSeq);
      return opened?.type === "gate.opened" ? [opened.data] : [];
    }),
    lastVerdict: decided?.type === "gate.decided" ? decided.data.verdict : undefined,
    why: whyNotEnded(state, journal.alarmAtMs),
  };
}
