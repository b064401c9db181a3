/** What an event means to the slots of an execution under limits: a program with something to do needs them, one at rest has none. */
import type { Event } from "../execution/event.ts";
import { awaitedQueue, lacksSlot } from "../execution/slot-needs.ts";
import type { ExecutionState } from "../execution/state.ts";
import { factsOf } from "../execution/state.ts";
import { awake, rest } from "./active-clock.ts";

const AWAITING_SLOT = "awaiting_slot";

/** Folded behind each event. An execution that waits for a slot is not active: that costs no time of its own. */
export function withSlot(state: ExecutionState, event: Event): ExecutionState {
  const { slot } = state;
  if (!slot) return state;
  if (!hasWork(state)) return slot.off ? state : { ...state, slot: { epoch: slot.epoch, held: 0, off: true } };
  if (event.type === "slot.granted") return granted(state, event);
  const asks = slot.off || event.type === "slot.requested";
  return waiting(asks ? { ...state, slot: { epoch: slot.epoch + 1, held: 0 } } : state, event);
}

function granted(state: ExecutionState, event: Extract<Event, { type: "slot.granted" }>): ExecutionState {
  const { slot } = state;
  if (!slot || slot.epoch !== event.data.epoch || awaitedQueue(state)?.name !== event.data.queue) return state;
  const next = { ...state, slot: { ...slot, held: slot.held + 1 } };
  if (awaitedQueue(next)) return waiting(next, event);
  return isBeforeStart(next) ? { ...factsOf(next), status: next.status } : awake(next, event.atMs);
}

function waiting(state: ExecutionState, { atMs }: Event): ExecutionState {
  const queue = awaitedQueue(state);
  if (!queue) return state;
  const reason = `${AWAITING_SLOT}: ${queue.name}`;
  if (isBeforeStart(state)) return { ...factsOf(state), status: state.status, reason };
  if (state.status !== "running") return state;
  const { status, startedAtMs } = state;
  return { ...rest(state, atMs), status, startedAtMs: startedAtMs ?? atMs, suspended: AWAITING_SLOT, reason };
}

type BeforeStart = Extract<ExecutionState, { status: "pending" | "queued" }>;
function isBeforeStart(state: ExecutionState): state is BeforeStart {
  return state.status === "pending" || state.status === "queued";
}

/** Its program has something to do, or has not begun. */
function hasWork(state: ExecutionState): boolean {
  const { status, suspended, awaitsTurn, origin } = state;
  if (status === "queued" || status === "pending") return !awaitsTurn;
  if (origin.remote) return isWorkedAt(state);
  return status === "running" && (suspended === undefined || suspended === AWAITING_SLOT);
}

/** The node works at it until its end, also while the program here is at rest, or is held: what it has it keeps. */
function isWorkedAt(state: ExecutionState): boolean {
  const { status } = state;
  if (status === "running") return true;
  return (status === "waiting" || status === "paused" || status === "blocked") && !lacksSlot(state);
}
