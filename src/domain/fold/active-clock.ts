/** The clock of active time: it runs while a program has something to do. Folded by `evolve` and its parts. */
import type { ExecutionState } from "../execution/state.ts";

export function without(
  state: ExecutionState,
  ...fields: ("reason" | "suspended" | "activeSinceMs" | "outgrown" | "spared" | "awaitsTurn")[]
): ExecutionState {
  const copy = { ...state };
  for (const field of fields) delete copy[field];
  return copy;
}

/** Stops the active clock. */
export function rest(state: ExecutionState, now: number): ExecutionState {
  if (state.activeSinceMs === undefined) return state;
  const activeUsedMs = state.activeUsedMs + Math.max(0, now - state.activeSinceMs);
  return { ...without(state, "activeSinceMs"), activeUsedMs };
}

/** Runs the active clock while the program has something to do. */
export function awake(state: ExecutionState, now: number): ExecutionState {
  if (state.status !== "running") return state;
  const moving = state.suspended === undefined ? state : without(state, "suspended", "reason");
  return moving.activeSinceMs === undefined ? { ...moving, activeSinceMs: now } : moving;
}

export function progressed(state: ExecutionState, now: number): ExecutionState {
  const { recoveriesWithoutProgress, spared } = state;
  const known = recoveriesWithoutProgress === 0 ? state : { ...state, recoveriesWithoutProgress: 0 };
  return awake(spared === undefined ? known : without(known, "spared"), now);
}
