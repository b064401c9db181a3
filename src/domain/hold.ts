/**
 * What keeps an execution standing still although its program could go on (E6): an operator, a block, or an approval that
 * the outside asked for. While it is held, results are journaled and not delivered, and nothing new begins.
 */
import type { ExecutionState } from "./state.ts";
import { actsWhilePaused, timerOf } from "./timer.ts";

type Held = Pick<ExecutionState, "status" | "gates">;

export function isHeld(state: Held): boolean {
  return state.status === "paused" || state.status === "blocked" || awaitsRequested(state);
}

/** An approval that the outside asked for is open: the program knows nothing of it, so the execution waits for it. */
export function awaitsRequested({ gates }: Pick<Held, "gates">): boolean {
  return gates.some(({ requested }) => requested === true);
}

/** Whether a timer may act now. The others keep their instants and act when the execution goes on. */
export function timerActs(state: Held, name: string): boolean {
  if (state.status === "paused" || state.status === "blocked") return actsWhilePaused(name);
  return !awaitsRequested(state) || actsWhilePaused(name) || timerOf(name).kind === "gate";
}
