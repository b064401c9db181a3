/** When an execution needs its one alarm, out of all that it waits for. It keeps nothing: `beside.ts` asks it at each flush. */
import { isHeld } from "../../domain/execution/hold.ts";
import { ASK_AGAIN_MS } from "../../domain/execution/slot.ts";
import { awaitedQueue, lacksSlot } from "../../domain/execution/slot-needs.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import { activeLimitAtMs } from "../../domain/read-models/why.ts";
import type { OutboxRow, Timing } from "../ports.ts";

/** A timer that fired and still stands (its program has not come to it yet) is looked at again after this long. */
const FIRED_AGAIN_MS = 1_000;
/** No alarm is set further ahead: what is due later is armed again then. */
export const FURTHEST_ALARM_MS = 30 * 86_400_000;

interface WakeView {
  readonly state: ExecutionState;
  readonly now: number;
  readonly timing: Timing;
  /** Of those that act now and did not fire; `Infinity` for none. */
  readonly earliestTimerMs: number;
  /** One that acts now fired, and still stands. */
  readonly hasFired: boolean;
  readonly outbox: ReadonlyMap<string, OutboxRow>;
  /** The process before this one died in the middle of something, and nothing has taken it up yet. */
  readonly interrupted?: boolean;
}

/**
 * What the platform's one alarm becomes: a number sets it, `undefined` leaves it.
 *
 * An alarm that is early costs one empty wake; moving it costs a row. So only a late or missing one is moved, and an early
 * one where it is known that it would wake for nothing: it would bring an object back into memory, and then cost that row.
 * An ended execution's alarm goes off once more and sets no other one, so it stays.
 */
export function alarmChange(view: WakeView, alarmAtMs: number | undefined): number | undefined {
  const wanted = nextWake(view);
  if (wanted === undefined) return undefined;
  const atMs = Math.min(wanted, view.now + FURTHEST_ALARM_MS);
  if (alarmAtMs === undefined || alarmAtMs > atMs) return atMs;
  return isTooEarly(view, { alarmAtMs, wanted }) ? atMs : undefined;
}

/** The alarm of a long rest is no heartbeat, and waits for no answer of another object. */
function isTooEarly(
  { state, now, timing }: WakeView,
  { alarmAtMs, wanted }: { readonly alarmAtMs: number; readonly wanted: number },
): boolean {
  const soon = now + Math.max(timing.heartbeatMs, timing.redeliverMs);
  return restsLong(state) && alarmAtMs <= soon && wanted > soon;
}

/** For people, or for an instant: not for a signal or a child, which may come at any moment, one after the other. */
export function restsLong({ status, suspended }: ExecutionState): boolean {
  if (status === "waiting" || status === "blocked" || status === "paused") return true;
  return suspended === "sleeping" || suspended === "backing_off";
}

/**
 * The one alarm an execution needs: the earliest of its timers, its unsent messages, its active limit and the heartbeat.
 * `undefined` only for an ended execution with nothing left to send or to remove (E8, P1): the end of its retention is
 * found in the index.
 */
function nextWake(view: WakeView): number | undefined {
  const { state, now, timing } = view;
  let earliest = Number.POSITIVE_INFINITY;
  // What is due is under way: it is looked at again when that should be over.
  for (const row of view.outbox.values()) {
    if (awaitsResume(row, state)) continue;
    const { nextAtMs } = row;
    earliest = Math.min(earliest, nextAtMs > now ? nextAtMs : now + timing.redeliverMs);
  }
  if (isTerminal(state.status)) {
    earliest = Math.min(earliest, firstTimer(view));
    return Number.isFinite(earliest) ? earliest : undefined;
  }

  if (view.interrupted) return Math.min(earliest, now);
  earliest = Math.min(earliest, ownWake(view));
  // Its own timer wakes it, and no person, caller or child is awaited: looking in between would cost a row each time.
  const byClock = state.suspended === "sleeping" || state.suspended === "backing_off";
  if (byClock && Number.isFinite(earliest)) return earliest;
  return Math.min(earliest, now + (awaitedQueue(state) ? Math.min(ASK_AGAIN_MS, timing.recheckMs) : timing.recheckMs));
}

/**
 * When an execution has to wake by itself, no matter what others do: the index keeps it, so that a lost alarm is found.
 * `undefined` for one that waits for people, signals or children only, and for one that has ended.
 */
export function owedWake(view: WakeView): number | undefined {
  if (isTerminal(view.state.status)) return undefined;
  let earliest = ownWake(view);
  // What was never tried is on its way at this moment; the index itself needs no second way.
  for (const row of view.outbox.values()) {
    const { attempts, message, nextAtMs } = row;
    if (attempts > 0 && !awaitsResume(row, view.state) && message.to !== "registry")
      earliest = Math.min(earliest, nextAtMs);
  }
  return Number.isFinite(earliest) ? earliest : undefined;
}

/** True for the beginning of something outside while the execution is held: it leaves when that goes on (E6). */
export function awaitsResume({ message }: OutboxRow, state: ExecutionState | undefined): boolean {
  return message.to === "node" && message.verb === "start" && state !== undefined && isHeld(state);
}

/** The earliest of its timers and its active limit, and the heartbeat while it has something to do. */
function ownWake(view: WakeView): number {
  const { state, now, timing } = view;
  const earliest = Math.min(firstTimer(view), activeLimitAtMs(state, now) ?? Number.POSITIVE_INFINITY);
  return isBusy(state) ? Math.min(earliest, now + timing.heartbeatMs) : earliest;
}

/** Its program has something to do, or has not begun; it waits for no turn and for no slot under a limit. */
export function isBusy(state: ExecutionState): boolean {
  const { status, suspended, awaitsTurn } = state;
  // Agents that poll do the work of a plan.
  if (lacksSlot(state) || state.origin.plan) return false;
  if (status === "queued" || status === "pending") return !awaitsTurn;
  return status === "running" && suspended === undefined;
}

function firstTimer({ earliestTimerMs, hasFired, now }: WakeView): number {
  return hasFired ? Math.min(earliestTimerMs, now + FIRED_AGAIN_MS) : earliestTimerMs;
}
