import { useState } from "react";
import { duration, sentence, shortId } from "../parts/words.ts";
import { Changes } from "./changes.tsx";
import type { Row, Side } from "./difference.ts";

/** Every entry of either side; those that differ open to show how. */
export function EntryRows({ rows }: { readonly rows: readonly Row[] }) {
  const [all, setAll] = useState(false);
  const different = rows.filter(({ differs }) => differs.length > 0);
  if (rows.length === 0) return <p className="quiet">Neither has asked for anything.</p>;
  return (
    <>
      <p className="quiet">
        {different.length === 0 ? "All entries are alike." : `${different.length} of ${rows.length} entries differ.`}{" "}
        <button type="button" className="button small" aria-pressed={all} onClick={() => setAll(!all)}>
          {all ? "Only what differs" : "All entries"}
        </button>
      </p>
      <ul className="entry-rows">
        {(all ? rows : different).map((row) => (
          <EntryRow key={row.key} row={row} />
        ))}
      </ul>
    </>
  );
}

function EntryRow({ row: { key, left, right, differs } }: { readonly row: Row }) {
  const { span } = (left ?? right) as Side;
  return (
    <li className="panel entry-row" data-differs={differs.length > 0}>
      <details>
        <summary title={key}>
          <span className="kind" data-kind={span.kind} aria-hidden="true" />
          <b className="cut">{span.label}</b>
          <span className="quiet">{sentence(span.kind)}</span>
          <Short side={left} />
          <Short side={right} />
          <span className="entry-differs">{differs.join(", ")}</span>
        </summary>
        <h3>Asked</h3>
        <Changes left={left?.asked} right={right?.asked} alike="The same was asked." />
        <h3>Came of it</h3>
        <Changes left={left?.came} right={right?.came} alike="The same came of it." />
        {[left, right].map(
          (side, at) =>
            side?.span.error && (
              <p
                key={at === 0 ? "left" : "right"}
                className="fault keep-lines"
              >{`${at === 0 ? "Left" : "Right"}: ${side.span.error}`}</p>
            ),
        )}
      </details>
    </li>
  );
}

function Short({ side }: { readonly side: Side | undefined }) {
  if (!side) return <span className="quiet">–</span>;
  const { span, reusedFrom } = side;
  if (reusedFrom !== undefined)
    return (
      <span className="quiet">
        taken over from <span className="mono">{shortId(reusedFrom)}</span>
      </span>
    );
  const lasted = span.endMs === undefined ? "" : `, ${duration(span.endMs - span.startMs)}`;
  return (
    <span className="num">
      {sentence(span.status)}
      {lasted}
      {span.tries.length > 1 && `, ${span.tries.length} tries`}
    </span>
  );
}
