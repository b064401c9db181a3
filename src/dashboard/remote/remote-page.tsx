/** Who works outside of this deployment, and what waits for a slot: remote agents, agents that poll, queues. */
import { useCallback } from "react";
import { useNow } from "../live/now.ts";
import { ReadView } from "../parts/read-view.tsx";
import { upTo, useRead, useReloadOnChange } from "../parts/use-read.ts";
import { useClient } from "../session/session.tsx";
import { useTitle } from "../shell/title.ts";
import { NodesTable } from "./nodes-table.tsx";
import { PollingTable } from "./polling-table.tsx";
import { QueuesTable } from "./queues-table.tsx";
import "../styles/tables.css";

const MOST = 300;
/** Executions that move take slots and give them back. */
const AGAIN_MS = 2_000;

export function RemotePage() {
  const client = useClient();
  const now = useNow(5_000);
  const read = useRead(
    useCallback(
      async (signal: AbortSignal) => {
        const [nodes, polling, queues] = await Promise.all([
          upTo(MOST, client.nodes.list({ showAll: true, signal })),
          upTo(MOST, client.pollingAgents.list({ signal })),
          upTo(MOST, client.queues.list({ signal })),
        ]);
        return { nodes, polling, queues };
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
        {({ nodes, polling, queues }) => (
          <div className="blocks">
            <section className="block">
              <h2>Agents that are called</h2>
              <NodesTable {...nodes} now={now} />
            </section>
            <section className="block">
              <h2>Agents that ask for their work</h2>
              <PollingTable {...polling} now={now} onChanged={read.reload} />
            </section>
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
