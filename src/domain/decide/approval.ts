/**
 * Decisions of people, and what becomes of an approval that no person answers. Called only by `decide`.
 *
 * - A decision is taken for the approval it names, with the payload that was shown (P6). Without a name it is taken while
 *   it can mean one approval only: the only one there ever was, or one from outside that alone is open.
 * - A repetition never decides the next approval: it is answered with the approval that it decided.
 * - The rules of an approval hold for every person, administrators included; a signature says nothing about who decided.
 */
import type { OpenApproval, Verdict } from "../execution/approval.ts";
import { rulesOf, unmeetable } from "../execution/approval.ts";
import type { DecideApproval, RequestApproval } from "../execution/approval-command.ts";
import type { NewEvent } from "../execution/event.ts";
import type { ExecutionState } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";
import { withoutApproval } from "../fold/approval.ts";
import type { Refusal } from "../values/fault.ts";
import { refuse } from "../values/fault.ts";
import type { Meant } from "./approval-meant.ts";
import { already, decidedBefore, MOST_NAMED, nameOne } from "./approval-meant.ts";
import { raisedOrEnded } from "./budget.ts";
import type { Decided, LiveView } from "./decided.ts";
import { accepted, illegal, toRunning, WAITING_FOR_APPROVAL, wakeUp } from "./decided.ts";
import { resolveAsFailed, resolveByOption } from "./doubt.ts";
import { isHalted, isLegal } from "./legal-moves.ts";
import { decideWork } from "./work-resolve.ts";

/** A decision applies once, to the approval it was made for, with the payload that was shown (P6). */
export function decideApproval(view: LiveView, command: DecideApproval): Decided {
  const meant = approvalMeant(view, command);
  if ("answer" in meant) return meant.answer;
  const { approval } = meant;
  const refused = excluded(view.state, approval, command) ?? unfit(approval, command);
  if (refused) return refused;
  const { request } = command;
  const unnamed = command.gateId !== undefined || request === undefined ? {} : { unnamed: request };
  const ofWork = decideWork(view, approval, { ...command, ...unnamed });
  if (ofWork) return ofWork;
  if (approval.kind === "review") return resolveByOption(view, approval, { ...command, ...unnamed });
  const verdict: Verdict = {
    decision: command.decision,
    decidedBy: command.by,
    ...(command.option === undefined ? {} : { option: command.option }),
    ...(command.feedback === undefined ? {} : { feedback: command.feedback }),
    ...(command.response === undefined ? {} : { response: command.response }),
  };
  const { key, gateId, kind, openedSeq } = approval;
  const data = { key, gateId, kind, verdict, openedSeq, ...unnamed, ...calledBack(approval) };
  const decided: NewEvent = { type: "gate.decided", data };
  const about = (...events: NewEvent[]): Decided => ({ ok: true, events, gateId });
  const ofBudget = raisedOrEnded(view, approval, verdict);
  if (ofBudget) return about(decided, ...ofBudget);
  if (command.decision === "rejected" && approval.onReject === "cancel") {
    return about(decided, { type: "execution.cancelled", data: { reason: "approval_rejected", by: command.by } });
  }
  const word = {
    approved: "approval_granted",
    rejected: "approval_rejected",
    request_changes: "approval_changes_requested",
  };
  return about(decided, ...wakeUp(withoutApproval(view.state, approval.gateId), word[command.decision]));
}

/** The approval that a decision is for, or its answer when there is none. */
function approvalMeant(view: LiveView, { gateId, request }: DecideApproval): Meant {
  const { state } = view;
  if (gateId !== undefined) {
    const approval = view.approvals.get(gateId);
    return approval ? { approval } : { answer: decidedBefore(view, gateId) };
  }
  const { open, opened, unnamed } = state.gates;
  const [approval] = open > 0 ? view.approvals.first(1) : [];
  if (approval && open === 1 && (opened === 1 || approval.requested)) return { approval };
  if (opened === 1 && state.lastGate) return { answer: already(state.lastGate.gateId) };
  if (unnamed && unnamed.digest === request) return { answer: already(unnamed.gateId) };
  if (approval) return { answer: nameOne(view.approvals.first(MOST_NAMED), { open, field: "approval_request_id" }) };
  if (isTerminal(state.status)) return { answer: illegal(state, "be decided on") };
  return { answer: refuse("no_open_gate", "this execution waits for no decision") };
}

/** Returns the refusal for a caller whom the rules of the approval do not admit; else `undefined`. */
function excluded(
  { origin }: ExecutionState,
  approval: OpenApproval,
  { by, signed }: DecideApproval,
): Refusal | undefined {
  const { approvers, fourEyes } = approval;
  if (!approvers && !fourEyes) return undefined;
  if (signed) return refuse("forbidden_approver", "a signed webhook does not say which person decided: use a key");
  if (approvers && !approvers.includes(by))
    return refuse("forbidden_approver", `"${by}" is not one of its approvers (${approvers.join(", ").slice(0, 500)})`);
  if (fourEyes && by === origin.owner)
    return refuse("forbidden_approver", `"${by}" started this execution, and four eyes have to see it`);
  return undefined;
}

/** A decision that was made on something else. */
function unfit(approval: OpenApproval, { digest, signed, option }: DecideApproval): Refusal | undefined {
  if (digest !== undefined && digest !== approval.digest)
    return refuse("decision_mismatch", "what waits for approval has changed since it was shown");
  // A signed body can be sent again by a caller who kept it, and this id named an approval before.
  const isNew = signed?.stampedAtMs !== undefined && signed.stampedAtMs > approval.requestedAtMs;
  if (approval.reasked && signed && digest === undefined && !isNew) {
    const since = new Date(approval.requestedAtMs).toISOString();
    return refuse("decision_too_old", `its id named an earlier approval too, and this one is open since ${since}`);
  }
  if (approval.kind !== "review" && approval.options && option !== undefined && !approval.options.includes(option))
    return refuse("invalid_input", `option: must be one of ${approval.options.join(", ")}`);
  return undefined;
}

/**
 * The outside asks for an approval. The execution stands still until it is decided: what runs may end, nothing begins.
 * A claim that is over may have gone to another execution, so it opens nothing.
 */
export function requestApproval(view: LiveView, command: RequestApproval, now: number): Decided {
  const { state } = view;
  const { gateId, payload, payloadDigest, requestUrl, callbackUrl, expiresAtMs, reasked } = command;
  const open = openPause(view);
  if (!isLegal("request-approval", view) && (!open || isHalted(state))) return illegal(state, "wait for an approval");
  if (open) return refuse("approval_already_requested", `the approval "${open.gateId}" is open on this execution`);
  if (view.index().approvals.has(gateId))
    return refuse("approval_already_requested", `the approval "${gateId}" was decided already; ask under a new id`);
  const refusal = unmeetable(command, state.origin.owner);
  if (refusal) return refusal;
  if (command.claimedUntilMs === undefined) return accepted();
  if (now > command.claimedUntilMs) return refuse("unavailable", "the claim of the approval's id came too late");
  const opened: NewEvent = {
    type: "gate.opened",
    data: {
      // No name of a program holds a "#" (`engine/program/branch.ts` escapes it): nothing that it asks for can be meant.
      key: `#request:${gateId}`,
      name: "approval",
      gateId,
      kind: "pause",
      payload,
      payloadDigest,
      onReject: "cancel",
      expiresAtMs,
      requested: true,
      ...(requestUrl === undefined ? {} : { requestUrl }),
      ...(callbackUrl === undefined ? {} : { callbackUrl }),
      ...(reasked === undefined ? {} : { reasked }),
      ...rulesOf(command),
    },
  };
  return accepted(...toRunning(state), opened, WAITING_FOR_APPROVAL);
}

const calledBack = ({ calledBack: isTold }: OpenApproval) => (isTold ? { calledBack: isTold } : {});

/** An approval that is open, and no doubt. */
function openPause({ state, approvals }: LiveView): OpenApproval | undefined {
  return approvals.first(state.gates.open).find(({ kind }) => kind === "pause");
}

/** Expiry acts like a rejection: it ends the execution or tells the program, as the approval was asked to. */
export function expireApproval(view: LiveView, gateId: string): Decided {
  const { state } = view;
  const approval = view.approvals.get(gateId);
  if (!approval) return accepted();
  const { key, kind, openedSeq } = approval;
  const expired: NewEvent = { type: "gate.expired", data: { key, gateId, kind, openedSeq, ...calledBack(approval) } };
  const ofBudget = raisedOrEnded(view, approval, undefined);
  if (ofBudget) return accepted(expired, ...ofBudget);
  if (approval.kind === "review")
    return accepted(expired, ...resolveAsFailed(view, approval), ...wakeUp(state, "approval_expired"));
  if (approval.onReject === "cancel") {
    return accepted(expired, { type: "execution.cancelled", data: { reason: "approval_expired", by: "system" } });
  }
  return accepted(expired, ...wakeUp(withoutApproval(state, approval.gateId), "approval_expired"));
}
