import { AxisMarks } from "../execution/waterfall/axis-marks.tsx";
import { placeOf } from "../execution/waterfall/scale.ts";
import { duration } from "../parts/words.ts";
import type { GanttRow } from "./gantt.ts";
import { spanOf } from "./gantt.ts";

interface Props {
  readonly rows: readonly GanttRow[];
  readonly startMs: number;
  /** By the id of the task. */
  readonly statuses: ReadonlyMap<string, string>;
}

/** What took how long, above what it was estimated to take. */
export function Gantt({ rows, startMs, statuses }: Props) {
  const window = spanOf(rows, startMs);
  return (
    <div className="gantt">
      <div className="gantt-row gantt-head" aria-hidden="true">
        <span />
        <span className="gantt-line">
          <AxisMarks window={window} originMs={startMs} />
        </span>
      </div>
      <ol aria-label="Actual against estimated">
        {rows.map((row) => (
          <li key={row.id} className="gantt-row" data-status={statuses.get(row.id)}>
            <span className="cut" title={row.title}>
              {row.title}
            </span>
            <span className="gantt-line">
              <span className="unseen">{inWords(row)}</span>
              <Bar of="estimated" row={row} window={window} />
              <Bar of="actual" row={row} window={window} />
            </span>
          </li>
        ))}
      </ol>
      <p className="quiet small">
        <span className="gantt-key" data-of="estimated" /> estimated <span className="gantt-key" data-of="actual" />{" "}
        actual
      </p>
    </div>
  );
}

interface BarProps {
  readonly of: "estimated" | "actual";
  readonly row: GanttRow;
  readonly window: ReturnType<typeof spanOf>;
}

function Bar({ of, row, window }: BarProps) {
  const { [of]: stretch } = row;
  const place = stretch && placeOf(window, stretch.fromMs, stretch.toMs);
  if (!stretch || !place) return null;
  return (
    <span
      className="gantt-bar"
      data-of={of}
      title={`${of === "actual" ? "Actual" : "Estimated"}: ${duration(stretch.toMs - stretch.fromMs)}`}
      style={{ left: `${place.left}%`, width: `${place.width}%` }}
    />
  );
}

function inWords({ estimated, actual }: GanttRow): string {
  const words = (bar: GanttRow["actual"]) => (bar ? duration(bar.toMs - bar.fromMs) : "nothing yet");
  return `estimated ${estimated ? words(estimated) : "not"}, actual ${words(actual)}`;
}
