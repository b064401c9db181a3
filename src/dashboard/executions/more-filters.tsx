/** The filters of the list that are used less often, in a panel: what an execution belongs to, when it was created, an attribute. */
import { useState } from "react";
import type { ExecutionSummary } from "../../client/transport/options.ts";
import { Form } from "../forms/form.tsx";
import { TextField } from "../forms/text-field.tsx";
import { Fault } from "../parts/fault.tsx";
import { Later, later } from "../parts/later.tsx";
import { Menu } from "../parts/menu.tsx";
import type { TypedAttribute } from "./attribute-fields.tsx";
import { attributeTestIn, withTest } from "./attribute-tests.ts";
import type { Filters } from "./filters.ts";

const ATTRIBUTE = later(() => import("./attribute-fields.tsx").then((module) => module.AttributeFields));

interface Props {
  readonly filters: Filters;
  /** What is listed now. */
  readonly rows: readonly ExecutionSummary[];
  readonly onChange: (filters: Filters) => void;
}

/** What an execution may be of, and how the field is called. */
const NAMES = [
  ["target", "Function", "agent.function"],
  ["agent", "Agent", undefined],
  ["session", "Session", undefined],
  ["run", "Run", undefined],
  ["actor", "Actor", undefined],
  ["schedule", "Schedule", undefined],
] as const;

export function MoreFilters(props: Props) {
  return (
    <Menu button="More filters" label="More filters">
      {(close) => <Fields {...props} onDone={close} />}
    </Menu>
  );
}

const ATTRIBUTE_FAULT =
  "An attribute is a name of letters, digits, _ . - and a value; a bound is a text or a number, and not true or false.";
const NO_ATTRIBUTE: TypedAttribute = { name: "", comparison: "=", value: "" };

function Fields({ filters, rows, onChange, onDone }: Props & { readonly onDone: () => void }) {
  const [typed, setTyped] = useState(filters);
  const [attribute, setAttribute] = useState(NO_ATTRIBUTE);
  const [fault, setFault] = useState<string>();
  return (
    <Form
      className="menu-form"
      onSubmit={async () => {
        const { name, comparison, value } = attribute;
        const test = attributeTestIn(`${name.trim()}${comparison}${value}`);
        const isEmpty = name.trim() === "" && value.trim() === "";
        if (!isEmpty && (test === undefined || value.trim() === "")) return setFault(ATTRIBUTE_FAULT);
        onChange(test && !isEmpty ? { ...typed, attributes: withTest(typed.attributes, test) } : typed);
        onDone();
      }}
    >
      {NAMES.map(([name, title, hint]) => (
        <TextField
          key={name}
          title={title}
          value={typed[name]}
          hint={hint}
          optional
          onChange={(text) => setTyped({ ...typed, [name]: text })}
        />
      ))}
      {(["from", "to"] as const).map((name) => (
        <label key={name} className="field">
          <span className="field-title">
            {name === "from" ? "Created from" : "Created before"} <span className="quiet">optional</span>
          </span>
          <input
            className="input"
            type="datetime-local"
            value={typed[name]}
            onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
          />
        </label>
      ))}
      <Later part={ATTRIBUTE} props={{ typed: attribute, rows, onChange: setAttribute }} rows={2} />
      <Fault said={fault} />
      <button type="submit" className="button primary">
        Filter
      </button>
    </Form>
  );
}
