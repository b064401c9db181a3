import { useState } from "react";
import { Link } from "wouter";
import type { Event } from "../../domain/execution/event.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import { useChanges } from "../live/feed.tsx";
import { shortId } from "../parts/words.ts";
import { unconfirmedIn } from "./unconfirmed.ts";

/** Of a cancelled execution: the children that have not said that they stopped. Its log may be closed: lists tell of their ends. */
export function UnconfirmedChildren({ events }: { readonly events: readonly Event[] }) {
  const [ended, setEnded] = useState<ReadonlySet<string>>(new Set());
  const open = unconfirmedIn(events).filter(({ id }) => !ended.has(id));
  useChanges((rows) => {
    const over = rows.filter((row) => isTerminal(row.status) && open.some(({ id }) => id === row.execution_id));
    if (over.length > 0) setEnded((before) => new Set([...before, ...over.map((row) => row.execution_id)]));
  });
  if (open.length === 0) return null;
  return (
    <div role="status">
      <p>
        {open.length === 1 ? "One child has" : `${open.length} children have`} not confirmed yet that nothing goes on
        there:
      </p>
      <ul className="why-children">
        {open.map(({ id, target }) => (
          <li key={id}>
            <Link href={`/executions/${encodeURIComponent(id)}`}>
              {target} <span className="mono quiet">{shortId(id)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
