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
export function awaitsRequested({ gates: approvals }: Pick<Held, "gates">): boolean {
  return approvals.requested !== undefined;
}

/** Timers that act together, no matter what holds the execution. */
export type TimerClass = "always" | "gate" | "other" | "external";

export function timerClassOf(name: string): TimerClass {
  if (actsWhilePaused(name)) return "always";
  const { kind } = timerOf(name);
  // A receiver that says it waits for a person is believed for so long, whatever else is waited for.
  if (kind === "silence") return "gate";
  return kind === "gate" || kind === "external" ? kind : "other";
}

/** The others keep their instants and act when the execution goes on. What the outside works at has no time while a person is awaited. */
export function timerClassesThatAct(state: Held): readonly TimerClass[] {
  if (state.status === "paused" || state.status === "blocked") return ["always"];
  if (awaitsRequested(state)) return ["always", "gate"];
  return state.status === "waiting" ? ["always", "gate", "other"] : ["always", "gate", "other", "external"];
}

/** Whether a timer may act now. */
export function timerActs(state: Held, name: string): boolean {
  return timerClassesThatAct(state).includes(timerClassOf(name));
}
