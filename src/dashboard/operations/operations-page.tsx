/** How the deployment does, for its operator: the index, the sweeper, what is overdue or stands still, dead letters. */
import type { ReactNode } from "react";
import { useCallback } from "react";
import { Link } from "wouter";
import type { Client } from "../../client/client.ts";
import { useNow } from "../live/now.ts";
import { Line } from "../parts/line.tsx";
import { Mark } from "../parts/mark.tsx";
import { ReadView } from "../parts/read-view.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import type { Column } from "../parts/table.tsx";
import { Table } from "../parts/table.tsx";
import { useRead, useReloadOnChange } from "../parts/use-read.ts";
import { When } from "../parts/when.tsx";
import { count, duration, shortId } from "../parts/words.ts";
import { useClient } from "../session/session.tsx";
import { useTitle } from "../shell/title.ts";
import "../styles/tables.css";
import "../styles/operations.css";

type Overview = Awaited<ReturnType<Client["operations"]["overview"]>>;

const AGAIN_MS = 5_000;

export function OperationsPage() {
  const client = useClient();
  const read = useRead(useCallback((signal: AbortSignal) => client.operations.overview({ signal }), [client]));
  useReloadOnChange(read.reload, AGAIN_MS);
  useTitle("Operations");
  return (
    <div className="page">
      <header className="page-head">
        <h1>Operations</h1>
        <button type="button" className="button" onClick={read.reload}>
          Read again
        </button>
      </header>
      <ReadView read={read} what="The state of this deployment">
        {(overview) => (
          <div className="blocks">
            <div className="health">
              <Index index={overview.index} />
              <Sweeper sweeper={overview.sweeper} at={overview.at} />
            </div>
            <Stuck found={overview.stuck} />
            <Overdue found={overview.overdue} />
            <FailingWebhooks found={overview.failing_webhooks} />
            <DeadLetters found={overview.dead_letters} />
          </div>
        )}
      </ReadView>
    </div>
  );
}

function Index({ index }: Pick<Overview, "index">) {
  const { ready, trouble, lag_ms: lag, waiting_rows: waiting, held_rows: held, refused_rows: refused } = index;
  return (
    <section className="panel">
      <header className="approval-head">
        <h2>Index</h2>
        <Mark kind={ready ? "ok" : "bad"} words={ready ? "Ready" : "Not ready"} />
      </header>
      {trouble !== undefined && <p className="fault">{trouble}</p>}
      <dl className="payload num">
        <Line name="Behind by">{waiting === 0 ? "nothing" : duration(lag)}</Line>
        <Line name="Rows that wait">{count(waiting)}</Line>
        <Line name="Rows held back">{count(held)}</Line>
        <Line name="Rows refused">{count(refused)}</Line>
        {index.databases.map(({ registry, percent_full: full, nearly_full: nearly }) => (
          <Line key={registry} name={`Database ${registry + 1}`}>
            {full.toFixed(full < 1 ? 2 : 0)} % full{nearly && ": nearly full"}
          </Line>
        ))}
      </dl>
    </section>
  );
}

function Sweeper({ sweeper, at }: Pick<Overview, "sweeper" | "at">) {
  const { late, last_at: last, took_ms: took, failed_jobs: failed } = sweeper;
  return (
    <section className="panel">
      <header className="approval-head">
        <h2>Sweeper</h2>
        <Mark kind={late ? "warn" : "ok"} words={late ? "Late" : "On time"} />
      </header>
      {late && (
        <p className="quiet">
          It has not run for five minutes. Is the cron trigger of the Worker set? On a laptop none fires by itself.
        </p>
      )}
      <dl className="payload num">
        <Line name="Last run">{last === null ? "never" : <When at={last} now={Date.parse(at)} />}</Line>
        {took !== null && <Line name="It took">{duration(took)}</Line>}
        <Line name="Jobs that failed">{failed.length === 0 ? "none" : failed.join(", ")}</Line>
      </dl>
    </section>
  );
}

interface BlockProps {
  readonly title: string;
  readonly about: string;
  readonly none: string;
  readonly found: { readonly count: number; readonly more: boolean; readonly items: readonly unknown[] };
  readonly children: ReactNode;
}

function Block({ title, about, none, found, children }: BlockProps) {
  const shown = found.items.length;
  return (
    <section className="block">
      <header>
        <h2>{title}</h2>
        <span className="quiet small">{about}</span>
      </header>
      {shown === 0 ? <Mark kind="ok" words={none} /> : children}
      {found.count > shown && (
        <p className="quiet small">
          The first {shown} of {count(found.count)}
          {found.more ? " or more" : ""} are shown.
        </p>
      )}
    </section>
  );
}

const linkOf = (id: string) => (
  <Link className="mono" href={`/executions/${encodeURIComponent(id)}`}>
    {shortId(id)}
  </Link>
);

function Stuck({ found }: { readonly found: Overview["stuck"] }) {
  const now = useNow(10_000);
  type Row = Overview["stuck"]["items"][number];
  const columns: readonly Column<Row>[] = [
    { title: "Execution", cell: ({ execution_id: id }) => linkOf(id) },
    { title: "Function", cell: ({ target }) => target },
    { title: "Status", cell: ({ status }) => <StatusMark status={status} /> },
    { title: "Why", cell: ({ reason }) => reason },
    { title: "Unchanged since", number: true, cell: ({ updated_at: at }) => <When at={at} now={now} /> },
  ];
  return (
    <Block
      title="Standing still"
      about="under way or blocked, not asleep, unchanged for an hour"
      none="Nothing stands still"
      found={found}
    >
      <Table label="Standing still" columns={columns} rows={found.items} keyOf={({ execution_id: id }) => id} />
    </Block>
  );
}

function Overdue({ found }: { readonly found: Overview["overdue"] }) {
  const now = useNow(10_000);
  type Row = Overview["overdue"]["items"][number];
  const columns: readonly Column<Row>[] = [
    { title: "Execution", cell: ({ execution_id: id }) => linkOf(id) },
    { title: "Was due", number: true, cell: ({ owed_at: at }) => <When at={at} now={now} /> },
  ];
  return (
    <Block title="Overdue" about="owed a wake a minute ago or longer" none="Nothing is overdue" found={found}>
      <Table label="Overdue" columns={columns} rows={found.items} keyOf={({ execution_id: id }) => id} />
    </Block>
  );
}

function FailingWebhooks({ found }: { readonly found: Overview["failing_webhooks"] }) {
  const now = useNow(10_000);
  type Row = Overview["failing_webhooks"]["items"][number];
  const columns: readonly Column<Row>[] = [
    { title: "Execution", cell: ({ execution_id: id }) => linkOf(id) },
    { title: "Target", cell: ({ target }) => target },
    { title: "Changed", number: true, cell: ({ at }) => <When at={at} now={now} /> },
  ];
  return (
    <Block title="Failing webhooks" about="what they were told was not taken" none="None is failing" found={found}>
      <Table label="Failing webhooks" columns={columns} rows={found.items} keyOf={({ execution_id: id }) => id} />
    </Block>
  );
}

function DeadLetters({ found }: { readonly found: Overview["dead_letters"] }) {
  const now = useNow(10_000);
  type Row = Overview["dead_letters"]["items"][number];
  const columns: readonly Column<Row>[] = [
    { title: "Row", cell: ({ kind, id }) => (kind === "execution" ? linkOf(id) : <span className="mono">{id}</span>) },
    { title: "Kind", cell: ({ kind }) => kind },
    { title: "Error", cell: ({ error }) => error },
    { title: "Refused", number: true, cell: ({ at }) => <When at={at} now={now} /> },
  ];
  return (
    <Block title="Dead letters" about="rows that the index refused" none="There are none" found={found}>
      <Table label="Dead letters" columns={columns} rows={found.items} keyOf={({ id }) => id} />
    </Block>
  );
}
