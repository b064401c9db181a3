/** What the run loop asks for: intents, results, approvals, children, and the end. Called only by `decide`. */
import { rulesOf, unmeetable } from "../execution/approval.ts";
import type { OpenApprovalCommand } from "../execution/approval-command.ts";
import { isNothing, NOTHING, uncovered } from "../execution/budget.ts";
import type { StartChild } from "../execution/child-command.ts";
import { shareOf } from "../execution/child-origin.ts";
import type { Command, EngineCommand, FinishEntry, OneWayCommand, StartEntry } from "../execution/command.ts";
import type { Entry, OpenEntry, OpenWork } from "../execution/entry.ts";
import { isOpenWork } from "../execution/entry.ts";
import type { NewEvent } from "../execution/event.ts";
import { awaitsRequested } from "../execution/hold.ts";
import type { ExecutionState } from "../execution/state.ts";
import { heldMs } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";
import { refuse } from "../values/fault.ts";
import { unreachable } from "../values/json.ts";
import { beyondLimit, expireActive } from "./budget.ts";
import type { Decided, LiveView } from "./decided.ts";
import { accepted, illegal, overBudget, restEvents, timeOut, toRunning, wakeUp } from "./decided.ts";
import { beginSending, noteSent } from "./external.ts";
import { family, finishEntry, MAY_BE_IN_DOUBT } from "./finish-entry.ts";
import { inputParsed } from "./program.ts";
import { withdraw } from "./race.ts";
import { decideRecovery } from "./recovery.ts";

const BEGINNINGS: readonly EngineCommand["type"][] = [
  "start_entry",
  "begin_probe",
  "open_gate",
  "start_child",
  "begin_sending",
];

/** All of them by name: what is not here is decided in `decide.ts`, or does not compile. */
const OF_ENGINE: Readonly<Record<EngineCommand["type"], true>> = {
  ...{ start_entry: true, finish_entry: true, open_gate: true, start_child: true, doubt_effect: true },
  ...{ begin: true, withdraw: true, take_input: true, recover: true, come_to_rest: true, begin_probe: true },
  ...{ allow_retry: true, succeed: true, fail: true, exceed_budget: true, block: true, add_grant: true },
  ...{ begin_sending: true, note_sent: true, end_as: true },
  ...{ say_note: true, say_attempt: true, report_progress: true, set_attributes: true, note_neighbour: true },
};

export function isOfEngine(command: Command): command is EngineCommand {
  return Object.hasOwn(OF_ENGINE, command.type);
}

export function decideEngine(view: LiveView, command: EngineCommand, now: number): Decided {
  const { state } = view;
  if (command.type === "finish_entry") return finishEntry(view, command);
  if (isTerminal(state.status)) return illegal(state, "go on");
  // E6: while an operator is awaited nothing new begins, no matter which command asks for it.
  const begins = BEGINNINGS.includes(command.type);
  if (begins && ((state.status !== "running" && state.status !== "waiting") || awaitsRequested(state)))
    return illegal(state, "begin anything");
  // Its alarm may come late, after an outage for one: what has no time left begins nothing in between (P4).
  const over = begins ? expired(view, now) : [];
  if (over.length > 0) return accepted(...over);
  return decideOpen(view, command, now);
}

function decideOpen(view: LiveView, command: Exclude<EngineCommand, FinishEntry>, now: number): Decided {
  const { state } = view;
  switch (command.type) {
    case "begin":
      return accepted(...begun(state, command.deployment));
    case "withdraw":
      return withdraw(view, command);
    case "take_input":
      return accepted(...(state.inputSeq === undefined ? [inputParsed(command)] : []));
    case "recover":
    case "note_neighbour":
      return decideRecovery(state, command);
    case "come_to_rest":
      return accepted(...restEvents(state, view.index()));
    case "start_entry":
      return startEntry(view, command, now);
    case "open_gate":
      return openApproval(view, command, now);
    case "begin_probe":
      return beginOutcomeCheck(view, command);
    case "doubt_effect":
      return doubtEffect(view, command);
    case "allow_retry":
      return allowRetry(view, command);
    case "start_child":
      return startChild(view, command, now);
    case "begin_sending":
      return beginSending(view, command);
    case "note_sent":
      return noteSent(view, command);
    case "end_as":
      return accepted(...endAs(state, command));
    case "succeed": {
      const { type: _type, ...data } = command;
      return accepted(...toRunning(state), { type: "execution.succeeded", data });
    }
    case "fail": {
      const { type: _type, ...data } = command;
      return accepted(...toRunning(state), { type: "execution.failed", data });
    }
    case "exceed_budget":
      return accepted(...toRunning(state), ...overBudget(command.limit));
    case "block": {
      if (state.status === "blocked") return accepted();
      const { type: _type, ...data } = command;
      return accepted(...toRunning(state), { type: "execution.blocked", data });
    }
    case "add_grant":
      if (!state.granted) return refuse("invalid_state", "no parent has granted it a budget");
      if (view.index().draws.has(command.drawId)) return accepted();
      return accepted({ type: "budget.granted", data: { drawId: command.drawId, amount: command.amount } });
    case "say_note":
    case "say_attempt":
    case "report_progress":
    case "set_attributes":
      return said(view, command);
  }
  return unreachable(command);
}

/** Each once: a replay says the same again. */
function said(view: LiveView, command: OneWayCommand): Decided {
  const key = command.type === "say_attempt" ? command.event.data.key : command.key;
  if (view.index().recorded.has(key)) return accepted();
  switch (command.type) {
    case "say_note":
      return accepted({ type: "note.added", data: { key, message: command.message, tags: [...command.tags] } });
    case "say_attempt":
      return accepted(command.event);
    case "report_progress":
      return accepted({ type: "progress.reported", data: { key, ...command.progress } });
    case "set_attributes":
      return accepted({ type: "attributes.set", data: { key, attributes: command.attributes } });
  }
  return unreachable(command);
}

function endAs(state: ExecutionState, { status, detail }: Extract<EngineCommand, { type: "end_as" }>): NewEvent[] {
  if (status === "timeout") return timeOut(state, detail);
  return [...toRunning(state), { type: "execution.cancelled", data: { reason: "cancelled", detail, by: "system" } }];
}

function expired(view: LiveView, now: number): NewEvent[] {
  const { state } = view;
  const { deadlineMs } = state.origin;
  return deadlineMs !== undefined && now >= deadlineMs ? timeOut(state, "deadline") : expireActive(view, now);
}

function openApproval(view: LiveView, command: OpenApprovalCommand, now: number): Decided {
  const { type: _type, options, approvers, claimedUntilMs, ...data } = command;
  const { entries, approvals } = view.index();
  if (entries.has(data.key)) return accepted();
  if (approvals.has(data.gateId))
    return refuse(
      "approval_already_requested",
      `this execution asked for "${data.gateId}" before; each id names one approval`,
    );
  if (claimedUntilMs !== undefined && now > claimedUntilMs)
    return refuse("unavailable", "the claim of the approval's id is over");
  const refusal = unmeetable({ ...data, approvers }, view.state.origin.owner);
  if (refusal) return refusal;
  const opened = { ...data, ...(options ? { options: [...options] } : {}), ...rulesOf({ ...data, approvers }) };
  return accepted(...wakeUp(view.state, "went_on"), { type: "gate.opened", data: opened });
}

function startChild(view: LiveView, { type: _type, ...data }: StartChild, now: number): Decided {
  const { state } = view;
  if (view.index().entries.has(data.key) || view.index().keyOfChild.has(data.childId)) return accepted();
  const share = shareOf(data.grant);
  const beyond = beyondLimit(view, share, now);
  if (beyond) return accepted(...beyond);
  if (!isNothing(uncovered(state, share))) return refuse("budget_exceeded", NOT_COVERED);
  return accepted(...wakeUp(state, "went_on"), { type: "child.started", data: { ...data, adopted: false } });
}

function allowRetry(view: LiveView, { key, by }: Extract<EngineCommand, { type: "allow_retry" }>): Decided {
  const entry = view.index().entries.get(key);
  if (!entry || !isOpenTouch(entry) || entry.retryGranted) return accepted();
  return accepted({ type: "effect.resolved", data: { key, resolution: "retry", by } });
}

const NOT_COVERED = "the parent's grant does not cover this: draw more first";

function begun({ status }: ExecutionState, deployment: string | undefined): NewEvent[] {
  const by = deployment === undefined ? {} : { deployment };
  return status === "queued" ? [{ type: "execution.started", data: by }] : [];
}

function startEntry(view: LiveView, command: StartEntry, now: number): Decided {
  const { type: _type, ...data } = command;
  const known = view.index().entries.get(command.key);
  if (known?.status === "done") return refuse("invalid_state", `the entry "${command.key}" is finished`);
  if (known?.status === "in_doubt") return refuse("invalid_state", `the entry "${command.key}" is in doubt`);
  if (known && known.kind !== command.kind) return refuse("invalid_state", `"${command.key}" is a ${known.kind}`);
  if (known && known.attempt >= command.attempt) return accepted();
  if (known && !mayRepeat(known, command))
    return refuse("invalid_state", `the effect "${command.key}" may have happened: it is not begun again (P2)`);
  // An interrupted turn may have been paid: what it had reserved is spent (E7).
  const forfeited = known && command.reserve ? known.reserve : NOTHING;
  if (command.reserve) {
    const beyond = beyondLimit(view, command.reserve, now);
    if (beyond) return accepted(...beyond);
    if (!isNothing(uncovered(view.state, command.reserve))) return refuse("budget_exceeded", NOT_COVERED);
  }
  const extra = isNothing(forfeited) ? {} : { forfeited };
  const held = command.kind === "external" ? { heldMs: heldMs(view.state, now) } : {};
  const started: NewEvent = { type: `${family(command.kind)}.started`, data: { ...data, ...extra, ...held } };
  return accepted(...wakeUp(view.state, "went_on"), started, ...takeBuffered(view, command));
}

/** Another try follows a known failure, a permission, or what is safe to repeat. A timeout is no known failure. */
function mayRepeat(known: OpenEntry, { kind, idempotent, onInterrupt }: StartEntry): boolean {
  if (kind !== "effect" && kind !== "tool") return true;
  if ("retryGranted" in known && known.retryGranted) return true;
  if (known.status === "backing_off" && !known.timedOut) return true;
  return onInterrupt === undefined ? idempotent === true : onInterrupt === "retry";
}

/** A signal that came before the program waited for it answers the wait at once. */
function takeBuffered(view: LiveView, { key, kind, name, attempt, signal }: StartEntry): NewEvent[] {
  if (kind !== "signal") return [];
  for (const [signalSeq, received] of view.index().signals) {
    if (received === signal) return [{ type: "step.completed", data: { key, kind, name, attempt, signalSeq } }];
  }
  return [];
}

/** Its try was begun, and nothing is known of its end. */
function isOpenTouch(entry: Entry): entry is Extract<OpenWork, { status: "open" }> {
  return isOpenWork(entry) && entry.status === "open" && MAY_BE_IN_DOUBT.includes(entry.kind);
}

function beginOutcomeCheck(view: LiveView, command: Extract<EngineCommand, { type: "begin_probe" }>): Decided {
  const { type: _type, ...data } = command;
  const entry = view.index().entries.get(data.key);
  if (!entry || !isOpenTouch(entry) || entry.withdrawn || entry.attempt !== data.attempt)
    return refuse(
      "invalid_state",
      `try ${data.attempt} of "${data.key}" is not open: there is nothing to ask about it`,
    );
  return accepted(...wakeUp(view.state, "went_on"), { type: "effect.probing", data });
}

function doubtEffect(view: LiveView, command: Extract<EngineCommand, { type: "doubt_effect" }>): Decided {
  const entry = view.index().entries.get(command.key);
  if (!entry || !isOpenTouch(entry) || entry.withdrawn) return accepted();
  if (view.index().approvals.has(command.gateId)) return accepted();
  const { key, gateId, payload, payloadDigest, expiresAtMs } = command;
  return accepted(
    { type: "effect.in_doubt", data: { key, gateId } },
    {
      type: "gate.opened",
      data: {
        key,
        gateId,
        payloadDigest,
        name: entry.name,
        kind: "review",
        payload,
        onReject: "choose",
        options: ["retry", "succeeded", "failed"],
        ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
      },
    },
  );
}
