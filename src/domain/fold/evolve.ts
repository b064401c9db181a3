/**
 * `(state, event) → state`. Total, exhaustive, never throws: the actor, the projection, the dashboard and the client all
 * fold with this one function. It decides nothing; an event that reached the log has happened.
 *
 * - Folding the whole log gives the state. The first terminal status stays. `seq` is the last event's.
 */
import { minus, NOTHING, plus } from "../execution/budget.ts";
import type { Event, EventData } from "../execution/event.ts";
import { withChanges } from "../execution/search-attributes.ts";
import type { ExecutionState } from "../execution/state.ts";
import { storesResult } from "../execution/stored-result.ts";
import { isSimulated } from "../model/simulated.ts";
import { tombstoneOf } from "../read-models/tombstone.ts";
import { unreachable } from "../values/json.ts";
import type { WorkEvent } from "../work/work-event.ts";
import { isOfWork } from "../work/work-event.ts";
import { awake, heldClock, progressed } from "./active-clock.ts";
import { isOfCallback, NO_APPROVALS, withClosed, withOpened, withoutApproval } from "./approval.ts";
import { foldAttempt } from "./attempt.ts";
import { foldChild, isOfChildren } from "./child.ts";
import { isOfOutside } from "./external.ts";
import { changeStatus } from "./lifecycle.ts";
import { foldRestart, inheriting, withResult } from "./restart.ts";
import { withSlot } from "./slot.ts";
import { foldWebhook, isOfWebhook, registered, withDelivery } from "./webhook.ts";
import { foldWork, withoutPause } from "./work.ts";

export function evolve(state: ExecutionState | undefined, event: Event): ExecutionState | undefined {
  if (event.type === "execution.created") return state ?? created(event);
  if (!state) return undefined;
  const changed = change({ ...state, seq: event.seq, updatedAtMs: event.atMs }, event);
  return withDelivery(state, heldClock(withSlot(withoutPause(changed, event), event), event.atMs));
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
    ...registered(event.data),
    ...(event.data.attributes === undefined ? {} : { attributes: event.data.attributes }),
    ...(origin.queues ? { slot: { epoch: 0, held: 0, off: true as const } } : {}),
    activeUsedMs: 0,
  };
}

function change(state: ExecutionState, event: Event): ExecutionState {
  if (isOfWork(event)) return foldWork(state, event);
  return changeOfProgram(state, event);
}

function changeOfProgram(state: ExecutionState, event: Exclude<Event, WorkEvent>): ExecutionState {
  if (isOfChildren(event)) return foldChild(state, event);
  // What is known of a message changes the entry alone.
  if (isOfOutside(event) || isOfCallback(event)) return ofMessage(state, event);
  if (isOfWebhook(event)) return foldWebhook(state, event);
  if (isOfContents(event)) return changeContents(state, event);
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
    case "budget.warned":
      return { ...state, warned: { ...state.warned, [event.data.limit]: event.data.of } };
    case "budget.raised":
      return { ...state, limits: { ...state.limits, [event.data.limit]: event.data.to } };
    case "execution.created":
    case "effect.in_doubt":
    case "budget.exceeded":
    case "signal.received":
    case "note.added":
    case "slot.requested":
    case "slot.granted":
      return state;
  }
  // Written by newer code. At compile time there is no such event, and a new one has to be handled above.
  event satisfies never;
  return state;
}

/** The file store may hold a result from then on. */
function ofMessage(state: ExecutionState, { type }: Event): ExecutionState {
  return type === "external.storing" ? { ...state, storedResult: state.storedResult ?? "begun" } : state;
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
const CONTENTS = {
  ...{ "input.parsed": true, "files.expired": true, "log.archived": true, "progress.reported": true },
  ...{ "attributes.set": true, "log.reported": true, "neighbour.grew": true },
} as const;
type Contents = Of<keyof typeof CONTENTS>;

function isOfContents(event: Event): event is Contents {
  return Object.hasOwn(CONTENTS, event.type);
}

function changeContents(state: ExecutionState, event: Contents): ExecutionState {
  switch (event.type) {
    case "input.parsed":
      return { ...state, inputSeq: event.data.value === undefined ? 1 : event.seq };
    case "files.expired":
    case "log.archived":
      return foldRemoval(state, event);
    case "progress.reported":
      return { ...state, progress: progressOf(event.data) };
    case "attributes.set":
      return { ...state, attributes: withChanges(state.attributes, event.data.attributes) };
    case "log.reported":
      return { ...state, logged: withLines(state.logged, event.data) };
    case "neighbour.grew":
      return { ...state, outgrown: true };
  }
  return unreachable(event);
}

function foldRemoval(state: ExecutionState, event: Of<"files.expired" | "log.archived">): ExecutionState {
  return event.type === "files.expired" ? { ...state, filesExpiredAtMs: event.atMs } : tombstoneOf(state, event);
}

function withLines(before: ExecutionState["logged"], { entries, bytes }: EventData<"log.reported">) {
  return { entries: (before?.entries ?? 0) + entries.length, bytes: (before?.bytes ?? 0) + bytes };
}

function progressOf({ key: _key, ...progress }: EventData<"progress.reported">) {
  return { ...progress, ...(progress.message ? { message: progress.message.slice(0, 500) } : {}) };
}

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

function startEntry(
  state: ExecutionState,
  { data, atMs }: Extract<Event, { type: "step.started" | "tool.started" | "turn.started" }>,
): ExecutionState {
  if (data.kind === "external") return { ...state, held: state.held ?? { ms: 0 } };
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
