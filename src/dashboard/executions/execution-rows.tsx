/** The rows that are in sight, of however many there are. Arrow keys go from row to row. */
import { useVirtualizer } from "@tanstack/react-virtual";
import type { CSSProperties } from "react";
import { memo, useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import type { ExecutionSummary } from "../../client/transport/options.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import { useNow } from "../live/now.ts";
import { moveFocus } from "../parts/move-focus.ts";
import { StatusMark } from "../parts/status-mark.tsx";
import { Ago } from "../parts/when.tsx";
import { count, dollars, duration, sentence, shortId } from "../parts/words.ts";

interface Props {
  readonly rows: readonly ExecutionSummary[];
  /** Called when the last row comes into sight. */
  readonly onEnd: () => void;
}

const WIDE_ROW = 44;
const NARROW_ROW = 72;
const NARROW = matchMedia("(max-width: 720px)");
/** Rows from the end at which the next page is asked for. */
const AHEAD = 20;

export function ExecutionRows({ rows, onEnd }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const height = useRowHeight();
  const now = useNow(1_000);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    getItemKey: (at) => rows[at]?.execution_id ?? at,
    overscan: 8,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height are measured anew.
  useEffect(() => list.measure(), [list, height]);
  const inSight = list.getVirtualItems();
  const last = inSight.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - AHEAD) onEnd();
  }, [last, rows.length, onEnd]);
  return (
    <div className="rows">
      <div className="row row-head" aria-hidden="true">
        <span>Status</span>
        <span>Function</span>
        <span>Execution</span>
        <span className="right">Duration</span>
        <span className="right">Tokens</span>
        <span className="right">Cost</span>
        <span className="right">Created</span>
      </div>
      <div ref={box} className="rows-box">
        <ul className="rows-all" style={{ height: list.getTotalSize() }} aria-label="Executions">
          {inSight.map(({ key, index, start, size }) => {
            const row = rows[index];
            if (!row) return null;
            const style = { height: size, transform: `translateY(${start}px)` };
            return <Row key={key} row={row} now={tick(row, now)} style={style} />;
          })}
        </ul>
      </div>
    </div>
  );
}

/** A row whose words do not change with each second is not drawn each second. */
function tick(row: ExecutionSummary, now: number): number {
  const isYoung = now - Date.parse(row.created_at) < 70_000;
  return isYoung || row.status === "running" ? now : Math.floor(now / 60_000) * 60_000;
}

interface RowProps {
  readonly row: ExecutionSummary;
  readonly now: number;
  readonly style: CSSProperties;
}

const Row = memo(
  function Row({ row, now, style }: RowProps) {
    const { execution_id: id, status, target, usage } = row;
    const said = row.error_message ?? (row.status_reason && sentence(row.status_reason));
    return (
      <li style={style}>
        <Link className="row" onKeyDown={moveFocus} href={`/executions/${encodeURIComponent(id)}`}>
          <StatusMark status={status} />
          <span className="row-target">
            <b>{target}</b>
            {said && <span className="row-said">{said}</span>}
          </span>
          <span className="mono quiet row-id">{shortId(id)}</span>
          <span className="right num row-duration">{duration(lastedMs(row, now))}</span>
          <span className="right num quiet row-tokens">{usage.tokens === 0 ? "–" : count(usage.tokens)}</span>
          <span className="right num quiet row-cost">{usage.cost_usd === 0 ? "–" : dollars(usage.cost_usd)}</span>
          <span className="right num quiet row-when">
            <Ago at={row.created_at} now={now} />
          </span>
        </Link>
      </li>
    );
  },
  (a, b) =>
    a.row === b.row && a.now === b.now && a.style.transform === b.style.transform && a.style.height === b.style.height,
);

function lastedMs(
  { status, duration_ms: known, started_at: started, created_at: created }: ExecutionSummary,
  now: number,
) {
  return isTerminal(status) && known !== null ? known : Math.max(0, now - Date.parse(started ?? created));
}

function useRowHeight(): number {
  const [isNarrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const changed = () => setNarrow(NARROW.matches);
    NARROW.addEventListener("change", changed);
    return () => NARROW.removeEventListener("change", changed);
  }, []);
  return isNarrow ? NARROW_ROW : WIDE_ROW;
}
