import { Link } from "wouter";
import type { Client } from "../../client/client.ts";
import { Mark } from "../parts/mark.tsx";
import type { Column } from "../parts/table.tsx";
import { Table } from "../parts/table.tsx";
import { Ago } from "../parts/when.tsx";

type Node = ReturnType<Client["nodes"]["list"]> extends AsyncGenerator<infer N> ? N : never;

const HEALTH = {
  active: { kind: "ok", words: "There" },
  degraded: { kind: "warn", words: "Slow to answer" },
  inactive: { kind: "bad", words: "Gone" },
} as const;

interface Props {
  readonly items: readonly Node[];
  readonly more: boolean;
  readonly now: number;
}

/** Nodes with their presence and what they offer. */
export function NodesTable({ items, more, now }: Props) {
  if (items.length === 0) return <p className="quiet">No agent of another process has registered.</p>;
  const columns: readonly Column<Node>[] = [
    {
      title: "Agent",
      cell: ({ id, version, base_url: url }) => (
        <span className="cell-main">
          <b>
            {id} <span className="quiet mono">{version}</span>
          </b>
          <span className="quiet long">{url}</span>
        </span>
      ),
    },
    {
      title: "Presence",
      cell: ({ health_status: health, lifecycle_status: life }) => (
        <span className="cell-main">
          <Mark {...HEALTH[health]} />
          <span className="quiet">{life}</span>
        </span>
      ),
    },
    { title: "Last heard", cell: ({ last_heartbeat: at }) => <Ago at={at} now={now} /> },
    { title: "Functions", number: true, cell: ({ reasoners, skills }) => reasoners.length + skills.length },
    {
      title: "",
      number: true,
      cell: ({ id }) => (
        <Link className="button small" href={`/executions?agent=${encodeURIComponent(id)}`}>
          Executions
        </Link>
      ),
    },
  ];
  return (
    <>
      <Table
        label="Agents that are called"
        columns={columns}
        rows={items}
        keyOf={({ id, version }) => `${id} ${version}`}
      />
      {more && <p className="quiet small">The first {items.length} are shown.</p>}
    </>
  );
}
