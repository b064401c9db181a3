/** The fields of a schedule: which function, when, and within which limits. What is typed is the form's. */
import type { AgentSummary } from "../../client/directory.ts";
import { Choices } from "../forms/choices.tsx";
import { TextField } from "../forms/text-field.tsx";
import { Fault } from "../parts/fault.tsx";
import type { Kind, Typed } from "./wanted.ts";

interface Props {
  readonly typed: Typed;
  readonly isNew: boolean;
  /** True once it was sent: what is missing is said. */
  readonly tried: boolean;
  readonly functions: readonly AgentSummary["functions"][number][];
  readonly onChange: (changed: Partial<Typed>) => void;
}

const KINDS: readonly {
  readonly value: Kind;
  readonly words: string;
  readonly title: string;
  readonly hint: string;
}[] = [
  { value: "every", words: "At an interval", title: "Every", hint: "2s, 15m, 1h30m" },
  { value: "cron", words: "By the clock", title: "Cron pattern", hint: "0 8 * * 1-5: weekdays at eight" },
  { value: "at", words: "Once", title: "At", hint: "2026-12-24T18:00:00Z, or without Z in the time zone" },
];

const OVERLAPS = [
  { value: "skip", words: "Skip the instant" },
  { value: "queue", words: "Wait" },
  { value: "allow", words: "Start beside it" },
] as const;

const CATCH_UPS = [
  { value: "all", words: "Fire all of them late" },
  { value: "last", words: "Fire the last one late" },
  { value: "none", words: "Leave them out" },
] as const;

export function ScheduleFields({ typed, isNew, tried, functions, onChange }: Props) {
  const missing = (text: string) => (tried && text.trim() === "" ? "This field is required." : undefined);
  const kind = KINDS.find(({ value }) => value === typed.kind);
  const targets = functions.map(({ target }) => target);
  return (
    <>
      <label className="field">
        <span className="field-title">Function</span>
        <select
          className="select"
          value={typed.target}
          aria-invalid={missing(typed.target) !== undefined}
          onChange={(event) => onChange({ target: event.target.value })}
        >
          <option value="">Choose…</option>
          {(typed.target === "" || targets.includes(typed.target) ? targets : [typed.target, ...targets]).map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
        <Fault said={missing(typed.target)} />
      </label>
      <Choices
        title="When"
        choices={KINDS}
        chosen={typed.kind}
        onChoose={(value) => onChange({ kind: value, when: "" })}
        across
      />
      <div className="half">
        <TextField
          title={kind?.title ?? ""}
          value={typed.when}
          onChange={(when) => onChange({ when })}
          hint={kind?.hint}
          fault={missing(typed.when)}
        />
        <TextField
          title="Time zone"
          value={typed.timezone}
          onChange={(timezone) => onChange({ timezone })}
          optional
          hint="Europe/Berlin; default UTC"
        />
      </div>
      <Choices
        title="While one still runs"
        choices={OVERLAPS}
        chosen={typed.overlap}
        onChoose={(overlap) => onChange({ overlap })}
        across
      />
      {isNew && (
        <TextField
          title="Name"
          value={typed.id}
          onChange={(id) => onChange({ id })}
          optional
          hint="A name in the address; default one that is made up"
        />
      )}
      <Limits typed={typed} onChange={onChange} />
    </>
  );
}

const BOUNDS = [
  { field: "startsAt", title: "Not before", hint: "2026-12-01T00:00:00Z" },
  { field: "endsAt", title: "Not after", hint: "2026-12-31T23:59:59Z" },
  { field: "maxRuns", title: "Most firings", hint: "It has ended then" },
  { field: "jitter", title: "Jitter", hint: "30s: begins up to so much later" },
  { field: "session", title: "Session", hint: "session_id of its executions" },
] as const;

function Limits({ typed, onChange }: Pick<Props, "typed" | "onChange">) {
  return (
    <details className="more-fields">
      <summary>Limits and missed instants</summary>
      <Choices
        title="Instants that were missed"
        choices={CATCH_UPS}
        chosen={typed.catchUp}
        onChoose={(catchUp) => onChange({ catchUp })}
        across
      />
      <div className="half">
        {BOUNDS.map(({ field, title, hint }) => (
          <TextField
            key={field}
            title={title}
            value={typed[field]}
            onChange={(text) => onChange({ [field]: text })}
            optional
            hint={hint}
          />
        ))}
      </div>
    </details>
  );
}
