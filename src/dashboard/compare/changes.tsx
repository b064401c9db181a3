import { JsonView } from "../parts/json-view.tsx";
import { changesOf } from "./difference.ts";

interface Props {
  readonly left: unknown;
  readonly right: unknown;
  /** What is said where nothing differs. */
  readonly alike: string;
}

const MOST = 100;

/** The places at which two values differ, each with both sides. */
export function Changes({ left, right, alike }: Props) {
  const changes = changesOf(left, right, MOST);
  if (changes.length === 0) return <p className="quiet">{alike}</p>;
  return (
    <>
      <ul className="changes">
        {changes.map(({ path, left: before, right: after }) => (
          <li key={path} className="change">
            <code className="long">{path === "" ? "the whole value" : path}</code>
            <Value value={before} side="left" />
            <Value value={after} side="right" />
          </li>
        ))}
      </ul>
      {changes.length === MOST && <p className="quiet small">The first {MOST} differences are shown.</p>}
    </>
  );
}

function Value({ value, side }: { readonly value: unknown; readonly side: string }) {
  if (value === undefined) return <span className="quiet">not there {side === "left" ? "left" : "right"}</span>;
  return typeof value === "object" && value !== null ? (
    <JsonView value={value} name={side} />
  ) : (
    <code className="change-value long" data-side={side}>
      {JSON.stringify(value)}
    </code>
  );
}
