/** What a caller that may only decide is shown of an execution. */
import type { Decided } from "../../domain/decide/decided.ts";
import { mayAct } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { ApprovalView, CommandResult } from "../../domain/read-models/view.ts";
import type { FaultCode, Refusal } from "../../domain/values/fault.ts";
import type { DurableExecution } from "../../engine/execution/durable-execution.ts";
import { approvalOutcome, approvalsOf } from "../../engine/views/approval-view.ts";

/** The approvals that this caller may see: a caller that may only decide sees the open ones. */
export async function approvalsFor(
  caller: Principal,
  execution: DurableExecution,
  gateIds: readonly string[] | undefined,
): Promise<ApprovalView[]> {
  await execution.flush();
  const { journal, state } = execution;
  const found = approvalsOf(journal, gateIds);
  return state && mayAct(caller, "read", state.origin) ? found : found.filter(({ status }) => status === "pending");
}

/** About which gate a decision was; nothing for other commands. */
export function aboutApproval(
  { journal }: DurableExecution,
  decided: Extract<Decided, { ok: true }>,
): Pick<CommandResult, "approval"> {
  return decided.gateId === undefined ? {} : { approval: approvalOutcome(journal, decided.gateId) };
}

/** Codes that say where the execution stands, or what it ever asked. */
const TELLS_OF_IT: ReadonlySet<FaultCode> = new Set(["invalid_state", "no_open_gate", "not_found"]);

/** Whether a refusal would tell a caller of an execution that does not exist for it. */
export function revealsTooMuch(caller: Principal, { state }: DurableExecution, { code }: Refusal): boolean {
  return state !== undefined && !mayAct(caller, "read", state.origin) && TELLS_OF_IT.has(code);
}
