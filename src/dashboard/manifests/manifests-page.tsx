/** Agents that a manifest declares, beside the one that is looked at, or a manifest that is being stored. */
import { useCallback } from "react";
import { Link, useLocation, useSearch } from "wouter";
import type { AgentSummary } from "../../client/directory.ts";
import { Icon } from "../parts/icon.tsx";
import { ListPage } from "../parts/list-page.tsx";
import { SideList } from "../parts/side-list.tsx";
import { upTo } from "../parts/up-to.ts";
import { useRead } from "../parts/use-read.ts";
import { useClient } from "../session/session.tsx";
import { manifestAgents } from "./manifest-agents.ts";
import { ManifestEditor } from "./manifest-editor.tsx";
import { ManifestStatus } from "./manifest-status.tsx";
import { ManifestView } from "./manifest-view.tsx";
import "../styles/tables.css";
import "../styles/schedules.css";

const MOST = 300;

export function ManifestsPage({ chosen }: { readonly chosen: string | undefined }) {
  const client = useClient();
  const [, navigate] = useLocation();
  const making = new URLSearchParams(useSearch()).has("new");
  const read = useRead(useCallback((signal: AbortSignal) => upTo(MOST, manifestAgents(client, signal)), [client]));
  const goTo = (id: string | undefined) => {
    read.reload();
    navigate(id === undefined ? "/manifests" : `/manifests/${encodeURIComponent(id)}`);
  };
  const item = making ? (
    <ManifestEditor onStored={goTo} />
  ) : chosen !== undefined ? (
    <ManifestView key={chosen} id={chosen} onGone={() => goTo(undefined)} />
  ) : undefined;
  return (
    <ListPage
      title="Manifests"
      href="/manifests"
      icon="plan"
      read={read}
      isEmpty={({ items }) => items.length === 0}
      none={{
        title: "No agent has a manifest yet",
        words:
          "A manifest declares an agent in YAML or JSON: what it is for, which skills it may use, and how it reasons.",
      }}
      choose={{ title: "Choose a manifest", words: "Its versions are shown here, and a form that runs it." }}
      list={({ items, more }) => <ManifestList items={items} more={more} chosen={chosen} />}
      item={item}
      buttons={
        <Link href="/manifests?new" className="button">
          <Icon name="plus" size={14} /> New manifest
        </Link>
      }
    />
  );
}

interface ListProps {
  readonly items: readonly AgentSummary[];
  readonly more: boolean;
  readonly chosen: string | undefined;
}

function ManifestList({ items, more, chosen }: ListProps) {
  return (
    <SideList
      label="Manifests"
      items={items}
      hrefOf={({ agent_id: id }) => `/manifests/${encodeURIComponent(id)}`}
      chosen={items.find(({ agent_id: id }) => id === chosen)}
      more={more}
    >
      {({ agent_id: id, description, version, status, bundled }) => (
        <>
          <span className="inbox-name">
            <b className="cut">{id}</b>
            <span className="quiet mono cut">{version}</span>
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
