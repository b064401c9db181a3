/** One run: what it is made of as a graph that grows while it runs, its counts and what it used. */
import { useMemo } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { isTerminal, Status } from "../../domain/execution/status.ts";
import { CursorBar } from "../parts/cursor-bar.tsx";
import { Notice } from "../parts/notice.tsx";
import { ReadView } from "../parts/read-view.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { Clock } from "../parts/when.tsx";
import { count, dollars, duration, shortId } from "../parts/words.ts";
import { useTitle } from "../shell/title.ts";
import { RunGraph } from "./run-graph.tsx";
import { instantsOf, rowAt } from "./run-past.ts";
import type { Run } from "./use-run.ts";
import { MOST, useRun } from "./use-run.ts";
import "../styles/runs.css";

export function RunPage({ id }: { readonly id: string }) {
  const run = useRun(id);
  useTitle("Run");
  return (
    <div className="page list-page">
      <nav className="crumb" aria-label="Where this is">
        <Link href={`/executions?run=${encodeURIComponent(id)}`}>Executions of this run</Link>
        <span aria-hidden="true">/</span>
        <span>Graph</span>
      </nav>
      <header className="page-head">
        <h1 className="run-title">
          Run <span className="mono">{shortId(id)}</span>
        </h1>
      </header>
      <ReadView read={run} what="The run" rows={8}>
        {({ rows, more }) =>
          rows.length === 0 ? (
            <Notice icon="search" title="There is no such run">
              No execution that you may read belongs to <code>{id}</code>.
            </Notice>
          ) : (
            <AtAnInstant rows={rows} more={more} />
          )
        }
      </ReadView>
    </div>
  );
}

/** The graph and the counts as they are, or as they were at the time cursor. Its place is in the address. */
function AtAnInstant({ rows, more }: Run) {
  const [location, navigate] = useLocation();
  const asked = new URLSearchParams(useSearch()).get("at");
  const instants = useMemo(() => instantsOf(rows), [rows]);
  const last = instants.length - 1;
  const place = asked === null ? -1 : instants.findLastIndex((atMs) => atMs <= Number(asked));
  const at = place < 0 || place === last ? undefined : place;
  const atMs = at === undefined ? undefined : instants[at];
  const then = atMs === undefined ? rows : rows.flatMap((row) => rowAt(row, atMs) ?? []);
  const move = (to: number | undefined) =>
    navigate(to === undefined ? location : `${location}?at=${instants[to]}`, { replace: true });
  const since = duration((instants[at ?? last] ?? 0) - (instants[0] ?? 0));
  return (
    <>
      <Counts rows={then} more={more} />
      <section className="panel" aria-label="Time">
        <CursorBar
          what="change"
          first={0}
          last={last}
          at={at}
          spoken={`Change ${(at ?? last) + 1} of ${last + 1}, after ${since}`}
          onMove={move}
        >
          <span className="num">
            {(at ?? last) + 1} <span className="quiet">of {last + 1}</span>
          </span>
          <span className="cursor-event">
            <Clock atMs={instants[at ?? last] ?? 0} /> after {since}
          </span>
        </CursorBar>
      </section>
      <RunGraph rows={rows} atMs={atMs} />
    </>
  );
}

function Counts({ rows, more }: Run) {
  const counts = new Map<Status, number>();
  for (const { status } of rows) counts.set(status, (counts.get(status) ?? 0) + 1);
  const active = rows.filter(({ status }) => !isTerminal(status)).length;
  const tokens = rows.reduce((sum, { usage }) => sum + usage.tokens, 0);
  const cost = rows.reduce((sum, { usage }) => sum + usage.cost_usd, 0);
  return (
    <div className="run-counts">
      {Status.options
        .filter((status) => counts.has(status))
        .map((status) => (
          <span key={status} className="run-count">
            <StatusMark status={status} /> <span className="num">{counts.get(status)}</span>
          </span>
        ))}
      <span className="quiet num run-sum">
        {count(rows.length)} {rows.length === 1 ? "execution" : "executions"}
        {active > 0 && `, ${count(active)} under way`}
        {tokens > 0 && ` · ${count(tokens)} tokens`}
        {cost > 0 && ` · ${dollars(cost)}`}
        {more && ` · the newest ${MOST} are shown`}
      </span>
    </div>
  );
}
