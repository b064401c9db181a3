/** The sessions, the newest first, and the runs of the one that is chosen: each leads to its graph. */
import { useCallback } from "react";
import { Link } from "wouter";
import type { SessionRun, SessionSummary } from "../../client/directory.ts";
import { useNow } from "../live/now.ts";
import { ListPage } from "../parts/list-page.tsx";
import { ReadView } from "../parts/read-view.tsx";
import { SideList } from "../parts/side-list.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import type { Column } from "../parts/table.tsx";
import { Table } from "../parts/table.tsx";
import { upTo } from "../parts/up-to.ts";
import { useRead, useReloadOnChange } from "../parts/use-read.ts";
import { Ago } from "../parts/when.tsx";
import { shortId } from "../parts/words.ts";
import { useClient } from "../session/session.tsx";
import { Threads } from "./threads.tsx";
import "../styles/tables.css";

const MOST = 300;
const AGAIN_MS = 1_000;

export function SessionsPage({ chosen }: { readonly chosen: string | undefined }) {
  const client = useClient();
  const read = useRead(
    useCallback((signal: AbortSignal) => upTo(MOST, client.directory.sessions({ signal })), [client]),
  );
  useReloadOnChange(read.reload, AGAIN_MS, (row) => row.session_id !== null);
  return (
    <ListPage
      title="Sessions"
      href="/sessions"
      icon="sessions"
      read={read}
      isEmpty={({ items }) => items.length === 0}
      none={{
        title: "There are no sessions yet",
        words: (
          <>
            Executions that are started with the same <code>session_id</code> belong to one session, with a memory of
            their own.
          </>
        ),
      }}
      choose={{ title: "Choose a session", words: "Its runs are shown here, with their graphs." }}
      list={({ items, more }) => <SessionList items={items} more={more} chosen={chosen} />}
      item={chosen !== undefined ? <SessionView key={chosen} id={chosen} /> : undefined}
    />
  );
}

interface ListProps {
  readonly items: readonly SessionSummary[];
  readonly more: boolean;
  readonly chosen: string | undefined;
}

function SessionList({ items, more, chosen }: ListProps) {
  const now = useNow(10_000);
  return (
    <SideList
      label="Sessions"
      items={items}
      hrefOf={({ session_id: id }) => `/sessions/${encodeURIComponent(id)}`}
      chosen={items.find(({ session_id: id }) => id === chosen)}
      more={more}
    >
      {(item) => (
        <>
          <span className="inbox-name">
            <b className="cut">{item.session_id}</b>
            <span className="quiet num">
              <Ago at={item.latest_activity} now={now} />
            </span>
          </span>
          <span className="inbox-name">
            <span className="quiet cut">{item.latest_target}</span>
            <StatusMark status={item.latest_status} />
          </span>
        </>
      )}
    </SideList>
  );
}

function SessionView({ id }: { readonly id: string }) {
  const client = useClient();
  const now = useNow(10_000);
  const read = useRead(
    useCallback((signal: AbortSignal) => upTo(MOST, client.directory.runsOf(id, { signal })), [client, id]),
  );
  useReloadOnChange(read.reload, AGAIN_MS, (row) => row.session_id === id);
  const columns: readonly Column<SessionRun>[] = [
    {
      title: "Run",
      cell: ({ run_id: run, target }) => (
        <span className="cell-main">
          <b>{target}</b>
          <Link className="mono" href={`/runs/${encodeURIComponent(run)}`}>
            {shortId(run)}
          </Link>
        </span>
      ),
    },
    { title: "Status", cell: ({ status }) => <StatusMark status={status} /> },
    { title: "Executions", number: true, cell: ({ total_executions: total }) => total },
    {
      title: "Started",
      number: true,
      cell: ({ started_at: at }) => <Ago at={at} now={now} />,
    },
  ];
  return (
    <div className="panel approval">
      <header className="approval-head">
        <h2 className="long">{id}</h2>
        <span className="head-end">
          <Link className="button small" href={`/executions?session=${encodeURIComponent(id)}`}>
            Executions
          </Link>
          <Link className="button small" href={`/memory?scope=session&id=${encodeURIComponent(id)}`}>
            Memory
          </Link>
        </span>
      </header>
      <Threads session={id} />
      <ReadView read={read} what="The session">
        {({ items, more }) => (
          <>
            <Table label="Runs of this session" columns={columns} rows={items} keyOf={({ run_id: run }) => run} />
            {more && <p className="quiet small">The newest {MOST} are shown.</p>}
          </>
        )}
      </ReadView>
    </div>
  );
}
