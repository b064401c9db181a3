import { JsonView } from "../parts/json-view.tsx";
import type { ShownMessage } from "./conversation.ts";

const WHO = { system: "System", user: "Asked", assistant: "Model" } as const;

export function Conversation({ messages }: { readonly messages: readonly ShownMessage[] }) {
  return (
    <ol className="conversation" aria-label="Conversation">
      {messages.map((message) => (
        <li key={message.id} className="message" data-role={message.role}>
          <header>
            <b>{WHO[message.role]}</b>
            {message.kind !== message.role && <span className="quiet">{message.kind}</span>}
            {message.model !== undefined && <span className="quiet mono small">{message.model}</span>}
          </header>
          {(message.text !== "" || message.streaming) && (
            <p className="message-text">
              {message.text}
              {message.streaming && <span className="caret" role="img" aria-label="being written" />}
            </p>
          )}
          <Tools message={message} />
        </li>
      ))}
    </ol>
  );
}

function Tools({ message: { toolCalls, toolResults } }: { readonly message: ShownMessage }) {
  return (
    <>
      {toolCalls.map(({ id, name, input }) => (
        <details key={id} className="tool">
          <summary>
            Calls <code>{name}</code>
          </summary>
          <JsonView value={input} name={`input of ${name}`} />
        </details>
      ))}
      {toolResults.map(({ id, name, text, isError }) => (
        <details key={id} className="tool" data-error={isError}>
          <summary>
            {isError ? "Error of" : "Result of"} <code>{name}</code>
          </summary>
          <JsonView value={jsonOrText(text)} name={`result of ${name}`} />
        </details>
      ))}
    </>
  );
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
