/** Agents with a manifest whose runs are divided among versions, and of one of them what became of each version. */
import { useCallback } from "react";
import { Link } from "wouter";
import type { Client } from "../../client/client.ts";
import type { AgentSummary } from "../../client/directory.ts";
import type { Experiment } from "../../client/experiments.ts";
import { manifestAgents } from "../manifests/manifest-agents.ts";
import { ifFound } from "../parts/if-found.ts";
import { ListPage } from "../parts/list-page.tsx";
import { Mark } from "../parts/mark.tsx";
import { SideList } from "../parts/side-list.tsx";
import { upTo } from "../parts/up-to.ts";
import { useRead } from "../parts/use-read.ts";
import { useClient } from "../session/session.tsx";
import { ExperimentView } from "./experiment-view.tsx";
import "../styles/tables.css";
import "../styles/experiments.css";

interface Item {
  readonly agent: AgentSummary;
  /** Undefined where the current version runs alone. */
  readonly experiment: Experiment | undefined;
}

/** Each costs a question of its own. */
const MOST = 60;
const AT_ONCE = 6;

async function itemsOf(client: Client, signal: AbortSignal) {
  const { items: agents, more } = await upTo(MOST, manifestAgents(client, signal));
  const items: Item[] = [];
  for (let at = 0; at < agents.length; at += AT_ONCE) {
    const some = agents.slice(at, at + AT_ONCE);
    const found = await Promise.all(
      some.map((agent) => ifFound(client.agents.experiments.get(agent.agent_id, { signal }))),
    );
    items.push(...some.map((agent, nth) => ({ agent, experiment: found[nth] })));
  }
  const isRunning = ({ experiment }: Item) => Number(experiment === undefined);
  return { items: items.sort((a, b) => isRunning(a) - isRunning(b)), more };
}

export function ExperimentsPage({ chosen }: { readonly chosen: string | undefined }) {
  const client = useClient();
  const read = useRead(useCallback((signal: AbortSignal) => itemsOf(client, signal), [client]));
  return (
    <ListPage
      title="Experiments"
      href="/experiments"
      icon="chart"
      read={read}
      isEmpty={({ items }) => items.length === 0}
      none={{
        title: "No agent has a manifest yet",
        words: (
          <>
            An experiment divides the runs of an agent among versions of its manifest. <br />
            <Link className="button" href="/manifests?new">
              Store a manifest
            </Link>
          </>
        ),
      }}
      choose={{
        title: "Choose an agent",
        words: "What became of each version is shown here, and the share of runs that each gets.",
      }}
      list={({ items, more }) => <ExperimentList items={items} more={more} chosen={chosen} />}
      item={chosen !== undefined ? <ExperimentView key={chosen} id={chosen} onChanged={read.reload} /> : undefined}
    />
  );
}

interface ListProps {
  readonly items: readonly Item[];
  readonly more: boolean;
  readonly chosen: string | undefined;
}

function ExperimentList({ items, more, chosen }: ListProps) {
  return (
    <SideList
      label="Agents with a manifest"
      items={items}
      hrefOf={({ agent }) => `/experiments/${encodeURIComponent(agent.agent_id)}`}
      chosen={items.find(({ agent }) => agent.agent_id === chosen)}
      more={more}
    >
      {({ agent, experiment }) => (
        <>
          <span className="inbox-name">
            <b className="cut">{agent.agent_id}</b>
            <span className="quiet mono cut">{agent.version}</span>
          </span>
          {experiment === undefined ? (
            <span className="quiet">Its current version runs</span>
          ) : (
            <Mark
              kind="ok"
              words={`${experiment.versions.filter(({ weight }) => weight > 0).length} versions, ${experiment.runs_counted} runs`}
            />
          )}
        </>
      )}
    </SideList>
  );
}
