/** An effect in doubt: no process saw whether it happened. Its evidence, and the three answers that a person can give. */
import { useState } from "react";
import type { Json } from "../../domain/values/json.ts";
import { Choices } from "../forms/choices.tsx";
import { Form } from "../forms/form.tsx";
import { Fault } from "../parts/fault.tsx";
import { useAct } from "../parts/use-act.ts";
import { useClient } from "../session/session.tsx";
import type { Asked } from "./question.ts";

type Answer = "retry" | "succeeded" | "failed";

const ANSWERS: readonly { readonly value: Answer; readonly words: string; readonly more: string }[] = [
  { value: "succeeded", words: "It happened", more: "The program goes on with the result that you give." },
  { value: "failed", words: "It did not happen", more: "The program hears that the effect has failed." },
  { value: "retry", words: "Try again", more: "It may then happen a second time." },
];

export function DoubtForm({ asked, onDecided }: { readonly asked: Asked; readonly onDecided?: () => void }) {
  const client = useClient();
  const { busy, fault, run } = useAct();
  const [answer, setAnswer] = useState<Answer>("succeeded");
  const [result, setResult] = useState("");
  const resolve = () => {
    const params = answer === "succeeded" && result.trim() !== "" ? { params: { result: resultOf(result) } } : {};
    return client.resolve(asked.executionId, { option: answer, gate_id: asked.id, ...params });
  };
  const submit = async () => {
    if (await run(async () => resolve())) onDecided?.();
  };
  return (
    <Form className="decision" onSubmit={submit}>
      <Choices title="What became of it?" choices={ANSWERS} chosen={answer} onChoose={setAnswer} />
      {answer === "succeeded" && (
        <label className="field">
          <span className="field-title">
            Its result as JSON <span className="quiet">what the outside answered</span>
          </span>
          <textarea
            className="input mono"
            rows={3}
            spellCheck={false}
            placeholder='{"reference": "…"}'
            value={result}
            onChange={(event) => setResult(event.target.value)}
          />
        </label>
      )}
      <Fault said={fault} />
      <div className="decision-buttons">
        <button type="submit" className="button primary" disabled={busy}>
          {busy ? "Answering…" : "Answer"}
        </button>
      </div>
    </Form>
  );
}

function resultOf(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The result is no JSON: quote a text, as in "done".');
  }
}
