import { useState } from "react";
import { Form } from "../parts/form.tsx";
import { Menu } from "../parts/menu.tsx";
import { TextField } from "../parts/text-field.tsx";
import type { Filters } from "./filters.ts";

interface Props {
  readonly filters: Filters;
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

/** The filters that are used less often, in a panel. */
export function MoreFilters(props: Props) {
  return (
    <Menu button="More filters" label="More filters">
      {(close) => <Fields {...props} onDone={close} />}
    </Menu>
  );
}

function Fields({ filters, onChange, onDone }: Props & { readonly onDone: () => void }) {
  const [typed, setTyped] = useState(filters);
  return (
    <Form
      className="menu-form"
      onSubmit={async () => {
        onChange(typed);
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
      <button type="submit" className="button primary">
        Filter
      </button>
    </Form>
  );
}
