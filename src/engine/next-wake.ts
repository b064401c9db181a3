import type { ExecutionState } from "../domain/state.ts";
import { isTerminal } from "../domain/status.ts";
import { actsWhilePaused } from "../domain/timer.ts";
import { activeLimitAtMs } from "../domain/why.ts";
import type { OutboxRow, Tempo } from "./ports.ts";

/** A timer that fired and still stands (its program has not come to it yet) is looked at again after this long. */
const FIRED_AGAIN_MS = 1_000;

/**
 * The one alarm an execution needs: the earliest of its timers, its unsent messages, its active limit and the heartbeat.
 * `undefined` only for an ended execution with nothing left to send (E8, P1).
 */
export function nextWake(view: {
  readonly state: ExecutionState;
  readonly now: number;
  readonly tempo: Tempo;
  readonly timers: ReadonlyMap<string, number>;
  readonly fired: ReadonlySet<string>;
  readonly outbox: ReadonlyMap<string, OutboxRow>;
}): number | undefined {
  const { state, now, tempo } = view;
  let earliest = Number.POSITIVE_INFINITY;
  for (const { nextAtMs } of view.outbox.values()) earliest = Math.min(earliest, nextAtMs);
  if (isTerminal(state.status)) return Number.isFinite(earliest) ? earliest : undefined;

  const held = state.status === "paused" || state.status === "blocked";
  for (const [name, atMs] of view.timers) {
    if (held && !actsWhilePaused(name)) continue;
    earliest = Math.min(earliest, view.fired.has(name) ? now + FIRED_AGAIN_MS : atMs);
  }
  earliest = Math.min(earliest, activeLimitAtMs(state, now) ?? Number.POSITIVE_INFINITY);
  const busy =
    (state.status === "running" && state.suspended === undefined) ||
    state.status === "queued" ||
    state.status === "pending";
  // Its own timer wakes it, and nobody else is awaited: looking in between would cost a row each time.
  const byClock = state.suspended === "sleeping" || state.suspended === "backing_off";
  if (byClock && Number.isFinite(earliest)) return earliest;
  return Math.min(earliest, now + (busy ? tempo.heartbeatMs : tempo.recheckMs));
}
