/** What a restart leaves in the states of both executions. Called only by `evolve`. */
import type { Event } from "../execution/event.ts";
import type { Origin } from "../execution/origin.ts";
import type { ExecutionState, Facts } from "../execution/state.ts";

export function inheriting({ restartedFrom, plan }: Origin): Pick<Facts, "inherits" | "results"> {
  if (!restartedFrom) return {};
  const results = { reused: 0, own: 0 };
  // What of a plan is done lies in its own log from the start.
  return restartedFrom.reuse === "none" || plan ? { results } : { results, inherits: { offset: 0 } };
}

export function foldRestart(
  state: ExecutionState,
  event: Extract<Event, { type: "successor.started" | "journal.inherited" }>,
): ExecutionState {
  if (event.type === "successor.started") return { ...state, restartedAs: event.data.id };
  const page = event.data;
  const { inherits, ...rest } = { ...state, recoveriesWithoutProgress: 0 };
  if (page.done) return rest;
  return { ...rest, inherits: { offset: (inherits?.offset ?? 0) + page.offers.length, upto: page.upto } };
}

/** Counts a result, only where the difference is of interest. */
export function withResult(state: ExecutionState, data: object): ExecutionState {
  const { results } = state;
  if (!results) return state;
  const { reused: taken, own } = results;
  return { ...state, results: "reusedFrom" in data ? { reused: taken + 1, own } : { reused: taken, own: own + 1 } };
}

/** AgentField's words for an execution that did nothing itself. */
export function replayed({ origin, results }: Facts): { reason?: string } {
  const all = origin.restartedFrom && results && results.reused > 0 && results.own === 0;
  return all ? { reason: `replayed_from_execution:${origin.restartedFrom?.id}` } : {};
}
