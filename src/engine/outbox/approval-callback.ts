/**
 * The agent that asked for an approval waits for a call of its own. A try that comes late may be taken for the answer to the
 * next approval of the same execution: agents look by the approval first and by the execution then. So no try leaves once the
 * execution has asked again, or once the agent has said how its work ended.
 */
import type { Event } from "../../domain/execution/event.ts";
import type { OutboxEntry } from "../../domain/execution/outbox-entry.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import type { Journal } from "../journal/journal.ts";
import type { CallbackMessage } from "../message.ts";

/** `undefined` when no agent waits for it any more. */
export function callbackOf(
  journal: Journal,
  state: ExecutionState,
  { openedSeq, seq }: Extract<OutboxEntry, { to: "callback" }>,
): CallbackMessage | undefined {
  const opened = journal.event(openedSeq);
  const last = journal.event(seq);
  if (opened?.type !== "gate.opened" || opened.data.callbackUrl === undefined) return undefined;
  if (last?.type !== "gate.decided" && last?.type !== "gate.expired") return undefined;
  const { gateId, callbackUrl: url } = opened.data;
  if (hasAskedAgain(state, gateId, openedSeq) || hasReported(journal, state, seq)) return undefined;
  const verdict = last.type === "gate.decided" ? last.data.verdict : ({ decision: "expired" } as const);
  return { to: "callback", origin: state.origin, url, gateId, verdict, status: state.status };
}

function hasAskedAgain({ gates, lastGate }: ExecutionState, gateId: string, openedSeq: number): boolean {
  const { requested } = gates;
  return (
    (requested !== undefined && requested !== gateId) || (lastGate !== undefined && lastGate.openedSeq > openedSeq)
  );
}

/**
 * An end that the decision itself made is none of the agent's: a rejection cancels at once, and the agent waits for the word of
 * it. Its report may come behind that end.
 */
function hasReported(journal: Journal, { status, reason }: ExecutionState, decidedSeq: number): boolean {
  if (status === "succeeded" || status === "failed" || status === "timeout") return true;
  if (status !== "cancelled") return false;
  if (!/^approval_(?:rejected|expired)\b/.test(reason ?? "")) return true;
  for (const event of journal.eventsAfter(decidedSeq)) if (event.seq > decidedSeq && isReport(event)) return true;
  return false;
}

/** The end of work that was done elsewhere. */
function isReport({ type, data }: Event): boolean {
  return /^step\.(?:completed|failed)$/.test(type) && (data as { readonly kind?: string }).kind === "external";
}
