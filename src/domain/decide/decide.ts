/**
 * `(view, command, now) → refusal | events`: the only place that says "may we?". Pure. What it answers is appended by
 * the journal in one transaction; an empty list means "that is so already".
 *
 * - A status changes only along `LEGAL_MOVES`. A repeated command answers with no events, never with a second effect.
 * - A terminal execution takes no command that would make it do anything; late results are still written down.
 */

import { NONE_OPEN } from "../execution/approval.ts";
import type { CancelCommand, Command, CreateCommand, EngineCommand, SignalCommand } from "../execution/command.ts";
import { refusedDeadline } from "../execution/deadline.ts";
import { entryError, isOpenExternal } from "../execution/entry.ts";
import type { NewEvent } from "../execution/event.ts";
import { awaitsRequested, timerActs } from "../execution/hold.ts";
import { signalWaits } from "../execution/signal-waits.ts";
import type { ExecutionState } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";
import { FILE_RETENTION_MS } from "../execution/stored-file.ts";
import { timerOf } from "../execution/timer.ts";
import type { SettleWork, WorkCommand } from "../execution/work-command.ts";
import { archiveLog, gone } from "../read-models/tombstone.ts";
import type { Refusal } from "../values/fault.ts";
import { FAULTS, refuse } from "../values/fault.ts";
import { unreachable } from "../values/json.ts";
import { utf8Bytes } from "../values/json-text.ts";
import { DEFAULT_LIMITS, inWords } from "../values/limits.ts";
import { takenOver } from "../work/finished.ts";
import { partsOf } from "../work/plan-parts.ts";
import type { Work } from "../work/work.ts";
import { decideApproval, expireApproval, requestApproval } from "./approval.ts";
import { expireActive, withWarnings } from "./budget.ts";
import { adoptChild, childFinished, childWaiting, drawBudget, passCancelOn } from "./child.ts";
import type { Decided, LiveView, View } from "./decided.ts";
import { accepted, illegal, timeOut, WAITING_FOR_APPROVAL, wakeUp } from "./decided.ts";
import { resolveEffect } from "./doubt.ts";
import { decideEngine, isOfEngine } from "./engine.ts";
import { decideExternal, endSilence, expireExternal } from "./external.ts";
import { awaitsChoice, isLegal, isMove, legalMoves } from "./legal-moves.ts";
import { inputParsed, retryProgram } from "./program.ts";
import { importResults, restart, reuseEntry } from "./restart.ts";
import { askForSlot, grantSlot } from "./slot.ts";
import { noteCallback, noteDelivery, retryDelivery } from "./webhook.ts";
import { decideOnWork, fireWorkTimer, isOfWork, isWorkTimer } from "./work.ts";
import { stopping } from "./work-stop.ts";
import { reportCall, writeDown } from "./write-down.ts";

export function decide(view: View, command: Command, now: number): Decided {
  if (command.type === "create") return create(view.state, command, now);
  const { state } = view;
  if (!state) return refuse("not_found", "there is no such execution");
  if (state.archivedAtMs !== undefined) return gone(state);
  const live: LiveView = { approvals: NONE_OPEN, ...view, state };
  const decided = withWarnings(state, decideOn(live, command, now), now);
  if (decided.ok || FAULTS[decided.code].status !== 409 || !isMove(command)) return decided;
  return { ...decided, moves: { status: state.status, possible: legalMoves(live) } };
}

function decideOn(live: LiveView, command: Exclude<Command, CreateCommand>, now: number): Decided {
  if (isOfWork(command)) return decideOnWork(live, command, now);
  return isOfEngine(command) ? decideEngine(live, command, now) : decideLive(live, command, now);
}

type LiveCommand = Exclude<Command, CreateCommand | EngineCommand | WorkCommand | SettleWork>;

function decideLive(live: LiveView, command: LiveCommand, now: number): Decided {
  const { state } = live;
  switch (command.type) {
    case "cancel":
      return cancel(live, command);
    case "pause":
      return pause(live, command);
    case "resume":
      return resume(live, command);
    case "retry_program":
      return retryProgram(state, command);
    case "signal":
      return receiveSignals(live, command);
    case "add_note":
    case "write_log":
      return writeDown(state, command);
    case "report_call":
      return reportCall(live, command);
    case "decide_gate":
      return decideApproval(live, command);
    case "request_approval":
      return requestApproval(live, command, now);
    case "resolve_effect":
      return resolveEffect(live, command);
    case "child_finished":
      return childFinished(live, command);
    case "child_waiting":
      return childWaiting(live, command);
    case "finish_external":
    case "store_external":
    case "external_waiting":
    case "receiver_restarted":
      return decideExternal(live, command, now);
    case "adopt_child":
      return adoptChild(live, command);
    case "draw_budget":
      return drawBudget(live, command, now);
    case "pass_cancel_on":
      return passCancelOn(live);
    case "restart":
      return restart(live, command);
    case "note_callback":
      return noteCallback(command);
    case "note_delivery":
      return noteDelivery(state, command);
    case "retry_delivery":
      return retryDelivery(state, command);
    case "inherit":
      return importResults(live, command);
    case "reuse_entry":
      return reuseEntry(live, command);
    case "archive_log":
      return archiveLog(state, command, now);
    case "grant_slot":
      return grantSlot(state, command);
    case "ask_for_slot":
      return askForSlot(state, command, now);
    case "fire_timer":
      return fireTimer(live, command.name, now);
  }
  return unreachable(command);
}

function create(state: ExecutionState | undefined, command: CreateCommand, now: number): Decided {
  if (!state) {
    const {
      origin,
      input,
      parsed,
      metadata,
      attributes,
      context,
      files,
      webhook,
      webhookError,
      acceptedAtMs,
      awaitsTurn,
    } = command;
    const { plan, stays, finished } = command;
    // A repetition of a start whose deadline has passed meanwhile still finds its execution.
    const late = refusedDeadline(origin.deadlineMs, acceptedAtMs ?? now);
    if (late) return late;
    const extra = {
      ...(parsed === undefined ? {} : { parsed: parsed.same ? ("as_sent" as const) : ("apart" as const) }),
      ...(metadata === undefined ? {} : { metadata }),
      ...(attributes === undefined ? {} : { attributes }),
      ...(context === undefined ? {} : { context }),
      ...(files === undefined ? {} : { files: { ...files, expiresAtMs: (acceptedAtMs ?? now) + FILE_RETENTION_MS } }),
      ...(webhook === undefined ? {} : { webhook }),
      ...(webhookError === undefined ? {} : { webhookError }),
      ...(acceptedAtMs === undefined ? {} : { acceptedAtMs }),
      ...(awaitsTurn ? { awaitsTurn } : {}),
    };
    return accepted(
      { type: "execution.created", data: { origin, input, ...extra } },
      ...(parsed === undefined || parsed.same ? [] : [inputParsed({ parsed })]),
      ...(plan === undefined
        ? []
        : partsOf(plan, finished?.doubted).map((data): NewEvent => ({ type: "plan.loaded", data }))),
      ...takenOver(finished),
      ...(stays ? [] : [{ type: "execution.queued" as const, data: {} }]),
    );
  }
  if (state.origin.digest === command.origin.digest)
    return state.archivedAtMs === undefined ? accepted(...turnCome(state, command)) : gone(state);
  return refuse("idempotency_mismatch", "another request was made under this id: target, input or run headers differ");
}

/** The same start again, of an execution that waits for its turn: that has come. A held one goes on when it is resumed. */
function turnCome({ status, awaitsTurn }: ExecutionState, command: CreateCommand): NewEvent[] {
  if (!awaitsTurn || command.awaitsTurn || status !== "queued") return [];
  return [{ type: "execution.started", data: { ...(command.deployment ? { deployment: command.deployment } : {}) } }];
}

function cancel(live: LiveView, { word, reason, by, bulk }: CancelCommand): Decided {
  if (isRepeated(live, bulk)) return accepted();
  if (!isLegal("cancel", live)) return illegal(live.state, "be cancelled");
  const data = { ...worded(word ?? "cancelled", reason), by, ...(bulk ? { bulk } : {}) };
  return accepted(...stopping(live, "cancel"), { type: "execution.cancelled", data });
}

interface Moved {
  readonly reason?: string;
  readonly by: string;
  readonly bulk?: string;
}

function pause(live: LiveView, command: Moved): Decided {
  if (live.state.status === "paused" || isRepeated(live, command.bulk)) return accepted();
  if (!isLegal("pause", live)) return illegal(live.state, "be paused");
  const data = { ...worded("paused", command.reason), ...sender(command) };
  return accepted({ type: "execution.paused", data }, ...stopping(live, "pause"));
}

/** A bulk operation whose process died sends its last page again: what that moved is moved once, whatever others did since. */
function isRepeated({ state }: LiveView, bulk: string | undefined): boolean {
  return bulk !== undefined && state.bulks?.includes(bulk) === true;
}

function sender({ by, bulk }: Moved): { by: string; bulk?: string } {
  return bulk === undefined ? { by } : { by, bulk };
}

function resume(live: LiveView, command: Moved): Decided {
  const { state } = live;
  if (state.status === "running" || isRepeated(live, command.bulk)) return accepted();
  if (awaitsChoice(state)) return blockedBySubtasks(live.work?.());
  if (!isLegal("resume", live)) return illegal(state, "be resumed");
  const resumed: NewEvent = {
    type: "execution.resumed",
    data: { ...worded("resumed", command.reason), ...sender(command) },
  };
  return awaitsRequested(state) ? accepted(resumed, WAITING_FOR_APPROVAL) : accepted(resumed);
}

/** It goes on when a person has chosen how its blocked subtask does. */
function blockedBySubtasks(work: Work | undefined): Refusal {
  const [first] = work?.blocked ?? [];
  const options = first && work?.state(first).blocked?.options;
  if (!first || !options) return refuse("invalid_state", "it waits for the outside, and goes on by itself");
  return refuse("invalid_state", `"${first.id}" is blocked: choose one of ${options.join(", ")}`);
}

/** A fixed word, and behind it what a person said. */
function worded(reason: string, said: string | undefined): { reason: string; detail?: string } {
  const detail = said?.trim();
  return detail ? { reason, detail } : { reason };
}

/** A wait for its name takes a signal at once; without such a wait it stays in the log until the program waits for it. */
function receiveSignals(view: LiveView, { signals, by, mostBytes }: SignalCommand): Decided {
  const { state } = view;
  if (!isLegal("signals", view)) return illegal(state, "receive a signal");
  const index = view.index();
  const waits = signalWaits(index);
  const events: NewEvent[] = [];
  let waiting = index.signalBytes;
  for (const { name, data } of signals) {
    events.push({ type: "signal.received", data: { name, data, by } });
    const signalSeq = state.seq + events.length;
    const wait = waits.get(name)?.take();
    if (!wait) {
      waiting += utf8Bytes(JSON.stringify(data));
      if (mostBytes !== undefined && waiting > mostBytes) return tooManySignals(index.signalBytes, mostBytes);
      continue;
    }
    const { key, attempt, name: what } = wait;
    events.push({ type: "step.completed", data: { key, kind: "signal", name: what, attempt, signalSeq } });
  }
  return accepted(...events);
}

/** None of the batch is taken: what is kept is all or nothing. */
function tooManySignals(bytes: number, signalBytes: number): Refusal {
  const limit = inWords("signalBytes", { ...DEFAULT_LIMITS, signalBytes });
  return refuse("too_many_signals", `${bytes} bytes of signals wait to be taken already; ${limit} are kept`);
}

function fireTimer(view: LiveView, name: string, now: number): Decided {
  const { state } = view;
  const timer = timerOf(name);
  if (timer.kind === "files") return expireFiles(state);
  if (isTerminal(state.status)) return accepted();
  if (isWorkTimer(timer.kind)) return fireWorkTimer(view, { kind: timer.kind, subject: timer.subject }, now);
  if (timer.kind === "active") return accepted(...expireActive(view, now));
  if (timer.kind === "deadline") return accepted(...timeOut(state, "deadline"));
  // E6: while an operator is awaited, instants are kept and act on resume.
  if (!timerActs(state, name)) return accepted();
  if (timer.kind === "gate") return expireApproval(view, timer.subject);
  const entry = view.index().entries.get(timer.subject);
  if (!entry || entry.status === "done") return accepted();
  if (timer.kind === "sleep" && entry.kind === "sleep") {
    const { key, kind, name: what, attempt } = entry;
    return accepted(...wakeUp(state, "slept"), { type: "step.completed", data: { key, kind, name: what, attempt } });
  }
  if (timer.kind === "signal" && entry.kind === "signal") {
    const { key, kind, name: what, attempt } = entry;
    const error = entryError("signal_timeout", `no signal "${entry.signal ?? what}" came in time`);
    return accepted(...wakeUp(state, "signal_timeout"), {
      type: "step.failed",
      data: { key, kind, name: what, attempt, error },
    });
  }
  if (timer.kind === "external" && isOpenExternal(entry)) return expireExternal(view, entry, now);
  if (timer.kind === "silence" && isOpenExternal(entry)) return endSilence(view, entry, now);
  // The try itself belongs to the run loop, which has the entry's function in its hand; here the program only wakes.
  const resting = timer.kind === "retry" && state.suspended !== undefined;
  return resting ? accepted({ type: "execution.resumed", data: { reason: "backoff_over" } }) : accepted();
}

/** Accepted in any status: files are kept for a time, not for as long as a program or a caller works with them. */
function expireFiles(state: ExecutionState): Decided {
  return state.filesExpiredAtMs === undefined ? accepted({ type: "files.expired", data: {} }) : accepted();
}
