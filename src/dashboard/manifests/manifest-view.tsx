/** One agent with a manifest: a form that runs it, its versions, and the manifest itself. */
import { useCallback } from "react";
import { Link, useSearch } from "wouter";
import type { AgentVersion } from "../../client/agents.ts";
import type { AgentSummary } from "../../client/directory.ts";
import { AskButton } from "../forms/ask-button.tsx";
import { useNow } from "../live/now.ts";
import { JsonView } from "../parts/json-view.tsx";
import { ReadView } from "../parts/read-view.tsx";
import type { Column } from "../parts/table.tsx";
import { Table } from "../parts/table.tsx";
import { upTo } from "../parts/up-to.ts";
import { useRead } from "../parts/use-read.ts";
import { Ago } from "../parts/when.tsx";
import { useClient } from "../session/session.tsx";
import { ManifestStatus } from "./manifest-status.tsx";
import { RunForm } from "./run-form.tsx";

const VERSIONS = 100;

interface Props {
  readonly id: string;
  /** Called when it is deleted. */
  readonly onGone: () => void;
}

export function ManifestView({ id, onGone }: Props) {
  const client = useClient();
  const version = new URLSearchParams(useSearch()).get("version") ?? undefined;
  const read = useRead(
    useCallback(
      async (signal: AbortSignal) => {
        const [agent, versions] = await Promise.all([
          client.agents.get(id, { signal, ...(version === undefined ? {} : { version }) }),
          upTo(VERSIONS, client.agents.versions(id, { signal })),
        ]);
        return { agent, versions: versions.items };
      },
      [client, id, version],
    ),
  );
  return (
    <div className="panel approval">
      <ReadView read={read} what="The manifest">
        {({ agent, versions }) => (
          <>
            <Head agent={agent} onGone={onGone} />
            <RunForm key={agent.version} agent={agent} />
            <Versions id={id} versions={versions} />
            {agent.manifest !== undefined && (
              <section className="block">
                <h3>Manifest of version {agent.version}</h3>
                <JsonView value={agent.manifest} name="manifest" />
              </section>
            )}
          </>
        )}
      </ReadView>
    </div>
  );
}

function Head({ agent, onGone }: { readonly agent: AgentSummary; readonly onGone: () => void }) {
  const client = useClient();
  const { agent_id: id, description, version, status, reasoning_mode: mode, owner, bundled } = agent;
  return (
    <>
      <header className="approval-head">
        <h2 className="long">
          {id} <span className="quiet mono">{version}</span>
        </h2>
        <span className="head-end">
          <ManifestStatus status={status} />
          {!bundled && (
            <AskButton
              button={{ className: "button small danger", content: "Delete…" }}
              title="Delete this agent"
              deed={{ words: "Delete agent", busyWords: "Deleting…" }}
              call={() => client.agents.delete(id)}
              onDone={onGone}
            >
              <p>
                <b>{id}</b> is gone then, with all its versions. Runs go on.
              </p>
            </AskButton>
          )}
        </span>
      </header>
      <p>{description}</p>
      <p className="quiet">
        {mode !== undefined && `It reasons ${mode === "oneshot" ? "once" : "in rounds"}. `}
        {bundled ? "It is part of the code. " : owner !== undefined && owner !== null && `It belongs to ${owner}. `}
        <Link href={`/executions?target=${encodeURIComponent(`${id}.run`)}`}>Its runs</Link>
        {" · "}
        <Link href={`/experiments/${encodeURIComponent(id)}`}>Experiment</Link>
      </p>
    </>
  );
}

function Versions({ id, versions }: { readonly id: string; readonly versions: readonly AgentVersion[] }) {
  const now = useNow(60_000);
  const columns: readonly Column<AgentVersion>[] = [
    {
      title: "Version",
      cell: ({ version, current }) => (
        <span>
          <Link className="mono" href={`/manifests/${encodeURIComponent(id)}?version=${encodeURIComponent(version)}`}>
            {version}
          </Link>{" "}
          {current && <span className="tag">runs by default</span>}
        </span>
      ),
    },
    { title: "Status", cell: ({ status }) => <ManifestStatus status={status} /> },
    { title: "Description", cell: ({ description }) => description },
    {
      title: "Stored",
      number: true,
      cell: ({ created_at: at, updated_by: by }) =>
        at !== undefined && (
          <span>
            <Ago at={at} now={now} />
            {by !== undefined && ` by ${by}`}
          </span>
        ),
    },
  ];
  return (
    <section className="block">
      <h3>Versions</h3>
      <Table label="Versions" columns={columns} rows={versions} keyOf={({ version }) => version} />
    </section>
  );
}
