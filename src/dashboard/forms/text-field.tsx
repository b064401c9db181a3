import { useId } from "react";

interface Props {
  readonly title: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly optional?: boolean;
  /** An example, or what it is for. */
  readonly hint?: string | undefined;
  readonly fault?: string | undefined;
}

/** A line of text with its name above, and what is wrong with it below. */
export function TextField({ title, value, onChange, optional = false, hint, fault }: Props) {
  const id = useId();
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label className="field-title" htmlFor={id}>
        {title} {optional && <span className="quiet">optional</span>}
      </label>
      <input
        id={id}
        className="input"
        value={value}
        spellCheck={false}
        autoComplete="off"
        aria-required={!optional}
        aria-invalid={fault !== undefined}
        aria-describedby={described === "" ? undefined : described}
        onChange={(event) => onChange(event.target.value)}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className="quiet small">
          {hint}
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
