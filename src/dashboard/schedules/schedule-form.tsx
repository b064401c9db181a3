/** Makes a schedule, or changes one: which function, when, within which limits, and its input as the function's schema asks for it. */
import { useCallback, useMemo, useState } from "react";
import type { AgentSummary } from "../../client/directory.ts";
import type { NewSchedule, ScheduleRecord } from "../../client/schedules.ts";
import { Form } from "../forms/form.tsx";
import type { Draft } from "../forms/schema.ts";
import { fieldOf, formValueOf, initialDraft, readDraft } from "../forms/schema.ts";
import { SchemaForm } from "../forms/schema-form.tsx";
import { Fault } from "../parts/fault.tsx";
import { ReadView } from "../parts/read-view.tsx";
import { upTo } from "../parts/up-to.ts";
import { useAct } from "../parts/use-act.ts";
import { useRead } from "../parts/use-read.ts";
import { useClient } from "../session/session.tsx";
import { ScheduleFields } from "./schedule-fields.tsx";
import type { Typed } from "./wanted.ts";
import { changeOf, newTyped, scheduleOf, typedOf } from "./wanted.ts";

type AgentFunction = AgentSummary["functions"][number];

interface Props {
  /** The schedule that is changed; undefined: a new one is made. */
  readonly before: ScheduleRecord | undefined;
  readonly onDone: (id: string) => void;
}

export function ScheduleForm({ before, onDone }: Props) {
  const client = useClient();
  const read = useRead(
    useCallback(
      async (signal: AbortSignal) => (await upTo(1_000, client.directory.agents({ signal }))).items,
      [client],
    ),
  );
  return (
    <div className="panel approval new-schedule">
      <h2 className="long">{before ? `Change ${before.schedule_id}` : "New schedule"}</h2>
      <ReadView read={read} what="The functions">
        {(agents) => (
          <Fields functions={agents.flatMap(({ functions }) => functions)} before={before} onDone={onDone} />
        )}
      </ReadView>
    </div>
  );
}

interface FieldsProps extends Props {
  readonly functions: readonly AgentFunction[];
}

function Fields({ functions, before, onDone }: FieldsProps) {
  const { schedules } = useClient();
  const { busy, fault, run } = useAct();
  const [typed, setTyped] = useState<Typed>(() => firstTyped(before));
  const [tried, setTried] = useState(false);
  const field = useMemo(() => inputField(functions, typed.target), [functions, typed.target]);
  const first = useMemo(() => firstDraft(field, before, typed.target), [field, before, typed.target]);
  const [edited, setEdited] = useState<Draft>();
  const draft = edited ?? first;
  const { value, faults } = readDraft(field, draft);
  const change = (changed: Partial<Typed>) => {
    setTyped({ ...typed, ...changed });
    if (changed.target !== undefined) setEdited(undefined);
  };
  const send = async () => {
    setTried(true);
    if (typed.target === "" || typed.when.trim() === "" || faults.size > 0) return;
    const input = (value ?? {}) as NonNullable<NewSchedule["input"]>;
    const asked = edited === undefined && before?.target === typed.target ? undefined : input;
    await run(async () => {
      const done = before
        ? await schedules.change(before.schedule_id, changeOf(before, typed, asked))
        : await schedules.create(scheduleOf(typed, input));
      onDone(done.schedule_id);
    });
  };
  return (
    <Form noValidate onSubmit={send}>
      <ScheduleFields
        typed={typed}
        isNew={before === undefined}
        tried={tried}
        functions={functions}
        onChange={change}
      />
      {typed.target !== "" && (
        <SchemaForm field={field} draft={draft} faults={tried ? faults : undefined} onChange={setEdited} />
      )}
      <Fault said={fault} />
      <div className="decision-buttons">
        <button type="submit" className="button primary" disabled={busy}>
          {words(before !== undefined, busy)}
        </button>
        {before && (
          <button type="button" className="button" onClick={() => onDone(before.schedule_id)}>
            Keep it as it is
          </button>
        )}
      </div>
    </Form>
  );
}

function words(isChange: boolean, busy: boolean): string {
  if (isChange) return busy ? "Saving…" : "Save changes";
  return busy ? "Making it…" : "Create schedule";
}

function firstTyped(before: ScheduleRecord | undefined): Typed {
  return before ? typedOf(before) : newTyped(Intl.DateTimeFormat().resolvedOptions().timeZone);
}

function inputField(functions: readonly AgentFunction[], target: string) {
  const schema = functions.find((one) => one.target === target)?.input_schema;
  return fieldOf(schema ?? { type: "object", properties: {} });
}

function firstDraft(field: ReturnType<typeof fieldOf>, before: ScheduleRecord | undefined, target: string): Draft {
  return before?.target === target ? formValueOf(field, before.input) : initialDraft(field);
}
