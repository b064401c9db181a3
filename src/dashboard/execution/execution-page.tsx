/** One execution: how it stands and why, what it did to scale, and everything it holds; live, or at any instant of its past. */
import { useMemo } from "react";
import { Link } from "wouter";
import type { FollowedExecution } from "../live/use-execution.ts";
import { useExecution } from "../live/use-execution.ts";
import { Later, later } from "../parts/later.tsx";
import { Loading, Notice } from "../parts/notice.tsx";
import { shortId } from "../parts/words.ts";
import { useTitle } from "../shell/title.ts";
import { ExecutionHead } from "./execution-head.tsx";
import { ExecutionTabs } from "./execution-tabs.tsx";
import { Facts } from "./facts.tsx";
import type { Shown } from "./shown.ts";
import { shownAt } from "./shown.ts";
import { useView } from "./use-view.ts";
import { SpanDetail } from "./waterfall/span-detail.tsx";
import { TimeCursor } from "./waterfall/time-cursor.tsx";
import { Waterfall } from "./waterfall/waterfall.tsx";
import { WhyBanner } from "./why-banner.tsx";

const WORK = later(() => import("../plans/work-view.tsx").then((module) => module.WorkView));

export function ExecutionPage({ id }: { readonly id: string }) {
  const followed = useExecution(id);
  const { log, fault } = followed;
  useTitle(log.body?.target ?? "Execution");
  if (fault && log.body === undefined) return <Missing id={id} fault={fault} />;
  if (log.body === undefined) return <Pending id={id} />;
  return <ExecutionView followed={followed} body={log.body} />;
}

function Pending({ id }: { readonly id: string }) {
  return (
    <div className="page">
      <Crumb id={id} />
      <h1 className="unseen">Execution {shortId(id)}</h1>
      <Loading rows={8} label="The execution is being loaded" />
    </div>
  );
}

function Crumb({ id }: { readonly id: string }) {
  return (
    <nav className="crumb" aria-label="Where this is">
      <Link href="/executions">Executions</Link>
      <span aria-hidden="true">/</span>
      <span className="mono">{shortId(id)}</span>
    </nav>
  );
}

function Missing({ id, fault }: { readonly id: string; readonly fault: NonNullable<FollowedExecution["fault"]> }) {
  return (
    <div className="page">
      <Crumb id={id} />
      <h1 className="unseen">Execution {shortId(id)}</h1>
      <Notice
        icon="alert"
        title={fault.status === 404 ? "There is no such execution" : "It cannot be read"}
        role="alert"
      >
        {fault.status === 404 ? "It was removed when its time was over, or it is not yours to read." : fault.sentence}
      </Notice>
    </div>
  );
}

interface ViewProps {
  readonly followed: FollowedExecution;
  readonly body: NonNullable<FollowedExecution["log"]["body"]>;
}

function ExecutionView({ followed, body }: ViewProps) {
  const { log, connection } = followed;
  const id = body.execution_id;
  const [view, change] = useView(id);
  const at = view.at !== undefined && view.at < log.lastSeq ? view.at : undefined;
  const { version } = log;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the log grows in place, and its version says so.
  const shown: Shown = useMemo(() => shownAt(log, body, at), [log, body, at, version]);
  const choose = (span: string | undefined) => change({ span });
  return (
    <div className="page">
      <Crumb id={id} />
      <ExecutionHead shown={shown} connection={connection} />
      <WhyBanner shown={shown} />
      <Facts shown={shown} />
      {shown.state?.work !== undefined && (
        <div className="work-slot">
          <Later part={WORK} props={{ id, seq: log.lastSeq }} rows={5} />
        </div>
      )}
      <section className="panel timeline" aria-label="Timeline">
        <TimeCursor shown={shown} onMove={(seq) => change({ at: seq })} />
        <Waterfall shown={shown} chosen={view.span} onChoose={choose} />
        {view.span !== undefined && <SpanDetail shown={shown} spanKey={view.span} onClose={() => choose(undefined)} />}
      </section>
      <ExecutionTabs shown={shown} view={view} onChange={change} />
    </div>
  );
}
