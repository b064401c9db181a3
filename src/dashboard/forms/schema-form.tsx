/** A form made of a JSON Schema: a labelled field for each property, with what is wrong beside it. */
import { useId } from "react";
import { Icon } from "../parts/icon.tsx";
import type { Draft, Field } from "./schema.ts";
import { initialDraft } from "./schema.ts";

interface Props {
  readonly field: Field;
  readonly draft: Draft;
  /** Path → sentence; shown where given. */
  readonly faults?: ReadonlyMap<string, string> | undefined;
  readonly onChange: (draft: Draft) => void;
}

export function SchemaForm({ field, draft, faults, onChange }: Props) {
  if (field.kind === "group" && field.name === "")
    return (
      <div className="schema-form">
        <GroupFields field={field} path="" draft={draft} faults={faults} onChange={onChange} />
      </div>
    );
  return <FieldView field={field} path={field.name} draft={draft} faults={faults} onChange={onChange} />;
}

interface FieldProps extends Props {
  readonly path: string;
}

function FieldView(props: FieldProps) {
  const { field } = props;
  if (field.kind === "group") return <Group {...props} field={field} />;
  if (field.kind === "list") return <List {...props} field={field} />;
  return <Simple {...props} field={field} />;
}

type Of<K extends Field["kind"]> = Omit<FieldProps, "field"> & { readonly field: Extract<Field, { kind: K }> };

function Group(props: Of<"group">) {
  const { title, required, description } = props.field;
  return (
    <fieldset className="field-group">
      <legend className="field-title">
        {title} {!required && <span className="quiet">optional</span>}
      </legend>
      {description !== undefined && <p className="quiet small">{description}</p>}
      <GroupFields {...props} />
    </fieldset>
  );
}

function GroupFields({ field, path, draft, faults, onChange }: Of<"group">) {
  const given = new Map(Object.entries(typeof draft === "object" && !Array.isArray(draft) ? draft : {}));
  return field.fields.map((inner) => (
    <FieldView
      key={inner.name}
      field={inner}
      path={path === "" ? inner.name : `${path}.${inner.name}`}
      draft={given.get(inner.name) ?? ""}
      faults={faults}
      onChange={(changed) => onChange({ ...Object.fromEntries(given), [inner.name]: changed })}
    />
  ));
}

function List({ field, path, draft, faults, onChange }: Of<"list">) {
  const items: readonly Draft[] = Array.isArray(draft) ? draft : [];
  const replace = (at: number, item: Draft) => onChange(items.map((known, place) => (place === at ? item : known)));
  const remove = (at: number) => onChange(items.filter((_, place) => place !== at));
  return (
    <fieldset className="field-group">
      <legend className="field-title">
        {field.title} {!field.required && <span className="quiet">optional</span>}
      </legend>
      {field.description !== undefined && <p className="quiet small">{field.description}</p>}
      {items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an item has no name but its place.
        <div key={at} className="list-item">
          <FieldView
            field={{ ...field.item, title: `${field.title} ${at + 1}` }}
            path={`${path}.${at}`}
            draft={item}
            faults={faults}
            onChange={(changed) => replace(at, changed)}
          />
          <button
            type="button"
            className="icon-button"
            aria-label={`Remove ${field.title} ${at + 1}`}
            onClick={() => remove(at)}
          >
            <Icon name="close" size={14} />
          </button>
        </div>
      ))}
      <button type="button" className="button small" onClick={() => onChange([...items, initialDraft(field.item)])}>
        <Icon name="plus" size={14} /> Add
      </button>
    </fieldset>
  );
}

type SimpleKind = "text" | "number" | "flag" | "choice" | "json";

function Simple({ field, path, draft, faults, onChange }: Of<SimpleKind>) {
  const id = useId();
  const fault = faults?.get(path);
  const described = [field.description && `${id}-about`, fault && `${id}-fault`].filter(Boolean).join(" ");
  const shared = {
    id,
    "aria-describedby": described === "" ? undefined : described,
    "aria-invalid": fault !== undefined,
    "aria-required": field.required,
  };
  const value = typeof draft === "string" ? draft : "";
  return (
    <div className="field">
      <label className="field-title" htmlFor={id}>
        {field.title} {!field.required && <span className="quiet">optional</span>}
      </label>
      <Control field={field} value={value} shared={shared} onChange={onChange} />
      {field.description !== undefined && (
        <p id={`${id}-about`} className="quiet small">
          {field.description}
        </p>
      )}
      {fault !== undefined && (
        <p id={`${id}-fault`} className="fault">
          {fault}
        </p>
      )}
    </div>
  );
}

interface ControlProps {
  readonly field: Extract<Field, { kind: SimpleKind }>;
  readonly value: string;
  readonly shared: object;
  readonly onChange: (text: string) => void;
}

function Control({ field, value, shared, onChange }: ControlProps) {
  const changed = (event: { readonly target: { readonly value: string } }) => onChange(event.target.value);
  switch (field.kind) {
    case "text":
      return field.long ? (
        <textarea {...shared} className="input" rows={4} value={value} onChange={changed} />
      ) : (
        <input {...shared} className="input" value={value} onChange={changed} />
      );
    case "number":
      return (
        <input
          {...shared}
          className="input num"
          inputMode="decimal"
          value={value}
          placeholder={rangeOf(field)}
          onChange={changed}
        />
      );
    case "flag":
    case "choice":
      return (
        <select {...shared} className="select" value={value} onChange={changed}>
          <option value="">{field.required ? "Choose…" : "Not set"}</option>
          {(field.kind === "flag" ? ["true", "false"] : field.options).map((option) => (
            <option key={option} value={option}>
              {field.kind === "flag" ? (option === "true" ? "Yes" : "No") : option}
            </option>
          ))}
        </select>
      );
    case "json":
      return (
        <textarea
          {...shared}
          className="input mono"
          rows={4}
          spellCheck={false}
          placeholder="JSON"
          value={value}
          onChange={changed}
        />
      );
  }
}

function rangeOf({ min, max }: { readonly min?: number; readonly max?: number }): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max.toLocaleString()}`;
  return min === undefined ? "" : `${min} or more`;
}
