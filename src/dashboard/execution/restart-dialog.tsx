/** A new execution that follows this one: with what it may take over, and with its input as it was or edited. */
import { useState } from "react";
import type { RestartOptions } from "../../client/transport/options.ts";
import type { Reuse } from "../../domain/execution/reusable-result.ts";
import type { Span } from "../../domain/read-models/waterfall.ts";
import { Choices } from "../forms/choices.tsx";
import { DialogForm } from "../forms/dialog-form.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { useAct } from "../parts/use-act.ts";
import { useClient } from "../session/session.tsx";
import type { Shown } from "./shown.ts";
import { inputOf } from "./shown.ts";
import { useGoTo } from "./use-go-to.ts";

const REUSE: readonly { readonly value: Reuse; readonly words: string; readonly more: string }[] = [
  { value: "succeeded-before", words: "What succeeded before the failure", more: "The rest is done again." },
  { value: "all-succeeded", words: "Everything that succeeded", more: "Only what failed is done again." },
  { value: "none", words: "Nothing", more: "Everything is done again, effects included." },
];

interface Props {
  readonly shown: Shown;
  /** What is done anew first, with all that came after; undefined: as `reuse` says. */
  readonly from?: Pick<Span, "key" | "label"> | undefined;
  readonly onClose: () => void;
}

export function RestartDialog({ shown, from, onClose }: Props) {
  const client = useClient();
  const goTo = useGoTo();
  const act = useAct();
  const [reuse, setReuse] = useState<Reuse>("succeeded-before");
  const original = JSON.stringify(inputOf(shown) ?? {}, null, 2);
  const [input, setInput] = useState(original);
  const [fork, setFork] = useState(false);
  const restart = async () => {
    const begin = from === undefined ? { reuse } : { reuse: "all-succeeded" as const, from: from.key };
    const edited: RestartOptions = input === original ? {} : { input: parsedInput(input) };
    const made = await client.restart(shown.body.execution_id, { scope: "execution", ...begin, fork, ...edited });
    onClose();
    goTo(made.execution_id);
  };
  return (
    <Dialog title={from === undefined ? "Restart" : `Restart from ${from.label}`} onClose={onClose}>
      <DialogForm
        act={act}
        deed={{ words: "Restart", busyWords: "Restarting…" }}
        stay="Not now"
        onSubmit={() => act.run(restart)}
        onClose={onClose}
      >
        {from === undefined ? (
          <Choices title="Take over" choices={REUSE} chosen={reuse} onChoose={setReuse} />
        ) : (
          <p>
            What succeeded before <b>{from.label}</b> began is taken over. It and everything that ended later is done
            again, effects included.
          </p>
        )}
        <label className="field">
          <span className="field-title">Input</span>
          <textarea
            className="input mono"
            rows={8}
            spellCheck={false}
            value={input}
            onChange={(event) => setInput(event.target.value)}
          />
        </label>
        <label className="choice">
          <input type="checkbox" checked={fork} onChange={(event) => setFork(event.target.checked)} />
          <span>In a run of its own</span>
        </label>
      </DialogForm>
    </Dialog>
  );
}

function parsedInput(text: string): NonNullable<RestartOptions["input"]> {
  const value: unknown = JSON.parse(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as NonNullable<RestartOptions["input"]>;
  throw new Error("The input must be a JSON object.");
}
