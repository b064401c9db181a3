/** What a caller that may only decide is shown of an execution. */
import type { Caller } from "../../domain/caller.ts";
import { maySee } from "../../domain/caller.ts";
import type { TellCommand } from "../../domain/command.ts";
import type { Decided } from "../../domain/decided.ts";
import type { FaultCode, Refusal } from "../../domain/fault.ts";
import type { ApprovalView, Told } from "../../domain/view.ts";
import { approvalsOf, gateOutcome } from "../../engine/approval-view.ts";
import type { DurableExecution } from "../../engine/durable-execution.ts";

export function isDecision({ type }: TellCommand): boolean {
  return type === "decide_gate" || type === "resolve_effect";
}

/** The approvals that this caller may see: a caller that may only decide sees the open ones. */
export async function approvalsFor(
  caller: Caller,
  execution: DurableExecution,
  gateIds: readonly string[] | undefined,
): Promise<ApprovalView[]> {
  await execution.settle();
  const { journal, state } = execution;
  const found = approvalsOf(journal, gateIds);
  return state && maySee(caller, state.origin) ? found : found.filter(({ status }) => status === "pending");
}

/** About which gate a decision was; nothing for other commands. */
export function aboutGate({ journal }: DurableExecution, decided: Extract<Decided, { ok: true }>): Pick<Told, "gate"> {
  return decided.gateId === undefined ? {} : { gate: gateOutcome(journal, decided.gateId) };
}

/** These say where the execution stands, or what it ever asked. */
const TELLS_OF_IT: ReadonlySet<FaultCode> = new Set(["invalid_state", "no_open_gate"]);

/** Whether a refusal would tell a caller of an execution that does not exist for it. */
export function tellsTooMuch(caller: Caller, { state }: DurableExecution, { code }: Refusal): boolean {
  return state !== undefined && !maySee(caller, state.origin) && TELLS_OF_IT.has(code);
}
