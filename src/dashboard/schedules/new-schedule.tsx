/** Makes a schedule: which function, when, and its input as the function's schema asks for it. */
import { useCallback, useMemo, useState } from "react";
import type { AgentSummary } from "../../client/directory.ts";
import type { NewSchedule as Wanted } from "../../client/schedules.ts";
import type { Draft } from "../forms/schema.ts";
import { fieldOf, initialDraft, readDraft } from "../forms/schema.ts";
import { SchemaForm } from "../forms/schema-form.tsx";
import { Choices } from "../parts/choices.tsx";
import { Fault } from "../parts/fault.tsx";
import { Form } from "../parts/form.tsx";
import { ReadView } from "../parts/read-view.tsx";
import { TextField } from "../parts/text-field.tsx";
import { useAct } from "../parts/use-act.ts";
import { upTo, useRead } from "../parts/use-read.ts";
import { useClient } from "../session/session.tsx";

type AgentFunction = AgentSummary["functions"][number];
type Kind = "every" | "cron" | "at";

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

interface Props {
  readonly onMade: (id: string) => void;
}

export function NewSchedule({ onMade }: Props) {
  const client = useClient();
  const read = useRead(
    useCallback(
      async (signal: AbortSignal) => (await upTo(1_000, client.directory.agents({ signal }))).items,
      [client],
    ),
  );
  return (
    <div className="panel approval new-schedule">
      <h2>New schedule</h2>
      <ReadView read={read} what="The functions">
        {(agents) => <ScheduleForm functions={agents.flatMap(({ functions }) => functions)} onMade={onMade} />}
      </ReadView>
    </div>
  );
}

function ScheduleForm({ functions, onMade }: Props & { readonly functions: readonly AgentFunction[] }) {
  const client = useClient();
  const { busy, fault, run } = useAct();
  const [target, setTarget] = useState("");
  const [kind, setKind] = useState<Kind>("every");
  const [when, setWhen] = useState("");
  const [id, setId] = useState("");
  const [timezone, setTimezone] = useState(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [overlap, setOverlap] = useState<"skip" | "queue" | "allow">("skip");
  const [tried, setTried] = useState(false);
  const chosen = functions.find((one) => one.target === target);
  const field = useMemo(() => inputOf(chosen), [chosen]);
  const [draft, setDraft] = useState<Draft>(() => initialDraft(field));
  const { value, faults } = readDraft(field, draft);
  const missing = (text: string) => (tried && text.trim() === "" ? "This field is required." : undefined);
  const timing = KINDS.find((one) => one.value === kind);
  const make = async () => {
    setTried(true);
    if (target === "" || when.trim() === "" || faults.size > 0) return;
    const wanted: Wanted = {
      target,
      [kind]: when.trim(),
      timezone: timezone.trim() === "" ? "UTC" : timezone.trim(),
      overlap,
      input: (value ?? {}) as NonNullable<Wanted["input"]>,
      ...(id.trim() === "" ? {} : { schedule_id: id.trim() }),
    };
    await run(async () => onMade((await client.schedules.create(wanted)).schedule_id));
  };
  const choose = (wanted: string) => {
    setTarget(wanted);
    setDraft(initialDraft(inputOf(functions.find((one) => one.target === wanted))));
  };
  return (
    <Form noValidate onSubmit={make}>
      <label className="field">
        <span className="field-title">Function</span>
        <select
          className="select"
          value={target}
          aria-invalid={missing(target) !== undefined}
          onChange={(event) => choose(event.target.value)}
        >
          <option value="">Choose…</option>
          {functions.map((one) => (
            <option key={one.target}>{one.target}</option>
          ))}
        </select>
        <Fault said={missing(target)} />
      </label>
      <Choices title="When" choices={KINDS} chosen={kind} onChoose={setKind} across />
      <div className="half">
        <TextField
          title={timing?.title ?? ""}
          value={when}
          onChange={setWhen}
          hint={timing?.hint}
          fault={missing(when)}
        />
        <TextField
          title="Time zone"
          value={timezone}
          onChange={setTimezone}
          optional
          hint="Europe/Berlin; default UTC"
        />
      </div>
      <Choices title="While one still runs" choices={OVERLAPS} chosen={overlap} onChoose={setOverlap} across />
      <TextField
        title="Name"
        value={id}
        onChange={setId}
        optional
        hint="A name in the address; default one that is made up"
      />
      {chosen && <SchemaForm field={field} draft={draft} faults={tried ? faults : undefined} onChange={setDraft} />}
      <Fault said={fault} />
      <button type="submit" className="button primary" disabled={busy}>
        {busy ? "Making it…" : "Create schedule"}
      </button>
    </Form>
  );
}

function inputOf(offered: AgentFunction | undefined) {
  return fieldOf(offered?.input_schema ?? { type: "object", properties: {} });
}

const OVERLAPS = [
  { value: "skip", words: "Skip the instant" },
  { value: "queue", words: "Wait" },
  { value: "allow", words: "Start beside it" },
] as const;
