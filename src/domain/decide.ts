/**
 * `(view, command, now) → refusal | events`: the only place that says "may we?". Pure. What it answers is appended by
 * the journal in one transaction; an empty list means "that is so already".
 *
 * D1  A status changes only along `LEGAL_MOVES`. D2  A repeated command answers with no events, never with a second effect.
 * D3  A terminal execution takes no command that would make it do anything; late results are still written down.
 */
import type { Command, OutsideCommand } from "./command.ts";
import { adoptChild, childFinished, childWaiting, drawBudget } from "./decide-child.ts";
import { decideEngine } from "./decide-engine.ts";
import { decideGate, expireGate, resolveEffect } from "./decide-gate.ts";
import type { Decided, LiveView, View } from "./decided.ts";
import { accepted, illegal, overBudget, toRunning, wakeUp } from "./decided.ts";
import type { NewEvent } from "./event.ts";
import { refuse } from "./fault.ts";
import type { ExecutionState } from "./state.ts";
import { activeLimit, activeMs } from "./state.ts";
import { isTerminal, mayMove } from "./status.ts";
import { timerOf } from "./timer.ts";

export function decide(view: View, command: Command, now: number): Decided {
  if (command.type === "create") return create(view.state, command);
  const { state } = view;
  if (!state) return refuse("not_found", "there is no such execution");
  const live: LiveView = { ...view, state };
  switch (command.type) {
    case "cancel":
      return cancel(state, command);
    case "pause":
      return pause(state, command);
    case "resume":
      return resume(state, command);
    case "signal":
      return receiveSignal(live, command);
    case "add_note":
      return accepted({
        type: "note.added",
        data: { message: command.message, tags: [...command.tags], by: command.by },
      });
    case "decide_gate":
      return decideGate(live, command);
    case "resolve_effect":
      return resolveEffect(live, command);
    case "child_finished":
      return childFinished(live, command);
    case "child_waiting":
      return childWaiting(live, command);
    case "adopt_child":
      return adoptChild(live, command);
    case "draw_budget":
      return drawBudget(live, command);
    case "fire_timer":
      return fireTimer(live, command.name, now);
    default:
      return decideEngine(live, command);
  }
}

function create(state: ExecutionState | undefined, command: Extract<OutsideCommand, { type: "create" }>): Decided {
  if (!state) {
    const { origin, input, metadata, context } = command;
    const extra = { ...(metadata === undefined ? {} : { metadata }), ...(context === undefined ? {} : { context }) };
    return accepted(
      { type: "execution.created", data: { origin, input, ...extra } },
      { type: "execution.queued", data: {} },
    );
  }
  if (state.origin.digest === command.origin.digest) return accepted();
  return refuse("idempotency_mismatch", "another request was made under this id: target, input or run headers differ");
}

function cancel(state: ExecutionState, command: { reason?: string; by: string }): Decided {
  if (state.status === "cancelled") return accepted();
  if (!mayMove(state.status, "cancelled")) return illegal(state, "be cancelled");
  return accepted({ type: "execution.cancelled", data: { ...given(command.reason), by: command.by } });
}

function pause(state: ExecutionState, command: { reason?: string; by: string }): Decided {
  if (state.status === "paused") return accepted();
  if (!mayMove(state.status, "paused")) return illegal(state, "be paused");
  return accepted({ type: "execution.paused", data: { ...given(command.reason), by: command.by } });
}

/** Only what stands still can be resumed: an operator's pause, or a block. A person's gate is answered, not resumed. */
function resume(state: ExecutionState, command: { reason?: string; by: string }): Decided {
  if (state.status === "running") return accepted();
  if (state.status !== "paused" && state.status !== "blocked") {
    if (state.status === "waiting")
      return refuse("invalid_state", "it waits for a decision: answer its approval instead of resuming it");
    if (isTerminal(state.status))
      return refuse("invalid_state", `it has ended (${state.status}); start it again with restart`);
    return illegal(state, "be resumed");
  }
  return accepted({ type: "execution.resumed", data: { ...given(command.reason), by: command.by } });
}

const given = (reason: string | undefined) => (reason === undefined ? {} : { reason });

/** The oldest wait for this name takes it at once; without one it stays in the log until somebody asks. */
function receiveSignal(view: LiveView, command: Extract<OutsideCommand, { type: "signal" }>): Decided {
  const { state } = view;
  if (isTerminal(state.status)) return illegal(state, "receive a signal");
  const { name, data, by } = command;
  const received: NewEvent = { type: "signal.received", data: { name, data, by } };
  const index = view.index();
  const waiting = [...index.open]
    .map((key) => index.entries.get(key))
    .find((entry) => entry?.kind === "signal" && entry.signal === name);
  if (!waiting) return accepted(received);
  const { key, attempt, name: what } = waiting;
  const taken: NewEvent = {
    type: "step.completed",
    data: { key, kind: "signal", name: what, attempt, signalSeq: state.seq + 1 },
  };
  return accepted(received, taken);
}

function fireTimer(view: LiveView, name: string, now: number): Decided {
  const { state } = view;
  if (isTerminal(state.status)) return accepted();
  const timer = timerOf(name);
  if (timer.kind === "active") return expireActive(state, now);
  if (timer.kind === "deadline") return timeOut(state, "deadline");
  // E6: while an operator is awaited, instants are kept and act on resume.
  if (state.status === "paused" || state.status === "blocked") return accepted();
  if (timer.kind === "gate") return expireGate(view, timer.subject);
  const entry = view.index().entries.get(timer.subject);
  if (!entry || entry.status === "done") return accepted();
  if (timer.kind === "sleep" && entry.kind === "sleep") {
    const { key, kind, name: what, attempt } = entry;
    return accepted(...wakeUp(state, "slept"), { type: "step.completed", data: { key, kind, name: what, attempt } });
  }
  if (timer.kind === "signal" && entry.kind === "signal") {
    const { key, kind, name: what, attempt } = entry;
    const error = { code: "signal_timeout", message: `no signal "${entry.signal ?? what}" came in time` };
    return accepted(...wakeUp(state, "signal_timeout"), {
      type: "step.failed",
      data: { key, kind, name: what, attempt, error },
    });
  }
  // The try itself belongs to the run loop, which has the entry's function in its hand; here the program only wakes.
  const resting = timer.kind === "retry" && state.suspended !== undefined;
  return resting ? accepted({ type: "execution.resumed", data: { reason: "backoff_over" } }) : accepted();
}

function expireActive(state: ExecutionState, now: number): Decided {
  const { limitMs, kind } = activeLimit(state);
  if (activeMs(state, now) < limitMs) return accepted();
  if (kind === "timeout") return timeOut(state, `${limitMs} ms of active time`);
  return accepted(...toRunning(state), ...overBudget("max_duration"));
}

function timeOut(state: ExecutionState, limit: string): Decided {
  return accepted(...toRunning(state), { type: "execution.timed_out", data: { limit } });
}
