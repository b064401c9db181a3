/** A filter by a search attribute: its name, a comparison and a value, with the values that executions have and how often. */
import { useCallback, useId } from "react";
import type { ExecutionSummary } from "../../client/transport/options.ts";
import { AttributeName } from "../../domain/execution/search-attributes.ts";
import { Fault } from "../parts/fault.tsx";
import { useRead } from "../parts/use-read.ts";
import { useSettled } from "../parts/use-settled.ts";
import { count } from "../parts/words.ts";
import { useClient } from "../session/session.tsx";
import type { Comparison } from "./attribute-tests.ts";
import { COMPARISONS, valueText } from "./attribute-tests.ts";

/** As it stands in the fields. */
export interface TypedAttribute {
  readonly name: string;
  readonly comparison: Comparison;
  readonly value: string;
}

interface Props {
  readonly typed: TypedAttribute;
  /** Of the list: their attributes are offered. */
  readonly rows: readonly ExecutionSummary[];
  readonly onChange: (typed: TypedAttribute) => void;
}

const WORDS: Readonly<{ [C in Comparison]: string }> = {
  "=": "is",
  ">=": "at least",
  "<=": "at most",
  ">": "more than",
  "<": "less than",
};
const MOST_VALUES = 8;
/** A list says which names there are by its first rows. */
const LOOKED_AT = 500;
const TYPED_MS = 250;

export function AttributeFields({ typed, rows, onChange }: Props) {
  const id = useId();
  const names = [...new Set(rows.slice(0, LOOKED_AT).flatMap(({ attributes }) => Object.keys(attributes ?? {})))];
  const name = useSettled(typed.name.trim(), TYPED_MS);
  return (
    <fieldset className="choices">
      <legend className="field-title">
        Attribute <span className="quiet">optional</span>
      </legend>
      <div className="attribute-fields">
        <input
          className="input"
          aria-label="Attribute"
          placeholder="customer"
          list={`${id}-names`}
          autoComplete="off"
          spellCheck={false}
          value={typed.name}
          onChange={(event) => onChange({ ...typed, name: event.target.value })}
        />
        <datalist id={`${id}-names`}>
          {names.sort().map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <select
          className="select"
          aria-label="Comparison"
          value={typed.comparison}
          onChange={(event) => {
            const comparison = COMPARISONS.find(([word]) => word === event.target.value)?.[0] ?? "=";
            onChange({ ...typed, comparison });
          }}
        >
          {Object.entries(WORDS).map(([word, words]) => (
            <option key={word} value={word}>
              {words}
            </option>
          ))}
        </select>
        <input
          className="input"
          aria-label="Value"
          placeholder="acme"
          autoComplete="off"
          spellCheck={false}
          value={typed.value}
          onChange={(event) => onChange({ ...typed, value: event.target.value })}
        />
      </div>
      {AttributeName.safeParse(name).success && (
        <Values name={name} typed={typed} onChoose={(value) => onChange({ ...typed, value })} />
      )}
    </fieldset>
  );
}

interface ValuesProps {
  readonly name: string;
  readonly typed: TypedAttribute;
  readonly onChoose: (value: string) => void;
}

/** The most frequent values. A press takes one. */
function Values({ name, typed, onChoose }: ValuesProps) {
  const { operations } = useClient();
  const { value, fault } = useRead(
    useCallback(
      (signal: AbortSignal) => operations.attribute(name, { limit: MOST_VALUES, signal }),
      [operations, name],
    ),
  );
  if (value === undefined) return <Fault said={fault} />;
  if (value.items.length === 0) return <p className="quiet small">No execution has this attribute.</p>;
  return (
    <>
      <ul className="menu-list" aria-label={`Values of ${name}`}>
        {value.items.map(({ value: one, count: executions }) => (
          <li key={JSON.stringify(one)}>
            <button
              type="button"
              className="menu-item counted"
              aria-pressed={typed.value === valueText(one)}
              onClick={() => onChoose(valueText(one))}
            >
              <span className="cut">{String(one)}</span>
              <span className="quiet num">{count(executions)}</span>
            </button>
          </li>
        ))}
      </ul>
      {!value.complete && (
        <p className="quiet small">Counted in {count(value.executions)} executions; there are more.</p>
      )}
    </>
  );
}
