/** The budget of executions at an instant of their past, folded from their logs as the page folds its own. Pure. */
import { budgetBody } from "../../../contract/executions/budget-body.ts";
import type { EventBody } from "../../../contract/executions/event-body.ts";
import { fromWire } from "../../../contract/executions/from-wire.ts";
import type { Event } from "../../../domain/execution/event.ts";
import type { ExecutionState } from "../../../domain/execution/state.ts";
import { FoldedStates } from "../folded-states.ts";
import type { BudgetLine } from "./budget-points.ts";
import { budgetLine } from "./budget-points.ts";
import type { BudgetRow, Dimension } from "./budget-rows.ts";

/** A log, and the state behind each of its events. */
export interface Past {
  readonly events: readonly Event[];
  readonly states: { at(place: number): ExecutionState | undefined };
}

export function pastOf(bodies: readonly EventBody[]): Past {
  const events = bodies.map(fromWire);
  const states = new FoldedStates(events);
  states.grow();
  return { events, states };
}

/** `undefined`: it was not there yet. `atMs` undefined: as it is now. */
export function rowAt(one: BudgetRow, past: Past, atMs: number | undefined): BudgetRow | undefined {
  if (atMs === undefined) return one;
  const until = countUntil(past.events, atMs);
  const state = until === 0 ? undefined : past.states.at(until - 1);
  if (!state) return undefined;
  const { turns, tokens, costUsd: cost_usd } = state.spent;
  const usage = { ...one.row.usage, turns, tokens, cost_usd };
  return { ...one, row: { ...one.row, status: state.status, usage }, budget: budgetBody(state) };
}

const IN_LOGS = { cost_usd: "costUsd", tokens: "tokens", turns: "turns", children: "children" } as const;

/** What was spent and reserved over time, up to an instant; undefined where that was nothing. */
export function lineAt(past: Past, dimension: Dimension, atMs: number | undefined): BudgetLine | undefined {
  const events = atMs === undefined ? past.events : past.events.slice(0, countUntil(past.events, atMs));
  return budgetLine(events, past.states, IN_LOGS[dimension]);
}

/** Events come in the order of their instants. */
function countUntil(events: readonly Event[], atMs: number): number {
  const later = events.findIndex((event) => event.atMs > atMs);
  return later === -1 ? events.length : later;
}
