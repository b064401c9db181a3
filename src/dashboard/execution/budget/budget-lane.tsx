/** The line of the budget on the waterfall's axis of time: spent, reserved above it, and the limit as the top. */
import { useMemo, useState } from "react";
import { count, dollars } from "../../parts/words.ts";
import type { Shown } from "../shown.ts";
import type { Window } from "../waterfall/scale.ts";
import type { BudgetLine, Dimension } from "./budget-points.ts";
import { budgetLines, outlines } from "./budget-points.ts";

interface Props {
  readonly shown: Pick<Shown, "events" | "log">;
  readonly window: Window;
  readonly openUntil: number;
}

const NAMES = { costUsd: "Cost", tokens: "Tokens", turns: "Turns", children: "Children" } as const;

export function BudgetLane({ shown: { events, log }, window, openUntil }: Props) {
  const lines = useMemo(() => budgetLines(events, log.states), [events, log]);
  const [wanted, setWanted] = useState<Dimension>();
  const line = lines.find(({ dimension }) => dimension === wanted) ?? lines[0];
  if (!line) return null;
  const next = lines[(lines.indexOf(line) + 1) % lines.length] ?? line;
  const drawn = outlines(line, { ...window, untilMs: openUntil });
  return (
    <div className="waterfall-row waterfall-budget">
      <span className="waterfall-name">
        {lines.length === 1 ? (
          <b>{NAMES[line.dimension]}</b>
        ) : (
          <button
            type="button"
            className="budget-pick"
            title={`Show ${NAMES[next.dimension].toLowerCase()}`}
            onClick={() => setWanted(next.dimension)}
          >
            <b>{NAMES[line.dimension]}</b>
          </button>
        )}
        <span className="quiet num waterfall-lasted">{inWords(line)}</span>
      </span>
      <span className="waterfall-line">
        <svg
          className="budget-plot"
          viewBox="0 0 1000 100"
          preserveAspectRatio="none"
          role="img"
          aria-label={`${NAMES[line.dimension]}: ${inWords(line)}`}
        >
          <path className="budget-held" d={drawn.held} />
          <path className="budget-used" d={drawn.spent} />
          {line.limit !== undefined && <path className="budget-top" d="M0 1H1000" />}
        </svg>
      </span>
    </div>
  );
}

/** `12k of 40k, 3k reserved, 25k left`. */
function inWords({ dimension, points, limit }: BudgetLine): string {
  const words = dimension === "costUsd" ? dollars : count;
  const { spent = 0, reserved = 0 } = points.at(-1) ?? {};
  const held = reserved > 0 ? `, ${words(reserved)} reserved` : "";
  if (limit === undefined) return `${words(spent)}${held}`;
  return `${words(spent)} of ${words(limit)}${held}, ${words(Math.max(0, limit - spent - reserved))} left`;
}
