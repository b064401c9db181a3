/**
 * Everything the program asked for, on one axis of time: one line each, to scale, retries as bars of their own. Its first line is
 * the execution itself with the time it was queued, ran, rested and waited.
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import type { CSSProperties, WheelEvent } from "react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Span, Trace } from "../../../domain/read-models/waterfall.ts";
import { useNow } from "../../live/now.ts";
import { Icon } from "../../parts/icon.tsx";
import { moveFocus } from "../../parts/move-focus.ts";
import { duration } from "../../parts/words.ts";
import { BudgetLane } from "../budget/budget-lane.tsx";
import type { Shown } from "../shown.ts";
import { AxisMarks } from "./axis-marks.tsx";
import type { Window } from "./scale.ts";
import { moved, placeOf, zoomed } from "./scale.ts";
import { PhaseBars, SpanBars } from "./waterfall-bars.tsx";

interface Props {
  readonly shown: Shown;
  readonly chosen: string | undefined;
  readonly onChoose: (key: string | undefined) => void;
}

const ROW = 28;
const MOST_ROWS = 14;

export function Waterfall({ shown, chosen, onChoose }: Props) {
  const { trace, whole, at } = shown;
  const now = useNow(500, at === undefined && !whole.ended);
  const end = whole.ended ? whole.lastMs : Math.max(now, whole.lastMs);
  const all = useMemo(() => wholeWindow(whole, end), [whole, end]);
  const [zoom, setZoom] = useState<Window>();
  const window = zoom ?? all;
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: trace.spans.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 6,
  });
  if (whole.startMs === 0) return null;
  const openUntil = at === undefined ? end : trace.lastMs;
  const middle = (window.fromMs + window.toMs) / 2;
  const near = (factor: number) => {
    const next = zoomed(window, { whole: all, atMs: middle, factor });
    setZoom(next.toMs - next.fromMs >= all.toMs - all.fromMs - 1 ? undefined : next);
  };
  const wheel = (event: WheelEvent) => {
    if (!zoom || Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
    setZoom(moved(zoom, all, (event.deltaX / 800) * (zoom.toMs - zoom.fromMs)));
  };
  return (
    <div className="waterfall" data-ended={trace.ended} onWheel={wheel}>
      <div className="waterfall-head">
        <ZoomButtons zoomed={zoom !== undefined} onZoom={near} onAll={() => setZoom(undefined)} />
        <Axis window={window} originMs={whole.startMs} />
      </div>
      <div className="waterfall-row waterfall-life">
        <span className="waterfall-name">
          <b>Execution</b>
        </span>
        <span className="waterfall-line">
          <PhaseBars phases={trace.phases} window={window} openUntilMs={openUntil} />
        </span>
      </div>
      <BudgetLane shown={shown} window={window} openUntil={openUntil} />
      <div ref={box} className="waterfall-box" style={{ maxHeight: ROW * MOST_ROWS }}>
        <ol className="waterfall-all" style={{ height: rows.getTotalSize() }} aria-label="What it asked for">
          {rows.getVirtualItems().map(({ key, index, start }) => {
            const span = trace.spans[index];
            const style = { transform: `translateY(${start}px)`, height: ROW };
            return span && <SpanRow key={key} {...{ span, window, openUntil, style, chosen, onChoose }} />;
          })}
        </ol>
      </div>
      {trace.spans.length === 0 && <p className="quiet waterfall-none">It has asked for nothing yet.</p>}
      {at !== undefined && <CursorLine window={window} atMs={trace.lastMs} />}
    </div>
  );
}

function wholeWindow({ startMs }: Trace, endMs: number): Window {
  const length = Math.max(endMs - startMs, 1);
  return { fromMs: startMs, toMs: startMs + length * 1.02 };
}

interface SpanRowProps extends Omit<Props, "shown"> {
  readonly span: Span;
  readonly window: Window;
  readonly openUntil: number;
  readonly style: CSSProperties;
}

function SpanRow({ span, window, openUntil, style, chosen, onChoose }: SpanRowProps) {
  const isChosen = span.key === chosen;
  const row = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isChosen) row.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  const lasted = duration((span.endMs ?? openUntil) - span.startMs);
  return (
    <li style={style}>
      <button
        ref={row}
        type="button"
        className="waterfall-row"
        aria-pressed={isChosen}
        onKeyDown={moveFocus}
        onClick={() => onChoose(isChosen ? undefined : span.key)}
      >
        <span className="waterfall-name" data-depth={span.depth} title={span.label}>
          <span className="kind" data-kind={span.kind} aria-hidden="true" />
          <span className="waterfall-label">{span.label}</span>
          <span className="unseen">
            , {span.kind}, {STATUS_WORDS[span.status]}
          </span>
          <span className="quiet num waterfall-lasted">{lasted}</span>
        </span>
        <span className="waterfall-line">
          <SpanBars span={span} window={window} openUntilMs={openUntil} />
        </span>
      </button>
    </li>
  );
}

const STATUS_WORDS: Readonly<{ [S in Span["status"]]: string }> = {
  open: "under way",
  backing_off: "waits to try again",
  in_doubt: "in doubt",
  done: "done",
  failed: "failed",
  withdrawn: "withdrawn",
};

function Axis({ window, originMs }: { readonly window: Window; readonly originMs: number }) {
  return (
    <div className="axis" aria-hidden="true">
      <AxisMarks window={window} originMs={originMs} />
    </div>
  );
}

function CursorLine({ window, atMs }: { readonly window: Window; readonly atMs: number }) {
  const place = placeOf(window, atMs, atMs);
  return (
    <div className="waterfall-cursor" aria-hidden="true">
      {place && <span style={{ left: `${place.left}%` }} />}
    </div>
  );
}

interface ZoomProps {
  readonly zoomed: boolean;
  readonly onZoom: (factor: number) => void;
  readonly onAll: () => void;
}

function ZoomButtons({ zoomed: isZoomed, onZoom, onAll }: ZoomProps) {
  return (
    <fieldset className="zoom" aria-label="Zoom">
      <button type="button" className="icon-button" aria-label="Nearer" onClick={() => onZoom(2)}>
        <Icon name="plus" size={14} />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="Further away"
        disabled={!isZoomed}
        onClick={() => onZoom(0.5)}
      >
        <Icon name="minus" size={14} />
      </button>
      <button type="button" className="button small" disabled={!isZoomed} onClick={onAll}>
        All
      </button>
    </fieldset>
  );
}
