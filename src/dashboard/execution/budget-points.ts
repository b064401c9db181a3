/** Budget over time, folded from the states behind each event: what was spent and reserved at which instant. Pure. */
import type { Event } from "../../domain/execution/event.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";

export type Dimension = "costUsd" | "tokens" | "turns";

const LIMIT_OF = { costUsd: "maxCostUsd", tokens: "maxTokens", turns: "maxTurns" } as const;

interface BudgetPoint {
  readonly atMs: number;
  readonly spent: number;
  readonly reserved: number;
}

export interface BudgetLine {
  readonly dimension: Dimension;
  /** One for each change, ascending. */
  readonly points: readonly BudgetPoint[];
  readonly limit: number | undefined;
  /** The largest that is drawn: the limit, or the most that was spent and reserved. */
  readonly top: number;
}

/** `states[i]` is behind `events[i]`. Undefined where nothing was spent, reserved or limited. */
export function budgetLine(
  events: readonly Event[],
  states: readonly (ExecutionState | undefined)[],
  dimension: Dimension,
): BudgetLine | undefined {
  const points: BudgetPoint[] = [];
  let limit: number | undefined;
  for (const [at, event] of events.entries()) {
    const state = states[at];
    if (!state) continue;
    limit = state.limits[LIMIT_OF[dimension]];
    const [spent, reserved] = [state.spent[dimension], state.reserved[dimension]];
    const last = points.at(-1);
    if (last?.spent === spent && last.reserved === reserved) continue;
    points.push({ atMs: event.atMs, spent, reserved });
  }
  const most = points.reduce((top, { spent, reserved }) => Math.max(top, spent + reserved), 0);
  if (most === 0) return undefined;
  return { dimension, points, limit, top: Math.max(most, limit ?? 0) };
}

/** Those of which there is something to draw, the one that a limit holds first. */
export function budgetLines(
  events: readonly Event[],
  states: readonly (ExecutionState | undefined)[],
): readonly BudgetLine[] {
  const lines = (["costUsd", "tokens", "turns"] as const).flatMap((one) => budgetLine(events, states, one) ?? []);
  return [...lines.filter(({ limit }) => limit !== undefined), ...lines.filter(({ limit }) => limit === undefined)];
}

interface Frame {
  readonly fromMs: number;
  readonly toMs: number;
  /** Where the newest value ends. */
  readonly untilMs: number;
}

/** Outlines for an SVG of 1,000 by 100: of what is spent, and of what is spent or reserved. */
export function outlines(
  { points, top }: BudgetLine,
  { fromMs, toMs, untilMs }: Frame,
): Record<"spent" | "held", string> {
  const x = (ms: number) =>
    Math.round((1_000 * Math.min(Math.max(ms, fromMs), toMs) - 1_000 * fromMs) / (toMs - fromMs));
  const outline = (of: (point: BudgetPoint) => number) => {
    const steps = points.map((point, at) => {
      const y = 100 - Math.round((100 * of(point)) / top);
      return `L${x(point.atMs)} ${y}L${x(points[at + 1]?.atMs ?? untilMs)} ${y}`;
    });
    return `M${x(points[0]?.atMs ?? fromMs)} 100${steps.join("")}L${x(untilMs)} 100Z`;
  };
  return { spent: outline(({ spent }) => spent), held: outline(({ spent, reserved }) => spent + reserved) };
}
