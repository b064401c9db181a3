/** The clock of active time: it runs while a program has something to do. Folded by `evolve` and its parts. */
import type { ExecutionState, Facts } from "../execution/state.ts";
import { factsOf, heldMs } from "../execution/state.ts";

export function without(state: ExecutionState, ...fields: ("outgrown" | "spared" | "awaitsTurn")[]): ExecutionState {
  // A field that is deleted makes an object a dictionary, and every state that is spread from it is slower to make.
  let kept = state;
  for (const field of fields) {
    if (!(field in kept)) continue;
    const { [field]: _gone, ...others } = kept;
    kept = others;
  }
  return kept;
}

/** The facts with the active clock stopped. */
export function rest(state: ExecutionState, now: number): Facts {
  const facts = factsOf(state);
  if (state.activeSinceMs === undefined) return facts;
  const activeUsedMs = state.activeUsedMs + Math.max(0, now - state.activeSinceMs);
  return { ...facts, activeUsedMs };
}

/** Runs the active clock while the program has something to do. */
export function awake(state: ExecutionState, now: number): ExecutionState {
  if (state.status !== "running" || state.suspended === undefined) return state;
  return { ...factsOf(state), status: "running", startedAtMs: state.startedAtMs, activeSinceMs: now };
}

/** The clock of the time for which it is held, which no time of the outside counts. */
export function heldClock(state: ExecutionState, now: number): ExecutionState {
  const { held, status } = state;
  if (!held) return state;
  const isHeld = status === "waiting" || status === "paused" || status === "blocked";
  if (isHeld === (held.sinceMs !== undefined)) return state;
  return { ...state, held: isHeld ? { ...held, sinceMs: now } : { ms: heldMs(state, now) } };
}

export function progressed(state: ExecutionState, now: number): ExecutionState {
  const { recoveriesWithoutProgress, spared } = state;
  const known = recoveriesWithoutProgress === 0 ? state : { ...state, recoveriesWithoutProgress: 0 };
  return awake(spared === undefined ? known : without(known, "spared"), now);
}
