/** The agents of this deployment and their functions; each function can be started from here. */
import { useEffect, useState } from "react";
import { Link } from "wouter";
import type { AgentSummary } from "../../client/directory.ts";
import { Loading, Notice } from "../parts/notice.tsx";
import { useSession } from "../session/session.tsx";
import { useTitle } from "../shell/title.ts";
import { StartForm } from "./start-form.tsx";

type AgentFunction = AgentSummary["functions"][number];

export function AgentsPage({ target }: { readonly target: string | undefined }) {
  const { agents, fault } = useAgents();
  useTitle("Agents");
  const found = agents?.flatMap(({ functions }) => functions).find((one) => one.target === target);
  return (
    <div className="page agents-page" data-chosen={target !== undefined}>
      <header className="page-head">
        <h1>Agents</h1>
      </header>
      {fault !== undefined ? (
        <Notice icon="alert" title="The agents cannot be read" role="alert">
          {fault}
        </Notice>
      ) : agents === undefined ? (
        <Loading rows={8} label="Agents are being loaded" />
      ) : agents.length === 0 ? (
        <Notice icon="agents" title="This deployment has no agents">
          Define one with <code>defineAgent</code>, and hand it to <code>createErrand</code>.
        </Notice>
      ) : (
        <div className="agents">
          <div className="agent-list">
            {agents.map((agent) => (
              <AgentCard key={agent.agent_id} agent={agent} chosen={target} />
            ))}
          </div>
          <Chosen target={target} found={found} />
        </div>
      )}
    </div>
  );
}

function Chosen({ target, found }: { readonly target: string | undefined; readonly found: AgentFunction | undefined }) {
  if (found) return <StartForm key={found.target} offered={found} />;
  if (target !== undefined)
    return (
      <Notice icon="alert" title="There is no such function">
        <code>{target}</code> is not offered here.
        <br />
        <Link href="/agents" className="button">
          All agents
        </Link>
      </Notice>
    );
  return (
    <div className="agents-hint">
      <Notice icon="play" title="Choose a function">
        Its form is made of its schema, and shows the same call for a shell and a program.
      </Notice>
    </div>
  );
}

function AgentCard({ agent, chosen }: { readonly agent: AgentSummary; readonly chosen: string | undefined }) {
  return (
    <section className="agent" aria-label={agent.agent_id}>
      <header>
        <h2>{agent.agent_id}</h2>
        <span className="quiet small mono">{agent.version}</span>
        <Link className="quiet small agent-runs" href={`/executions?agent=${encodeURIComponent(agent.agent_id)}`}>
          Executions
        </Link>
      </header>
      <p className="quiet">{agent.description}</p>
      <ul className="plain-list">
        {agent.functions.map(({ target, name, description, type }) => (
          <li key={target}>
            <Link
              className="function"
              href={`/agents/${encodeURIComponent(target)}`}
              aria-current={target === chosen ? "true" : undefined}
            >
              <span className="function-name">
                <b>{name}</b>
                <span className="tag">{type}</span>
              </span>
              <span className="quiet">{description}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function useAgents() {
  const { client, heard } = useSession();
  const [state, setState] = useState<{ agents?: readonly AgentSummary[]; fault?: string }>({});
  useEffect(() => {
    const leaving = new AbortController();
    const load = async () => {
      const agents: AgentSummary[] = [];
      for await (const agent of client.directory.agents({ signal: leaving.signal })) agents.push(agent);
      setState({ agents });
    };
    load().catch((error: unknown) => {
      if (!leaving.signal.aborted) setState({ fault: heard(error) });
    });
    return () => leaving.abort();
  }, [client, heard]);
  return state;
}
