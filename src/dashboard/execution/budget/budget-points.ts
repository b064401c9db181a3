/** Budget over time, folded from the states behind each event: what was spent and reserved at which instant. Pure. */
import type { Event } from "../../../domain/execution/event.ts";
import type { ExecutionState } from "../../../domain/execution/state.ts";

export type Dimension = "costUsd" | "tokens" | "turns" | "children";

const DIMENSIONS: readonly Dimension[] = ["costUsd", "tokens", "turns", "children"];
const LIMIT_OF = {
  costUsd: "maxCostUsd",
  tokens: "maxTokens",
  turns: "maxTurns",
  children: "maxChildren",
} as const;

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

interface Placed extends BudgetPoint {
  /** Place of its event in the log. */
  readonly at: number;
}

interface Changes {
  read: number;
  readonly points: Readonly<Record<Dimension, Placed[]>>;
}

/** The state behind the event at a place: an array of them, or what folds them when they are asked for. */
interface States {
  at(place: number): ExecutionState | undefined;
}

/** By the states of a log, which grow in place: each of them is read once. */
const changes = new WeakMap<States, Changes>();

function changesOf(events: readonly Event[], states: States): Changes {
  const known = changes.get(states) ?? { read: 0, points: { costUsd: [], tokens: [], turns: [], children: [] } };
  changes.set(states, known);
  for (; known.read < events.length; known.read += 1) {
    const [state, event] = [states.at(known.read), events[known.read]];
    if (!state || !event) continue;
    for (const dimension of DIMENSIONS) {
      const points = known.points[dimension];
      const [spent, reserved] = [state.spent[dimension], state.reserved[dimension]];
      const last = points.at(-1);
      if (last?.spent === spent && last.reserved === reserved) continue;
      points.push({ at: known.read, atMs: event.atMs, spent, reserved });
    }
  }
  return known;
}

/** `states[i]` is behind `events[i]`; they may be more. Undefined where nothing was spent or reserved. */
export function budgetLine(events: readonly Event[], states: States, dimension: Dimension): BudgetLine | undefined {
  const all = changesOf(events, states).points[dimension];
  const points = all.filter(({ at }) => at < events.length).map(({ at: _, ...point }) => point);
  const limit = events.length === 0 ? undefined : states.at(events.length - 1)?.limits[LIMIT_OF[dimension]];
  const most = points.reduce((top, { spent, reserved }) => Math.max(top, spent + reserved), 0);
  if (most === 0) return undefined;
  return { dimension, points, limit, top: Math.max(most, limit ?? 0) };
}

/** Lines of which there is something to draw, the one that a limit holds first. Children are counted where a limit holds them. */
export function budgetLines(events: readonly Event[], states: States): readonly BudgetLine[] {
  const all = DIMENSIONS.flatMap((one) => budgetLine(events, states, one) ?? []);
  const lines = all.filter(({ dimension, limit }) => dimension !== "children" || limit !== undefined);
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
