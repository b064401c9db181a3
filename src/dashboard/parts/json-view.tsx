/** A JSON value as a tree that opens and closes by mouse and keyboard. */
import { useMemo } from "react";
import { allExpanded, JsonView as Tree } from "react-json-view-lite";
import { CopyButton } from "./copy-button.tsx";

const STYLES = {
  container: "json",
  basicChildStyle: "json-child",
  childFieldsContainer: "json-children",
  label: "json-label",
  clickableLabel: "json-label clickable",
  nullValue: "json-null",
  undefinedValue: "json-null",
  numberValue: "json-number",
  stringValue: "json-string",
  booleanValue: "json-flag",
  otherValue: "json-null",
  punctuation: "json-mark",
  expandIcon: "json-open",
  collapseIcon: "json-close",
  collapsedContent: "json-more",
  noQuotesForStringValues: false,
  quotesForFieldNames: false,
  ariaLables: { collapseJson: "Close", expandJson: "Open" },
  stringifyStringValues: true,
} as const;
/** Values of this many characters open whole. */
const SMALL = 4_000;
const OPEN_LEVELS = 2;

export function JsonView({ value, name }: { readonly value: unknown; readonly name: string }) {
  const text = useMemo(() => JSON.stringify(value, null, 2) ?? "", [value]);
  const isTree = typeof value === "object" && value !== null;
  const opens = text.length <= SMALL ? allExpanded : (level: number) => level < OPEN_LEVELS;
  return (
    <div className="json-box">
      <div className="json-copy">
        <CopyButton text={text} what={`${name} as JSON`} />
      </div>
      {isTree ? (
        <Tree data={value} style={STYLES} shouldExpandNode={opens} aria-label={name} />
      ) : (
        <pre className="json-plain">{typeof value === "string" ? value : text}</pre>
      )}
    </div>
  );
}
