/** One run: what it is made of as a graph that grows while it runs, its counts and what it used. */
import { Link } from "wouter";
import { isTerminal, Status } from "../../domain/execution/status.ts";
import { Notice } from "../parts/notice.tsx";
import { ReadView } from "../parts/read-view.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { count, dollars, shortId } from "../parts/words.ts";
import { useTitle } from "../shell/title.ts";
import { RunGraph } from "./run-graph.tsx";
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
            <>
              <Counts rows={rows} more={more} />
              <RunGraph rows={rows} />
            </>
          )
        }
      </ReadView>
    </div>
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
