import type { EventData } from "../domain/execution/event.ts";
import type { Origin } from "../domain/execution/origin.ts";
import { lineageOf } from "../domain/execution/reusable-result.ts";
import { canonicalJson } from "../domain/values/json.ts";
import type { Journal } from "./journal.ts";
import type { OutboxMessage } from "./message.ts";

/** The start of an execution that follows this one, made of nothing but this one's log: so a repetition says the same. */
export function restartMessage(journal: Journal, seq: number): OutboxMessage | undefined {
  const created = journal.event(1);
  const started = journal.event(seq);
  if (created?.type !== "execution.created" || started?.type !== "successor.started") return undefined;
  const { input = created.data.input, context = created.data.context } = started.data;
  const inputChanged = canonicalJson(input) !== canonicalJson(created.data.input);
  const { metadata, attributes } = created.data;
  const { webhook, webhookError } = started.data;
  return {
    to: "successor",
    origin: originOf(created.data.origin, { started: started.data, atMs: started.atMs, inputChanged }),
    input,
    ...(metadata === undefined ? {} : { metadata }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(context === undefined ? {} : { context }),
    ...(webhook === undefined ? {} : { webhook }),
    ...(webhookError === undefined ? {} : { webhookError }),
  };
}

interface Start {
  readonly started: EventData<"successor.started">;
  readonly atMs: number;
  readonly inputChanged: boolean;
}

/** It stands on its own: no parent waits for it or pays for it. In the same run it keeps its place in the tree. */
function originOf(source: Origin, { started, atMs, inputChanged }: Start): Origin {
  const { parentId, granted: _granted, named: _named, deadlineMs, ...kept } = source;
  const { id, runId, digest, reuse, from, fork } = started;
  const restartedFrom = { id: source.id, first: lineageOf(source), runId: source.runId, reuse, inputChanged };
  return {
    ...kept,
    id,
    runId,
    digest,
    owned: false,
    restartedFrom: { ...restartedFrom, ...(from === undefined ? {} : { from }) },
    ...(parentId === undefined || fork ? {} : { parentId }),
    ...(deadlineMs === undefined || deadlineMs <= atMs ? {} : { deadlineMs }),
  };
}
