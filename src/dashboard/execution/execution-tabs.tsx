/**
 * What is below the waterfall, a tab each: values, conversation, verdicts, events, budget, promises, webhook. The first four draw what
 * `shown` holds at the time cursor; the others ask the server, and their code is loaded when they are opened.
 */
import { isTerminal } from "../../domain/execution/status.ts";
import { JsonView } from "../parts/json-view.tsx";
import { Later, later } from "../parts/later.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { messagesOf } from "./conversation.ts";
import { Conversation } from "./conversation.tsx";
import { EventList } from "./event-list.tsx";
import type { Shown } from "./shown.ts";
import { inputOf } from "./shown.ts";
import type { View } from "./use-view.ts";
import { verdictsOf } from "./verdicts.ts";
import { Verdicts } from "./verdicts.tsx";

const PROMISES = later(() => import("./promises.tsx").then((module) => module.Promises));
const BUDGET = later(() => import("./budget/budget-tree.tsx").then((module) => module.BudgetTree));
const WEBHOOK = later(() => import("../webhooks/webhook.tsx").then((module) => module.Webhook));

interface Props {
  readonly shown: Shown;
  readonly view: View;
  readonly onChange: (changed: Partial<View>) => void;
}

export function ExecutionTabs({ shown, view, onChange }: Props) {
  const messages = messagesOf(shown);
  const verdicts = verdictsOf(shown.events);
  const tabs = [
    { id: "values", title: "Input & output" },
    ...(messages.length > 0 ? [{ id: "conversation", title: "Conversation", count: messages.length }] : []),
    ...(verdicts.length > 0 ? [{ id: "verdicts", title: "Verdicts", count: verdicts.length }] : []),
    { id: "events", title: "Events", count: shown.events.length },
    { id: "budget", title: "Budget" },
    { id: "promises", title: "Promises" },
    ...(shown.body.webhook_registered ? [{ id: "webhook", title: "Webhook" }] : []),
  ];
  const known = { id: shown.body.execution_id, seq: shown.body.seq };
  const chosen = tabs.find(({ id }) => id === view.tab)?.id ?? "values";
  return (
    <Tabs tabs={tabs} chosen={chosen} label="What it holds" onChoose={(tab) => onChange({ tab })}>
      {chosen === "values" && <Values shown={shown} />}
      {chosen === "conversation" && <Conversation messages={messages} />}
      {chosen === "verdicts" && <Verdicts verdicts={verdicts} />}
      {chosen === "events" && <EventList shown={shown} onMove={(at) => onChange({ at })} />}
      {chosen === "budget" && <Later part={BUDGET} props={{ shown }} rows={4} />}
      {chosen === "promises" && <Later part={PROMISES} props={known} rows={4} />}
      {chosen === "webhook" && <Later part={WEBHOOK} props={known} rows={4} />}
    </Tabs>
  );
}

function Values({ shown }: { readonly shown: Shown }) {
  const { body, status, events, at } = shown;
  const end = events.at(-1);
  const folded = end?.type === "execution.succeeded" ? end.data.output : undefined;
  // A large output is no part of the log: the server hands it out.
  const output = at === undefined && body.result !== undefined ? body.result : folded;
  const input = inputOf(shown);
  return (
    <div className="two">
      <section>
        <h2>Input</h2>
        {input === undefined ? (
          <p className="quiet">Its log is not kept any more.</p>
        ) : (
          <JsonView value={input} name="input" />
        )}
      </section>
      <section>
        <h2>Output</h2>
        {output !== undefined ? (
          <JsonView value={output} name="output" />
        ) : (
          <p className="quiet">{isTerminal(status) ? "It ended without one." : "There is none yet."}</p>
        )}
      </section>
      {body.metadata !== undefined && (
        <section>
          <h2>Metadata</h2>
          <JsonView value={body.metadata} name="metadata" />
        </section>
      )}
    </div>
  );
}
