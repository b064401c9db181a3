/** What approvals leave in the state: counts, and the one decided last. Their rows are `consequences.ts`'s. Called by `evolve`. */
import type { ApprovalChange, OpenApproval } from "../execution/approval.ts";
import { isBudgetKey } from "../execution/budget-question.ts";
import type { Event } from "../execution/event.ts";
import type { ExecutionState } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";

export const NO_APPROVALS: ExecutionState["gates"] = { open: 0, opened: 0, doubts: 0 };

type Opened = Extract<Event, { type: "gate.opened" }>;

/** A try to tell a decision to the agent that asked. */
export function isOfCallback(event: Event): event is Extract<Event, { type: `callback.${string}` }> {
  return event.type.startsWith("callback.");
}

/** The row of an approval that opened. */
function openedApproval({ seq, atMs, data }: Opened): OpenApproval {
  const {
    key,
    gateId,
    kind,
    onReject,
    options,
    expiresAtMs,
    requestUrl,
    callbackUrl,
    payloadDigest,
    requested,
    reasked,
  } = data;
  const { approvers, fourEyes } = data;
  return {
    gateId,
    key,
    kind,
    onReject,
    openedSeq: seq,
    requestedAtMs: atMs,
    digest: payloadDigest,
    ...(options ? { options } : {}),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
    ...(requestUrl === undefined ? {} : { requestUrl }),
    ...(callbackUrl === undefined ? {} : { calledBack: true as const }),
    ...(requested === undefined ? {} : { requested }),
    ...(reasked === undefined ? {} : { reasked }),
    ...(approvers === undefined ? {} : { approvers }),
    ...(fourEyes === undefined ? {} : { fourEyes }),
  };
}

export function withOpened(state: ExecutionState, { data }: Opened): ExecutionState {
  const { open, opened, doubts, ...rest } = state.gates;
  const approvals = {
    ...rest,
    open: open + 1,
    opened: opened + 1,
    doubts: data.kind === "review" ? doubts + 1 : doubts,
    ...(data.requested ? { requested: data.gateId } : {}),
    ...(isBudgetKey(data.key) ? { ofBudget: true as const } : {}),
  };
  return { ...state, gates: approvals };
}

export function withClosed(
  state: ExecutionState,
  event: Extract<Event, { type: "gate.decided" | "gate.expired" }>,
): ExecutionState {
  const { gateId, openedSeq = 0 } = event.data;
  const decision = event.type === "gate.expired" ? "expired" : event.data.verdict.decision;
  const lastGate = { gateId, openedSeq, decision, decidedSeq: event.seq, decidedAtMs: event.atMs };
  const unnamed = event.type === "gate.decided" ? event.data.unnamed : undefined;
  const rest = withoutApproval(state, gateId);
  if (unnamed === undefined) return { ...rest, lastGate };
  return { ...rest, lastGate, gates: { ...rest.gates, unnamed: { gateId, digest: unnamed } } };
}

/** As if the approval were not open: one from outside holds the execution only while it is. */
export function withoutApproval(state: ExecutionState, gateId: string): ExecutionState {
  const { requested, ofBudget: _asked, ...rest } = state.gates;
  const kept = requested === undefined || requested === gateId ? rest : state.gates;
  return { ...state, gates: { ...kept, open: Math.max(0, kept.open - 1) } };
}

/** The end of an execution closes all of them. */
export function withoutApprovals({ gates: approvals }: Pick<ExecutionState, "gates">): Pick<ExecutionState, "gates"> {
  const { requested: _closed, ofBudget: _asked, ...rest } = approvals;
  return { gates: { ...rest, open: 0 } };
}

/** What an event changes of the rows of open gates. */
export function approvalChangeOf(event: Event, after: ExecutionState): ApprovalChange {
  if (event.type === "gate.opened") return { opened: openedApproval(event) };
  if (event.type === "gate.decided" || event.type === "gate.expired") return { closed: { gateId: event.data.gateId } };
  if (event.type === "entry.withdrawn" && event.data.gateId !== undefined)
    return { closed: { gateId: event.data.gateId } };
  return isTerminal(after.status) ? { closed: "all" } : {};
}
