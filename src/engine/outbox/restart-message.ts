/** The start of an execution that follows another one: what goes into it is read off the log of that one alone. */
import type { EventData } from "../../domain/execution/event.ts";
import type { Origin } from "../../domain/execution/origin.ts";
import { lineageOf } from "../../domain/execution/reusable-result.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import type { SubtaskState } from "../../domain/work/subtask-state.ts";
import type { Journal } from "../journal/journal.ts";
import type { OutboxMessage } from "../message.ts";

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
    ...planOf(journal, started.data),
    ...(metadata === undefined ? {} : { metadata }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(context === undefined ? {} : { context }),
    ...(webhook === undefined ? {} : { webhook }),
    ...(webhookError === undefined ? {} : { webhookError }),
  };
}

/** Most characters of outputs in one call between two actors. */
const MOST_OUTPUT = 8_000_000;

/** The plan as it was done here, with what of it is complete, in the order of the plan. */
function planOf(journal: Journal, { by, reuse }: EventData<"successor.started">) {
  const work = journal.work.current();
  const from = journal.state?.origin.id;
  if (!work || from === undefined) return {};
  if (reuse === "none") return { plan: work.plan };
  let room = MOST_OUTPUT;
  const complete = work.order.pieces.filter((piece) => work.state(piece).status === "complete");
  const subtasks = complete.map((piece) => {
    const output = journal.work.resultOf(piece.id);
    const { outcome: message } = work.state(piece);
    room -= output === undefined ? 0 : JSON.stringify(output).length;
    return {
      subtask: piece.id,
      ...(output === undefined || room < 0 ? {} : { output }),
      ...(message === undefined ? {} : { message }),
    };
  });
  const doubted = work.order.pieces.filter((piece) => isDoubted(work.state(piece))).map(({ id }) => id);
  return { plan: work.plan, finished: { from, by, subtasks, doubted } };
}

/** Begun, not to be done twice, and not reported: also where nobody asked a person about it yet. */
function isDoubted({ status, lease, errorType }: SubtaskState): boolean {
  if (status === "started" || status === "awaiting") return lease?.idempotent !== true;
  return status === "blocked" && errorType === "in_doubt";
}

interface Start {
  readonly started: EventData<"successor.started">;
  readonly atMs: number;
  readonly inputChanged: boolean;
}

/** The origin of an execution that stands on its own: no parent waits for it or pays for it. In the same run it keeps its place in the tree. */
function originOf(source: Origin, { started, atMs, inputChanged }: Start): Origin {
  const { parentId, granted: _granted, named: _named, replay: _replay, deadlineMs, ...kept } = source;
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
