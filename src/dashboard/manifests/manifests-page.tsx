/** Agents that a manifest declares, beside the one that is looked at, or a manifest that is being stored. */
import { useCallback } from "react";
import { Link, useLocation, useSearch } from "wouter";
import type { AgentSummary } from "../../client/directory.ts";
import { Icon } from "../parts/icon.tsx";
import { Notice } from "../parts/notice.tsx";
import { ReadView } from "../parts/read-view.tsx";
import { SideList } from "../parts/side-list.tsx";
import { useRead } from "../parts/use-read.ts";
import { useClient } from "../session/session.tsx";
import { useTitle } from "../shell/title.ts";
import { ManifestEditor } from "./manifest-editor.tsx";
import { ManifestStatus } from "./manifest-status.tsx";
import { ManifestView } from "./manifest-view.tsx";
import "../styles/tables.css";
import "../styles/schedules.css";

export function ManifestsPage({ chosen }: { readonly chosen: string | undefined }) {
  const client = useClient();
  const [, navigate] = useLocation();
  const making = new URLSearchParams(useSearch()).has("new");
  const read = useRead(
    useCallback(
      async (signal: AbortSignal) => {
        const found: AgentSummary[] = [];
        for await (const agent of client.directory.agents({ signal })) if (agent.kind === "manifest") found.push(agent);
        return found;
      },
      [client],
    ),
  );
  useTitle("Manifests");
  const goTo = (id: string | undefined) => {
    read.reload();
    navigate(id === undefined ? "/manifests" : `/manifests/${encodeURIComponent(id)}`);
  };
  return (
    <div className="page inbox-page" data-chosen={chosen !== undefined || making}>
      <header className="page-head">
        <h1>Manifests</h1>
        <span className="head-end">
          {(chosen !== undefined || making) && (
            <Link href="/manifests" className="button start-close">
              All manifests
            </Link>
          )}
          <Link href="/manifests?new" className="button">
            <Icon name="plus" size={14} /> New manifest
          </Link>
        </span>
      </header>
      <ReadView read={read} what="The manifests">
        {(agents) =>
          agents.length === 0 && !making && chosen === undefined ? (
            <Notice icon="plan" title="No agent has a manifest yet">
              A manifest declares an agent in YAML or JSON: what it is for, which skills it may use, and how it reasons.
            </Notice>
          ) : (
            <div className="inbox">
              <ManifestList agents={agents} chosen={chosen} />
              {making ? (
                <ManifestEditor onStored={goTo} />
              ) : chosen !== undefined ? (
                <ManifestView key={chosen} id={chosen} onGone={() => goTo(undefined)} />
              ) : (
                <div className="agents-hint">
                  <Notice icon="plan" title="Choose a manifest">
                    Its versions are shown here, and a form that runs it.
                  </Notice>
                </div>
              )}
            </div>
          )
        }
      </ReadView>
    </div>
  );
}

interface ListProps {
  readonly agents: readonly AgentSummary[];
  readonly chosen: string | undefined;
}

function ManifestList({ agents, chosen }: ListProps) {
  return (
    <SideList
      label="Manifests"
      items={agents}
      hrefOf={({ agent_id: id }) => `/manifests/${encodeURIComponent(id)}`}
      chosen={agents.find(({ agent_id: id }) => id === chosen)}
    >
      {({ agent_id: id, description, version, status, bundled }) => (
        <>
          <span className="inbox-name">
            <b className="cut">{id}</b>
            <span className="quiet mono">{version}</span>
          </span>
          <span className="quiet cut">{description}</span>
          <span className="inbox-name">
            <ManifestStatus status={status} />
            {bundled && <span className="tag">part of the code</span>}
          </span>
        </>
      )}
    </SideList>
  );
}
