/** The graph: a box for each execution, and lines from callers to those they called. Only what is in sight is drawn. */
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { Link } from "wouter";
import type { ExecutionSummary } from "../../client/transport/options.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import { useNow } from "../live/now.ts";
import { StatusMark } from "../parts/status-mark.tsx";
import { duration } from "../parts/words.ts";
import type { Edge, Place } from "./layout.ts";
import { BOX, layoutOf } from "./layout.ts";
import { rowAt } from "./run-past.ts";

/** Pixels above and below the sight that are drawn too, so that scrolling meets no gap. */
const MARGIN = 400;

interface Props {
  readonly rows: readonly ExecutionSummary[];
  /** An instant of the past: each keeps its place, and who was not there yet is not drawn. Undefined: as it is now. */
  readonly atMs: number | undefined;
}

export function RunGraph({ rows, atMs }: Props) {
  const layout = useMemo(() => layoutOf(rows), [rows]);
  const box = useRef<HTMLDivElement>(null);
  const [fromY, toY] = useSight(box);
  const runs = atMs === undefined && rows.some(({ status }) => !isTerminal(status));
  const clock = useNow(1_000, runs);
  const now = atMs ?? clock;
  const then = (place: Place): Place | undefined => {
    const row = atMs === undefined ? place.row : rowAt(place.row, atMs);
    return row && { ...place, row };
  };
  const inSight = (top: number, bottom: number) => bottom >= fromY - MARGIN && top <= toY + MARGIN;
  const places = layout.places.filter(({ y }) => inSight(y, y + BOX.height)).flatMap((place) => then(place) ?? []);
  const edges = layout.edges
    .filter(({ from, to }) => inSight(Math.min(from.y, to.y), Math.max(from.y, to.y)))
    .flatMap((edge) => {
      const to = then(edge.to);
      return to ? { ...edge, to } : [];
    });
  const size = { width: layout.width, height: layout.height };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be scrolled by keys too.
    <section ref={box} className="graph panel" aria-label="Graph" tabIndex={0}>
      <div className="graph-all" style={size}>
        <svg className="graph-edges" {...size} aria-hidden="true" focusable="false">
          {edges.map((edge) => (
            <path key={edge.id} d={curveOf(edge)} data-status={edge.to.row.status} />
          ))}
        </svg>
        <ul aria-label="Executions of this run">
          {places.map((place) => (
            <Box key={place.row.execution_id} {...place} now={isTerminal(place.row.status) ? 0 : now} />
          ))}
        </ul>
      </div>
    </section>
  );
}

const Box = memo(function Box({ row, x, y, now }: Place & { readonly now: number }) {
  const { execution_id: id, status, target, created_at: created, started_at: started, duration_ms: known } = row;
  const lasted = isTerminal(status) ? (known ?? 0) : Math.max(0, now - Date.parse(started ?? created));
  return (
    <li style={{ transform: `translate(${x}px, ${y}px)`, width: BOX.width, height: BOX.height }}>
      <Link className="graph-box" data-status={status} href={`/executions/${encodeURIComponent(id)}`} title={target}>
        <b>{target}</b>
        <span className="graph-box-foot">
          <StatusMark status={status} />
          <span className="num quiet">{duration(lasted)}</span>
        </span>
      </Link>
    </li>
  );
});

function curveOf({ from, to }: Edge): string {
  const [x1, y1, x2, y2] = [from.x + BOX.width, from.y + BOX.height / 2, to.x, to.y + BOX.height / 2];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

/** Returns the top and the bottom of what a scrolled box shows. */
function useSight(box: { readonly current: HTMLElement | null }): readonly [number, number] {
  const [sight, setSight] = useState<readonly [number, number]>([0, 1_000]);
  useEffect(() => {
    const { current } = box;
    if (!current) return undefined;
    const look = () => setSight([current.scrollTop, current.scrollTop + current.clientHeight]);
    const sizes = new ResizeObserver(look);
    sizes.observe(current);
    current.addEventListener("scroll", look, { passive: true });
    return () => {
      sizes.disconnect();
      current.removeEventListener("scroll", look);
    };
  }, [box]);
  return sight;
}
