/**
 * `(state, event) → state`. Total, exhaustive, never throws: the actor, the projection, the dashboard and the client all
 * fold with this one function. It decides nothing; an event that reached the log has happened.
 *
 * - Folding the whole log gives the state. The first terminal status stays. `seq` is the last event's.
 */
import { minus, NOTHING, plus } from "../execution/budget.ts";
import type { Event, EventData } from "../execution/event.ts";
import type { ExecutionState } from "../execution/state.ts";
import { factsOf } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";
import { storesResult } from "../execution/stored-result.ts";
import { isSimulated } from "../model/simulated.ts";
import { tombstoneOf } from "../read-models/tombstone.ts";
import { unreachable } from "../values/json.ts";
import { awake, progressed, rest, without } from "./active-clock.ts";
import { NO_APPROVALS, withClosed, withOpened, withoutApproval, withoutApprovals } from "./approval.ts";
import { foldAttempt } from "./attempt.ts";
import { foldChild, isOfChildren } from "./child.ts";
import { foldRestart, inheriting, replayed, withResult } from "./restart.ts";

export function evolve(state: ExecutionState | undefined, event: Event): ExecutionState | undefined {
  if (event.type === "execution.created") return state ?? created(event);
  if (!state) return undefined;
  return change({ ...state, seq: event.seq, updatedAtMs: event.atMs }, event);
}

/** Folds a run of events; `undefined` when the log does not begin with a creation. */
export function fold(events: readonly Event[], from?: ExecutionState): ExecutionState | undefined {
  return events.reduce<ExecutionState | undefined>(evolve, from);
}

function created(event: Extract<Event, { type: "execution.created" }>): ExecutionState {
  const { origin } = event.data;
  return {
    origin,
    status: "pending",
    seq: event.seq,
    ...(event.data.parsed === "as_sent" ? { inputSeq: event.seq } : {}),
    createdAtMs: event.data.acceptedAtMs ?? event.atMs,
    ...(event.data.awaitsTurn ? { awaitsTurn: true } : {}),
    updatedAtMs: event.atMs,
    recoveries: 0,
    recoveriesWithoutProgress: 0,
    openChildren: 0,
    gates: NO_APPROVALS,
    limits: origin.limits,
    spent: NOTHING,
    reserved: NOTHING,
    ...(origin.granted ? { granted: origin.granted } : {}),
    ...inheriting(origin),
    activeUsedMs: 0,
  };
}

function change(state: ExecutionState, event: Event): ExecutionState {
  if (isOfChildren(event)) return foldChild(state, event);
  switch (event.type) {
    case "execution.queued":
    case "execution.started":
    case "execution.waiting":
    case "execution.suspended":
    case "execution.blocked":
    case "execution.paused":
    case "execution.resumed":
    case "execution.recovered":
    case "execution.succeeded":
    case "execution.failed":
    case "execution.cancelled":
    case "execution.timed_out":
      return changeStatus(state, event);
    case "step.started":
    case "tool.started":
    case "turn.started":
      return startEntry(state, event);
    case "step.completed":
    case "tool.completed":
    case "turn.completed":
    case "step.failed":
    case "tool.failed":
    case "turn.failed":
      return settleEntry(state, event);
    case "attempt.started":
    case "attempt.completed":
    case "attempt.rejected":
      return foldAttempt(state, event);
    case "gate.opened":
    case "gate.decided":
    case "gate.expired":
    case "entry.withdrawn":
      return changeApprovals(state, event);
    case "effect.probing":
    case "effect.resolved":
      return awake(state, event.atMs);
    case "successor.started":
    case "journal.inherited":
      return foldRestart(state, event);
    case "execution.created":
    case "effect.in_doubt":
    case "budget.exceeded":
    case "signal.received":
    case "note.added":
      return state;
    case "input.parsed":
    case "files.expired":
    case "log.archived":
    case "progress.reported":
    case "neighbour.grew":
      return changeContents(state, event);
  }
  // Written by newer code. At compile time there is no such event, and a new one has to be handled above.
  event satisfies never;
  return state;
}

function changeApprovals(
  state: ExecutionState,
  event: Extract<Event, { type: `gate.${string}` | "entry.withdrawn" }>,
): ExecutionState {
  if (event.type === "gate.opened") return withOpened(state, event);
  // The approval is closed without a decision.
  if (event.type === "entry.withdrawn")
    return event.data.gateId === undefined ? state : withoutApproval(state, event.data.gateId);
  return progressed(withResult(withClosed(state, event), event.data), event.atMs);
}

/** What is known of an execution beside its course. */
function changeContents(
  state: ExecutionState,
  event: Of<"input.parsed" | "files.expired" | "log.archived" | "progress.reported" | "neighbour.grew">,
): ExecutionState {
  switch (event.type) {
    case "input.parsed":
      return { ...state, inputSeq: event.data.value === undefined ? 1 : event.seq };
    case "files.expired":
    case "log.archived":
      return foldRemoval(state, event);
    case "progress.reported":
      return { ...state, progress: progressOf(event.data) };
    case "neighbour.grew":
      return { ...state, outgrown: true };
  }
  return unreachable(event);
}

function foldRemoval(state: ExecutionState, event: Of<"files.expired" | "log.archived">): ExecutionState {
  return event.type === "files.expired" ? { ...state, filesExpiredAtMs: event.atMs } : tombstoneOf(state, event);
}

type StatusEvent = Exclude<Extract<Event, { type: `execution.${string}` }>, { type: "execution.created" }>;

function changeStatus(state: ExecutionState, event: StatusEvent): ExecutionState {
  // The first terminal status stays.
  if (isTerminal(state.status)) return event.type === "execution.recovered" ? recovered(state, event) : state;
  switch (event.type) {
    case "execution.queued":
      return { ...rest(state, event.atMs), status: "queued" };
    case "execution.started":
      return { ...running(state, event), ...ranBy(event.data) };
    case "execution.waiting":
      return { ...rest(state, event.atMs), status: "waiting", ...begun(state, event), reason: event.data.reason };
    case "execution.suspended":
      return suspend(state, event);
    case "execution.blocked":
      return { ...blocked(state, event), ...triedBy(event.data) };
    case "execution.paused":
      return { ...rest(state, event.atMs), status: "paused", ...begun(state, event), ...worded(event.data) };
    case "execution.resumed":
      return { ...running(state, event, event.data), ...triedBy(event.data) };
    case "execution.recovered":
      return recovered(state, event);
    case "execution.succeeded":
    case "execution.failed":
    case "execution.cancelled":
    case "execution.timed_out":
      return end(state, event);
  }
  return unreachable(event);
}

/** Each status after the start names its instant. */
const begun = ({ startedAtMs }: ExecutionState, { atMs }: Event) => ({ startedAtMs: startedAtMs ?? atMs });

const stored = ({ data }: Extract<Event, { type: "execution.succeeded" }>) =>
  data.stored ? ({ storedResult: "named" } as const) : {};

function errorOf({ code, message }: EventData<"execution.failed">) {
  return { errorCode: code, errorMessage: message.slice(0, 500) };
}

function progressOf({ key: _key, ...progress }: EventData<"progress.reported">) {
  return { ...progress, ...(progress.message ? { message: progress.message.slice(0, 500) } : {}) };
}

interface Words {
  readonly reason?: string | undefined;
  readonly detail?: string | undefined;
}

/** A fixed word, and behind it what a person or the engine says more. */
function worded({ reason, detail }: Words): { reason?: string } {
  if (reason === undefined) return {};
  return { reason: detail === undefined ? reason : `${reason}: ${detail.slice(0, 500)}` };
}

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

type End = Of<"execution.succeeded" | "execution.failed" | "execution.cancelled" | "execution.timed_out">;

function end(state: ExecutionState, event: End): ExecutionState {
  const facts = rest(state, event.atMs);
  const { startedAtMs } = state;
  const started = startedAtMs === undefined ? {} : { startedAtMs };
  const ended = { ...facts, ...started, finishedAtMs: event.atMs, ...withoutApprovals(facts) };
  switch (event.type) {
    case "execution.succeeded":
      return { ...ended, status: "succeeded", resultSeq: event.seq, ...stored(event), ...replayed(facts) };
    case "execution.failed":
      return { ...ended, status: "failed", resultSeq: event.seq, ...errorOf(event.data) };
    case "execution.cancelled":
      return { ...ended, status: "cancelled", ...worded(event.data) };
    case "execution.timed_out":
      return { ...ended, status: "timeout", reason: `timeout: ${event.data.limit}` };
  }
  return unreachable(event);
}

function running(state: ExecutionState, event: Event, words: Words = {}): ExecutionState {
  const { activeSinceMs = event.atMs } = state;
  const facts = factsOf(without(state, "awaitsTurn"));
  return { ...facts, status: "running", ...begun(state, event), activeSinceMs, ...worded(words) };
}

function blocked(state: ExecutionState, event: Of<"execution.blocked">): ExecutionState {
  const { reason = event.data.reason } = worded(event.data);
  return { ...rest(state, event.atMs), status: "blocked", ...begun(state, event), reason };
}

const triedBy = ({ deployment }: { deployment?: string | undefined }) =>
  deployment === undefined ? {} : { triedBy: deployment };
const ranBy = ({ deployment }: { deployment?: string | undefined }) =>
  deployment === undefined ? {} : { ranBy: deployment };

function suspend(state: ExecutionState, event: Of<"execution.suspended">): ExecutionState {
  if (state.status !== "running") return state;
  const { reason } = event.data;
  return { ...rest(state, event.atMs), status: "running", ...begun(state, event), suspended: reason, reason };
}

function recovered(state: ExecutionState, { atMs, data }: Of<"execution.recovered">): ExecutionState {
  const { spared } = data;
  const counts = { recoveries: data.count, recoveriesWithoutProgress: data.withoutProgress };
  const known = without(awake(state, atMs), "outgrown");
  return { ...known, ...counts, ...(spared === undefined ? {} : { spared }), ...ranBy(data) };
}

function startEntry(
  state: ExecutionState,
  { data, atMs }: Extract<Event, { type: "step.started" | "tool.started" | "turn.started" }>,
): ExecutionState {
  const waits = data.kind === "sleep" || data.kind === "signal";
  const known: ExecutionState = storesResult(data) ? { ...state, storedResult: "begun" } : state;
  const moving = waits ? known : awake(known, atMs);
  if (!data.reserve) return moving;
  const forfeited = data.forfeited ?? NOTHING;
  return {
    ...moving,
    spent: plus(moving.spent, forfeited),
    reserved: plus(minus(moving.reserved, forfeited), data.reserve),
  };
}

function settleEntry(
  state: ExecutionState,
  { data, atMs, type }: Extract<Event, { type: `${"step" | "tool" | "turn"}.${"completed" | "failed"}` }>,
): ExecutionState {
  const settled = {
    ...(isSimulated(type, data) ? { ...state, simulated: true } : state),
    spent: data.usage ? plus(state.spent, data.usage) : state.spent,
    reserved: data.release ? minus(state.reserved, data.release) : state.reserved,
  };
  const again = type.endsWith(".failed") && "retryAtMs" in data && data.retryAtMs !== undefined;
  // An entry that lost its race gives the program nothing to do.
  return again || data.withdrawn ? settled : progressed(withResult(settled, data), atMs);
}
