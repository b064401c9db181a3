/**
 * The executions that have a webhook, those first whose webhook fails when these are asked for, and of one of them each delivery
 * with its attempts. What failed is sent again, one by one or all of it.
 */
import { useCallback, useMemo, useState } from "react";
import { Link, useSearch } from "wouter";
import type { Client } from "../../client/client.ts";
import type { ExecutionSummary } from "../../client/transport/options.ts";
import { useChanges } from "../live/feed.tsx";
import { useNow } from "../live/now.ts";
import { ListPage } from "../parts/list-page.tsx";
import { Mark } from "../parts/mark.tsx";
import { SideList } from "../parts/side-list.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { useRead, useReloadOnChange } from "../parts/use-read.ts";
import { Ago } from "../parts/when.tsx";
import { shortId } from "../parts/words.ts";
import { useClient } from "../session/session.tsx";
import { SendAllAgain } from "./send-all-again.tsx";
import { Webhook } from "./webhook.tsx";
import "../styles/tables.css";

const MOST = 100;
const AGAIN_MS = 1_500;

interface Found {
  readonly rows: readonly ExecutionSummary[];
  readonly more: boolean;
  readonly failing: readonly ExecutionSummary[];
  readonly moreFailing: boolean;
}

async function webhooksOf(client: Client, signal: AbortSignal): Promise<Found> {
  const of = (state: "registered" | "failing") =>
    client.listPage({ attributes: { $webhook: state }, limit: MOST, signal });
  const [all, failing] = await Promise.all([of("registered"), of("failing")]);
  return {
    ...{ rows: all.items, more: all.next_cursor !== null },
    ...{ failing: failing.items, moreFailing: failing.next_cursor !== null },
  };
}

export function WebhooksPage({ chosen }: { readonly chosen: string | undefined }) {
  const client = useClient();
  const search = useSearch();
  const onlyFailing = new URLSearchParams(search).get("show") === "failing";
  const read = useRead(useCallback((signal: AbortSignal) => webhooksOf(client, signal), [client]));
  useReloadOnChange(read.reload, AGAIN_MS);
  return (
    <ListPage
      title="Webhooks"
      href={`/webhooks${suffix(onlyFailing)}`}
      icon="link"
      read={read}
      isEmpty={({ rows, failing }) => rows.length === 0 && failing.length === 0}
      none={{
        title: "No execution has a webhook yet",
        words: (
          <>
            A start with <code>webhook: {"{ url }"}</code> has its end told to that address. What was told, and what was
            not taken, is shown here.
          </>
        ),
      }}
      choose={{ title: "Choose an execution", words: "Its deliveries are shown here with each attempt." }}
      list={(found) => <WebhookList found={found} chosen={chosen} onlyFailing={onlyFailing} />}
      item={chosen !== undefined ? <Chosen key={chosen} id={chosen} /> : undefined}
      buttons={read.value !== undefined && <SendAllAgain failing={read.value.failing} onSent={read.reload} />}
    />
  );
}

const suffix = (onlyFailing: boolean) => (onlyFailing ? "?show=failing" : "");

interface ListProps {
  readonly found: Found;
  readonly chosen: string | undefined;
  readonly onlyFailing: boolean;
}

function WebhookList({ found, chosen, onlyFailing }: ListProps) {
  const { rows, more, failing, moreFailing } = found;
  const now = useNow(10_000);
  const bad = useMemo(() => new Set(failing.map((row) => row.execution_id)), [failing]);
  const shown = onlyFailing ? failing : rows;
  const tally = `${failing.length}${moreFailing ? "+" : ""}`;
  return (
    <div className="inbox-side">
      <nav className="segments" aria-label="Which webhooks">
        <Link className="segment" href="/webhooks" aria-current={onlyFailing ? undefined : "page"}>
          All
        </Link>
        <Link className="segment" href="/webhooks?show=failing" aria-current={onlyFailing ? "page" : undefined}>
          Failing <span className="num">{tally}</span>
        </Link>
      </nav>
      {shown.length === 0 && (
        <p className="side-none">
          <Mark kind="ok" words="None is failing" />
        </p>
      )}
      <SideList
        label="Executions with a webhook"
        items={shown}
        hrefOf={({ execution_id: id }) => `/webhooks/${encodeURIComponent(id)}${suffix(onlyFailing)}`}
        chosen={shown.find(({ execution_id: id }) => id === chosen)}
        more={onlyFailing ? moreFailing : more}
      >
        {({ execution_id: id, target, status, updated_at: at }) => (
          <>
            <span className="inbox-name">
              <b className="cut">{target}</b>
              <span className="quiet num">
                <Ago at={at} now={now} />
              </span>
            </span>
            <span className="inbox-name">
              <span className="quiet mono">{shortId(id)}</span>
              {bad.has(id) ? <Mark kind="bad" words="Not taken" /> : <StatusMark status={status} />}
            </span>
          </>
        )}
      </SideList>
    </div>
  );
}

function Chosen({ id }: { readonly id: string }) {
  const [changes, setChanges] = useState(0);
  useChanges((rows) => {
    if (rows.some((row) => row.execution_id === id)) setChanges((before) => before + 1);
  });
  return (
    <div className="panel approval">
      <header className="approval-head">
        <h2>
          <Link className="mono" href={`/executions/${encodeURIComponent(id)}`}>
            {shortId(id)}
          </Link>
        </h2>
        <Link className="button small" href={`/executions/${encodeURIComponent(id)}`}>
          Execution
        </Link>
      </header>
      <Webhook id={id} seq={changes} />
    </div>
  );
}
