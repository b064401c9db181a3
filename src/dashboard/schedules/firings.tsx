import { Link } from "wouter";
import type { FiringRecord } from "../../client/schedules.ts";
import { useNow } from "../live/now.ts";
import { Mark } from "../parts/mark.tsx";
import type { Column } from "../parts/table.tsx";
import { Table } from "../parts/table.tsx";
import { When } from "../parts/when.tsx";
import { shortId } from "../parts/words.ts";

const OUTCOMES = {
  started: { kind: "ok", words: "Started" },
  skipped: { kind: "rest", words: "Skipped" },
  missed: { kind: "warn", words: "Missed" },
  refused: { kind: "bad", words: "Refused" },
} as const satisfies { readonly [O in FiringRecord["outcome"]]: object };

/** What became of the instants, the newest first. */
export function Firings({ items, more }: { readonly items: readonly FiringRecord[]; readonly more: boolean }) {
  const now = useNow(10_000);
  if (items.length === 0) return <p className="quiet">It has not fired yet.</p>;
  const columns: readonly Column<FiringRecord>[] = [
    { title: "Outcome", cell: ({ outcome }) => <Mark {...OUTCOMES[outcome]} /> },
    {
      title: "Instant",
      cell: ({ instant, manual }) => (
        <span>
          <When at={instant} now={now} /> {manual && <span className="tag">by hand</span>}
        </span>
      ),
    },
    {
      title: "Execution",
      cell: ({ execution_id: id, reason }) =>
        id === undefined ? (
          <span className="quiet">{reason}</span>
        ) : (
          <Link className="mono" href={`/executions/${encodeURIComponent(id)}`}>
            {shortId(id)}
          </Link>
        ),
    },
  ];
  const keyOf = ({ instant, at, outcome, execution_id: id }: FiringRecord) => `${instant} ${at} ${outcome} ${id ?? ""}`;
  return (
    <>
      <Table label="What became of its instants" columns={columns} rows={items} keyOf={keyOf} />
      {more && <p className="quiet small">The newest {items.length} are shown.</p>}
    </>
  );
}
