/** What the run loop asks for: intents, results, gates, children, and the end. Called only by `decide`. */
import { DEFAULT_MAX_RECOVERIES, exceededLimit, isNothing, NOTHING, shortfall } from "./budget.ts";
import type { EngineCommand, FinishEntry, StartEntry } from "./command.ts";
import type { Decided, LiveView } from "./decided.ts";
import { accepted, illegal, overBudget, restEvents, toRunning } from "./decided.ts";
import type { Entry, EntryKind } from "./entry.ts";
import type { NewEvent } from "./event.ts";
import { refuse } from "./fault.ts";
import { unreachable } from "./json.ts";
import type { ExecutionState } from "./state.ts";
import { isTerminal } from "./status.ts";

export function decideEngine(view: LiveView, command: EngineCommand): Decided {
  const { state } = view;
  if (command.type === "finish_entry") return finishEntry(view, command);
  if (isTerminal(state.status)) return illegal(state, "go on");
  switch (command.type) {
    case "begin":
      return accepted(...(state.status === "queued" ? [{ type: "execution.started", data: {} } as const] : []));
    case "recover":
      return recover(state);
    case "come_to_rest":
      return accepted(...restEvents(state, view.index()));
    case "start_entry":
      return startEntry(view, command);
    case "open_gate": {
      const { type: _type, options, ...data } = command;
      if (view.index().entries.has(command.key) || view.index().keyOfGate.has(command.gateId)) return accepted();
      return accepted({ type: "gate.opened", data: { ...data, ...(options ? { options: [...options] } : {}) } });
    }
    case "doubt_effect":
      return doubtEffect(view, command);
    case "allow_retry": {
      const { key, by } = command;
      const entry = view.index().entries.get(key);
      if (entry?.status !== "open" || entry.retryGranted) return accepted();
      return accepted({ type: "effect.resolved", data: { key, resolution: "retry", by } });
    }
    case "start_child": {
      const { type: _type, ...data } = command;
      if (view.index().entries.has(command.key)) return accepted();
      const share = { ...command.grant, children: command.grant.children + 1 };
      const limit = exceededLimit(state, share);
      if (limit) return accepted(...toRunning(state), ...overBudget(limit));
      if (!isNothing(shortfall(state, share))) return refuse("budget_exceeded", NOT_COVERED);
      return accepted({ type: "child.started", data: { ...data, adopted: false } });
    }
    case "succeed":
      return accepted(...toRunning(state), { type: "execution.succeeded", data: { output: command.output } });
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
      if (view.index().draws.has(command.drawId)) return accepted();
      return accepted({ type: "budget.granted", data: { drawId: command.drawId, amount: command.amount } });
    case "say_note":
      if (view.index().said.has(command.key)) return accepted();
      return accepted({
        type: "note.added",
        data: { key: command.key, message: command.message, tags: [...command.tags] },
      });
    case "report_progress":
      if (view.index().said.has(command.key)) return accepted();
      return accepted({ type: "progress.reported", data: { key: command.key, ...command.progress } });
    default:
      return unreachable(command);
  }
}

const NOT_COVERED = "the parent's grant does not cover this: draw more first";

/** Counted before the replay begins, so that a program that kills its process is stopped (E7). */
function recover(state: ExecutionState): Decided {
  const withoutProgress = state.recoveriesWithoutProgress + 1;
  const event: NewEvent = { type: "execution.recovered", data: { count: state.recoveries + 1, withoutProgress } };
  const allowed = state.limits.maxRecoveries ?? DEFAULT_MAX_RECOVERIES;
  return withoutProgress > allowed
    ? accepted(event, ...toRunning(state), ...overBudget("max_recoveries"))
    : accepted(event);
}

/** Tools and turns have event families of their own; everything else is a step. */
export function family(kind: EntryKind): "step" | "tool" | "turn" {
  return kind === "tool" || kind === "turn" ? kind : "step";
}

function startEntry(view: LiveView, command: StartEntry): Decided {
  const { type: _type, ...data } = command;
  const known = view.index().entries.get(command.key);
  if (known?.status === "done") return refuse("invalid_state", `the entry "${command.key}" is finished`);
  if (known?.status === "in_doubt") return refuse("invalid_state", `the entry "${command.key}" is in doubt`);
  if (known && known.attempt >= command.attempt) return accepted();
  // An interrupted turn may have been paid: what it had reserved is spent (E7).
  const forfeited = known && command.reserve ? known.reserve : NOTHING;
  if (command.reserve) {
    const limit = exceededLimit(view.state, command.reserve);
    if (limit) return accepted(...toRunning(view.state), ...overBudget(limit));
    if (!isNothing(shortfall(view.state, command.reserve))) return refuse("budget_exceeded", NOT_COVERED);
  }
  const extra = isNothing(forfeited) ? {} : { forfeited };
  const started: NewEvent = { type: `${family(command.kind)}.started`, data: { ...data, ...extra } };
  return accepted(started, ...takeBuffered(view, command));
}

/** A signal that came before anybody waited for it answers the wait at once. */
function takeBuffered(view: LiveView, { key, kind, name, attempt, signal }: StartEntry): NewEvent[] {
  if (kind !== "signal") return [];
  const { signals, takenSignals } = view.index();
  const found = signals.find((received) => received.name === signal && !takenSignals.has(received.seq));
  return found ? [{ type: "step.completed", data: { key, kind, name, attempt, signalSeq: found.seq } }] : [];
}

function finishEntry(view: LiveView, command: FinishEntry): Decided {
  const known = view.index().entries.get(command.key);
  if (known?.status === "done") return accepted();
  if (known?.status === "in_doubt") return refuse("invalid_state", `the entry "${command.key}" is in doubt`);
  const { key, kind, name, attempt } = command;
  const late = isTerminal(view.state.status) ? { late: true } : {};
  const settle = settlement(command, known);
  const base = { key, kind, name, attempt, ...late, ...settle };
  if (!command.outcome.ok) {
    const again =
      command.retryAtMs === undefined || isTerminal(view.state.status) ? {} : { retryAtMs: command.retryAtMs };
    return accepted({ type: `${family(kind)}.failed`, data: { ...base, error: command.outcome.error, ...again } });
  }
  const { scratch, signalSeq } = command;
  const value = signalSeq === undefined ? { output: command.outcome.value } : { signalSeq };
  const extra = scratch === undefined ? {} : { scratch };
  return accepted({ type: `${family(kind)}.completed`, data: { ...base, ...value, ...extra } });
}

function settlement(command: FinishEntry, known: Entry | undefined) {
  if (!command.usage) return {};
  return { usage: command.usage, release: known?.reserve ?? NOTHING };
}

/** Only these touch the outside; the rest may simply be asked again. */
const MAY_BE_IN_DOUBT: readonly EntryKind[] = ["effect", "tool", "turn"];

function doubtEffect(view: LiveView, command: Extract<EngineCommand, { type: "doubt_effect" }>): Decided {
  const entry = view.index().entries.get(command.key);
  if (entry?.status !== "open" || !MAY_BE_IN_DOUBT.includes(entry.kind)) return accepted();
  const { key, gateId, payloadDigest, expiresAtMs } = command;
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
        payload: { effect: entry.name, input: entry.input ?? null, attempt: entry.attempt },
        onReject: "choose",
        options: ["retry", "succeeded", "failed"],
        ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
      },
    },
  );
}
