/** Approve, reject or ask for changes: bound to the approval and to exactly the payload that was shown. */
import { useState } from "react";
import type { ApprovalAnswer } from "../../client/transport/options.ts";
import { Choices } from "../forms/choices.tsx";
import type { Draft, Field } from "../forms/schema.ts";
import { fieldOf, initialDraft, readDraft } from "../forms/schema.ts";
import { SchemaForm } from "../forms/schema-form.tsx";
import { Fault } from "../parts/fault.tsx";
import { useAct } from "../parts/use-act.ts";
import { sentence } from "../parts/words.ts";
import { useClient } from "../session/session.tsx";
import type { Asked } from "./question.ts";
import { answerSchemaOf } from "./question.ts";

interface Props {
  readonly asked: Asked;
  readonly onDecided?: () => void;
}

type Decision = ApprovalAnswer["decision"];

export function DecisionForm({ asked, onDecided }: Props) {
  const client = useClient();
  const { busy, fault, run } = useAct();
  const [option, setOption] = useState(asked.options[0]);
  const choices = asked.options.map((value) => ({ value, words: sentence(value) }));
  const [feedback, setFeedback] = useState("");
  const [field] = useState(() => answerField(asked.payload));
  const [draft, setDraft] = useState<Draft>(() => (field ? initialDraft(field) : ""));
  const [missing, setMissing] = useState<string>();
  const answer = field ? readDraft(field, draft) : undefined;
  const decide = async (decision: Decision) => {
    if (decision === "request_changes" && feedback.trim() === "") {
      setMissing("Say what should change: the program reads it.");
      return;
    }
    const faulty = decision === "approved" && (answer?.faults.size ?? 0) > 0;
    setMissing(faulty ? "Fill in what is asked for." : undefined);
    if (faulty) return;
    const done = await run(() =>
      client.approve(asked.executionId, answerOf(asked, { decision, option, feedback, answer })),
    );
    if (done) onDecided?.();
  };
  const start = (decision: Decision) => () => {
    decide(decision).catch(() => {});
  };
  return (
    <form className="decision" onSubmit={(event) => event.preventDefault()}>
      {asked.options.length > 0 && (
        <Choices title="How" choices={choices} chosen={option} onChoose={setOption} across />
      )}
      {field && <SchemaForm field={field} draft={draft} faults={answer?.faults} onChange={setDraft} />}
      <Feedback value={feedback} onChange={setFeedback} />
      <Fault said={missing ?? fault} />
      <div className="decision-buttons">
        <button type="button" className="button primary" disabled={busy} onClick={start("approved")}>
          Approve
        </button>
        <button type="button" className="button" disabled={busy} onClick={start("request_changes")}>
          Request changes
        </button>
        <button type="button" className="button danger" disabled={busy} onClick={start("rejected")}>
          Reject
        </button>
      </div>
    </form>
  );
}

function answerField(payload: unknown): Field | undefined {
  const schema = answerSchemaOf(payload);
  return schema && fieldOf({ type: "object", ...schema });
}

interface Given {
  readonly decision: Decision;
  readonly option: string | undefined;
  readonly feedback: string;
  readonly answer: ReturnType<typeof readDraft> | undefined;
}

function answerOf(asked: Asked, { decision, option, feedback, answer }: Given): ApprovalAnswer {
  return {
    decision,
    approval_request_id: asked.id,
    ...(asked.digest === undefined ? {} : { payload_digest: asked.digest }),
    ...(feedback.trim() === "" ? {} : { feedback: feedback.trim() }),
    ...(decision === "approved" && option !== undefined ? { option } : {}),
    ...(decision === "approved" && answer?.value !== undefined ? { response: answer.value } : {}),
  };
}

function Feedback({ value, onChange }: { readonly value: string; readonly onChange: (text: string) => void }) {
  return (
    <label className="field">
      <span className="field-title">
        Feedback <span className="quiet">needed to request changes</span>
      </span>
      <textarea
        className="input"
        rows={2}
        maxLength={20_000}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
