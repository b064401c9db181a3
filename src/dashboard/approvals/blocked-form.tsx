/** A blocked subtask of a plan: why, since when, and the ways to go on. */
import { useState } from "react";
import type { Client } from "../../client/client.ts";
import { Choices } from "../forms/choices.tsx";
import { Form } from "../forms/form.tsx";
import { TextField } from "../forms/text-field.tsx";
import { useNow } from "../live/now.ts";
import { Fault } from "../parts/fault.tsx";
import { useAct } from "../parts/use-act.ts";
import { Ago } from "../parts/when.tsx";
import { sentence } from "../parts/words.ts";
import { useClient } from "../session/session.tsx";
import type { Blocked } from "./question.ts";

type Choice = Parameters<Client["plans"]["executions"]["resolve"]>[1];

interface Props {
  readonly executionId: string;
  readonly blocked: Pick<Blocked, "task_id" | "why" | "suggestions" | "options">;
  readonly since: string | undefined;
  readonly onDone: () => void;
}

/** What the options of every plan mean; others are alternatives that the plan names. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ["retry_task", "It is offered to agents again."],
  ["skip_task", "It is left out, and what waits for it goes on."],
  ["complete_by_hand", "You have done it: what follows gets the result that you give."],
  ["give_action", "You say which action an agent is to do."],
  ["cancel_execution", "The whole plan ends here."],
]);

export function BlockedForm({ executionId, blocked, since, onDone }: Props) {
  const { plans } = useClient();
  const { busy, fault, run } = useAct();
  const now = useNow(10_000);
  const { task_id: task, why, suggestions, options } = blocked;
  const [option, setOption] = useState(options[0]);
  const [action, setAction] = useState("");
  const [result, setResult] = useState("");
  const [comment, setComment] = useState("");
  const resolve = async () => {
    if (option === undefined) return;
    const done = await run(async () => {
      const choice = choiceOf({ option, action, result, comment });
      await plans.executions.resolve(executionId, { ...choice, task_id: task });
    });
    if (done) onDone();
  };
  return (
    <Form className="blocked" onSubmit={resolve}>
      <p>
        <b>{sentence(why)}</b>{" "}
        {since !== undefined && (
          <span className="quiet">
            blocked <Ago at={since} now={now} />
          </span>
        )}
      </p>
      {suggestions.length > 0 && (
        <ul className="quiet">
          {suggestions.map((suggestion) => (
            <li key={suggestion}>The agent suggests: {suggestion}</li>
          ))}
        </ul>
      )}
      <Choices
        title="How it goes on"
        choices={options.map((value) => {
          const more = MEANINGS.get(value) ?? suggestions[placeOf(value)];
          return { value, words: sentence(value), ...(more === undefined ? {} : { more }) };
        })}
        chosen={option}
        onChoose={setOption}
      />
      {option === "give_action" && <TextField title="Action" value={action} onChange={setAction} hint="send_email" />}
      {option === "complete_by_hand" && (
        <TextField title="Result as JSON" value={result} onChange={setResult} optional hint='{"answer": "yes"}' />
      )}
      <TextField title="Comment" value={comment} onChange={setComment} optional />
      <Fault said={fault} />
      <div className="decision-buttons">
        <button
          type="submit"
          className={`button ${option === "cancel_execution" ? "danger" : "primary"}`}
          disabled={busy || option === undefined}
        >
          {busy ? "Going on…" : option === "cancel_execution" ? "Cancel execution" : "Go on"}
        </button>
      </div>
    </Form>
  );
}

/** Of `approve_suggestion_2`: 1. Of another option none. */
function placeOf(option: string): number {
  const [, n] = /^approve_suggestion_(\d+)$/.exec(option) ?? [];
  return n === undefined ? -1 : Number(n) - 1;
}

interface Typed {
  readonly option: string;
  readonly action: string;
  readonly result: string;
  readonly comment: string;
}

function choiceOf({ option, action, result, comment }: Typed): Choice {
  return {
    option,
    ...(option === "give_action" ? { action: action.trim() } : {}),
    ...(option === "complete_by_hand" && result.trim() !== "" ? { output_data: resultOf(result) } : {}),
    ...(comment.trim() === "" ? {} : { comment: comment.trim() }),
  };
}

function resultOf(text: string): NonNullable<Choice["output_data"]> {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The result is no JSON: quote a text, as in {"answer": "yes"}.');
  }
}
