/** Who works outside of this deployment, and what waits for a slot: remote agents, agents that poll with their mailboxes, queues. */
import { useCallback } from "react";
import { useSearch } from "wouter";
import { useNow } from "../live/now.ts";
import { ReadView } from "../parts/read-view.tsx";
import { upTo } from "../parts/up-to.ts";
import { useRead, useReloadOnChange } from "../parts/use-read.ts";
import { useClient } from "../session/session.tsx";
import { useTitle } from "../shell/title.ts";
import { mailboxOf } from "./mailbox.ts";
import { Mailbox } from "./mailbox.tsx";
import { NodesTable } from "./nodes-table.tsx";
import { openWork } from "./open-work.ts";
import { PollingTable } from "./polling-table.tsx";
import { QueuesTable } from "./queues-table.tsx";
import "../styles/tables.css";

const MOST = 300;
/** Executions that move take slots and give them back. */
const AGAIN_MS = 2_000;

export function RemotePage() {
  const client = useClient();
  const now = useNow(5_000);
  const looked = new URLSearchParams(useSearch()).get("agent");
  const read = useRead(
    useCallback(
      async (signal: AbortSignal) => {
        const [nodes, polling, queues] = await Promise.all([
          upTo(MOST, client.nodes.list({ showAll: true, signal })),
          upTo(MOST, client.pollingAgents.list({ signal })),
          upTo(MOST, client.queues.list({ signal })),
        ]);
        const open = polling.items.length === 0 ? { items: [], more: false } : await openWork(client, signal);
        const mail = new Map(polling.items.map((agent) => [agent.id, mailboxOf(agent, open.items)]));
        return { nodes, polling, queues, mail, moreOpen: open.more };
      },
      [client],
    ),
  );
  useReloadOnChange(read.reload, AGAIN_MS);
  useTitle("Remote agents");
  return (
    <div className="page">
      <header className="page-head">
        <h1>Remote agents and queues</h1>
        <button type="button" className="button" onClick={read.reload}>
          Read again
        </button>
      </header>
      <ReadView read={read} what="The remote agents">
        {({ nodes, polling, queues, mail, moreOpen }) => (
          <div className="blocks">
            <section className="block">
              <h2>Agents that are called</h2>
              <NodesTable {...nodes} now={now} />
            </section>
            <section className="block">
              <h2>Agents that ask for their work</h2>
              <PollingTable {...polling} mail={mail} now={now} onChanged={read.reload} />
            </section>
            {polling.items
              .filter(({ id }) => id === looked)
              .map((agent) => (
                <Mailbox key={agent.id} agent={agent} items={mail.get(agent.id) ?? []} more={moreOpen} now={now} />
              ))}
            <section className="block">
              <h2>Queues</h2>
              <QueuesTable {...queues} now={now} onChanged={read.reload} />
            </section>
          </div>
        )}
      </ReadView>
    </div>
  );
}
