/** Decisions of people, and what becomes of a gate that nobody answers. Called only by `decide`. */
import type { Amount } from "./budget.ts";
import { isNothing } from "./budget.ts";
import type { DecideGate, RequestApproval, ResolveEffect } from "./command.ts";
import { family } from "./decide-engine.ts";
import type { Decided, LiveView } from "./decided.ts";
import { accepted, illegal, toRunning, WAITING_FOR_APPROVAL, wakeUp } from "./decided.ts";
import type { NewEvent } from "./event.ts";
import { refuse } from "./fault.ts";
import type { OpenGate, Verdict } from "./gate.ts";
import { openGate } from "./gate.ts";
import type { ExecutionState } from "./state.ts";
import { isTerminal } from "./status.ts";

/** A decision applies once, to the gate it was made for, with the payload that was shown (P6). */
export function decideGate(view: LiveView, command: DecideGate): Decided {
  const { state } = view;
  const gate = openGate(state.gates, command.gateId);
  if (!gate) return repeated(view, command.gateId);
  if (command.digest !== undefined && command.digest !== gate.digest) {
    return refuse("decision_mismatch", "what waits for approval has changed since it was shown");
  }
  if (gate.kind === "review") return resolveByOption(view, gate, command);
  if (gate.options && command.option !== undefined && !gate.options.includes(command.option)) {
    return refuse("invalid_input", `option: must be one of ${gate.options.join(", ")}`);
  }
  const verdict: Verdict = {
    decision: command.decision,
    decidedBy: command.by,
    ...(command.option === undefined ? {} : { option: command.option }),
    ...(command.feedback === undefined ? {} : { feedback: command.feedback }),
    ...(command.response === undefined ? {} : { response: command.response }),
  };
  const decided: NewEvent = {
    type: "gate.decided",
    data: { key: gate.key, gateId: gate.gateId, kind: gate.kind, verdict },
  };
  if (command.decision === "rejected" && gate.onReject === "cancel") {
    return accepted(decided, { type: "execution.cancelled", data: { reason: "approval_rejected", by: command.by } });
  }
  const word = {
    approved: "approval_granted",
    rejected: "approval_rejected",
    request_changes: "approval_changes_requested",
  };
  return accepted(decided, ...wakeUp(withoutGate(state, gate), word[command.decision]));
}

/** What follows from a gate's end follows as if it were gone: an approval from outside holds the execution only while open. */
function withoutGate(state: ExecutionState, { gateId }: OpenGate): ExecutionState {
  return { ...state, gates: state.gates.filter((gate) => gate.gateId !== gateId) };
}

/**
 * The outside asks for an approval. The execution stands still until it is decided: what runs may end, nothing begins.
 * A claim that is over may have gone to somebody else, so it opens nothing.
 */
export function requestApproval(view: LiveView, command: RequestApproval, now: number): Decided {
  const { state } = view;
  const { gateId, payload, payloadDigest, requestUrl, expiresAtMs } = command;
  if (isTerminal(state.status) || state.status === "paused" || state.status === "blocked")
    return illegal(state, "wait for an approval");
  const open = state.gates.find(({ kind }) => kind === "pause");
  if (open) return refuse("approval_already_requested", `the approval "${open.gateId}" is open on this execution`);
  if (view.index().keyOfGate.has(gateId))
    return refuse("approval_already_requested", `the approval "${gateId}" was decided already; ask under a new id`);
  if (command.claimedUntilMs === undefined) return accepted();
  if (now > command.claimedUntilMs) return refuse("unavailable", "the claim of the approval's id came too late");
  const opened: NewEvent = {
    type: "gate.opened",
    data: {
      // No name of a program holds a "#" (`engine/branch.ts` escapes it): nothing that it asks for can be meant.
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
    },
  };
  return accepted(...toRunning(state), opened, WAITING_FOR_APPROVAL);
}

/** A gate that was decided before answers "already processed" (no events); one that never was is not found. */
function repeated(view: LiveView, gateId: string): Decided {
  if (view.state.lastGate?.gateId === gateId || view.index().keyOfGate.has(gateId)) return accepted();
  if (isTerminal(view.state.status)) return illegal(view.state, "be decided on");
  return refuse("no_open_gate", `no approval "${gateId}" is open here`);
}

function resolveByOption(view: LiveView, gate: OpenGate, command: DecideGate): Decided {
  const resolution =
    command.option ?? { approved: "retry", rejected: "failed", request_changes: undefined }[command.decision];
  if (resolution !== "retry" && resolution !== "succeeded" && resolution !== "failed") {
    return refuse("invalid_input", "option: must be one of retry, succeeded, failed");
  }
  return resolveEffect(view, {
    type: "resolve_effect",
    key: gate.key,
    resolution,
    by: command.by,
    ...(command.response === undefined ? {} : { output: command.response }),
    ...(command.feedback === undefined ? {} : { message: command.feedback }),
  });
}

export function resolveEffect(view: LiveView, command: ResolveEffect): Decided {
  const { state } = view;
  if (isTerminal(state.status)) return illegal(state, "be resolved");
  const entry = view.index().entries.get(command.key);
  if (entry?.status !== "in_doubt" || entry.gateId === undefined) {
    if (entry?.gateId !== undefined) return accepted();
    return refuse("no_open_gate", `no effect "${command.key}" is in doubt here`);
  }
  const { key, kind, name, attempt, reserve } = entry;
  const settled = { resolved: true, ...spentAll(reserve) };
  const decision = command.resolution === "failed" ? "rejected" : "approved";
  const feedback = command.message === undefined ? {} : { feedback: command.message };
  const list: NewEvent[] = [
    {
      type: "gate.decided",
      data: {
        key,
        gateId: entry.gateId,
        kind: "review",
        verdict: { decision, option: command.resolution, decidedBy: command.by, ...feedback },
      },
    },
    { type: "effect.resolved", data: { key, resolution: command.resolution, by: command.by } },
  ];
  if (command.resolution === "succeeded") {
    list.push({
      type: `${family(kind)}.completed`,
      data: { key, kind, name, attempt, output: command.output ?? null, ...settled },
    });
  }
  if (command.resolution === "failed") {
    const error = { code: "resolved_as_failed", message: command.message ?? "a person decided that it failed" };
    list.push({ type: `${family(kind)}.failed`, data: { key, kind, name, attempt, error, ...settled } });
  }
  return accepted(...list, ...wakeUp(state, "effect_resolved"));
}

/** Nobody said in time what became of the effect: then it counts as failed, and the program hears it. */
function resolveAsFailed(view: LiveView, gate: OpenGate): NewEvent[] {
  const entry = view.index().entries.get(gate.key);
  if (entry?.status !== "in_doubt") return [];
  const { key, kind, name, attempt, reserve } = entry;
  const error = { code: "in_doubt", message: `nobody said in time what became of "${name}"` };
  return [
    { type: "effect.resolved", data: { key, resolution: "failed", by: "system" } },
    { type: `${family(kind)}.failed`, data: { key, kind, name, attempt, error, resolved: true, ...spentAll(reserve) } },
  ];
}

/** What a turn in doubt had reserved counts as spent, whatever a person says became of it. */
function spentAll(reserve: Amount): { usage?: Amount; release?: Amount } {
  return isNothing(reserve) ? {} : { usage: reserve, release: reserve };
}

/** Expiry acts like a rejection: it ends the execution or tells the program, as the gate was asked to. */
export function expireGate(view: LiveView, gateId: string): Decided {
  const { state } = view;
  const gate = openGate(state.gates, gateId);
  if (!gate) return accepted();
  const expired: NewEvent = { type: "gate.expired", data: { key: gate.key, gateId, kind: gate.kind } };
  if (gate.kind === "review")
    return accepted(expired, ...resolveAsFailed(view, gate), ...wakeUp(state, "approval_expired"));
  if (gate.onReject === "cancel") {
    return accepted(expired, { type: "execution.cancelled", data: { reason: "approval_expired", by: "system" } });
  }
  return accepted(expired, ...wakeUp(withoutGate(state, gate), "approval_expired"));
}
