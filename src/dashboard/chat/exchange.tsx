import { useMemo } from "react";
import { Link } from "wouter";
import { isTerminal } from "../../domain/execution/status.ts";
import { messagesOf } from "../execution/conversation.ts";
import type { Shown } from "../execution/shown.ts";
import { inputOf, shownAt, whyOf } from "../execution/shown.ts";
import { useExecution } from "../live/use-execution.ts";
import { JsonView } from "../parts/json-view.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { capital } from "../parts/words.ts";

/** One message and what came of it, live. */
export function Exchange({ id, field }: { readonly id: string; readonly field: string }) {
  const { log, fault } = useExecution(id);
  const { body, version } = log;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the log grows in place, and its version says so.
  const shown = useMemo(() => body && shownAt(log, body, undefined), [log, body, version]);
  if (fault) return <li className="fault">{fault.sentence}</li>;
  if (!shown) return <li className="quiet">…</li>;
  return (
    <li className="exchange">
      <p className="said">{saidIn(shown, field)}</p>
      <div className="answered">
        <Answer shown={shown} />
        <p className="quiet small">
          <Link href={`/executions/${encodeURIComponent(id)}`}>
            <StatusMark status={shown.status} />
          </Link>
        </p>
      </div>
    </li>
  );
}

function saidIn(shown: Shown, field: string): string {
  const said = new Map(Object.entries(inputOf(shown) ?? {})).get(field);
  return typeof said === "string" ? said : "";
}

/** What its model writes or wrote; the output where no model spoke; why it waits. */
function Answer({ shown }: { readonly shown: Shown }) {
  const texts = messagesOf(shown).filter(
    ({ role, text, streaming }) => role === "assistant" && (text !== "" || streaming),
  );
  const why = whyOf(shown);
  const output = shown.body.result;
  return (
    <>
      {texts.map(({ id, text, streaming }) => (
        <p key={id} className="message-text">
          {text}
          {streaming && <span className="caret" role="img" aria-label="being written" />}
        </p>
      ))}
      {texts.length === 0 && typeof output === "string" && <p className="message-text">{output}</p>}
      {output !== undefined && typeof output !== "string" && (
        <details open={texts.length === 0}>
          <summary className="quiet small">Output</summary>
          <JsonView value={output} name="output" />
        </details>
      )}
      {shown.body.error_message !== undefined && <p className="fault keep-lines">{shown.body.error_message}</p>}
      {!isTerminal(shown.status) && texts.every(({ streaming }) => !streaming) && why && (
        <p className="quiet" role="status">
          {capital(why.sentence)}.{" "}
          {(why.owner === "person" || why.owner === "child") && <Link href="/approvals">See what is asked</Link>}
        </p>
      )}
    </>
  );
}
