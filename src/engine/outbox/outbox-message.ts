/** What each message of the outbox carries, read from the log when it leaves: so a repetition says what is so now. */

import { plus } from "../../domain/execution/budget.ts";
import { beneath, timeoutMsOf } from "../../domain/execution/child-origin.ts";
import type { EntryError } from "../../domain/execution/entry.ts";
import { entryError } from "../../domain/execution/entry.ts";
import type { ErrorCode } from "../../domain/execution/error-code.ts";
import type { EventData } from "../../domain/execution/event.ts";
import type { Origin } from "../../domain/execution/origin.ts";
import type { OutboxEntry } from "../../domain/execution/outbox-entry.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import type { Status } from "../../domain/execution/status.ts";
import { fileKeys } from "../../domain/execution/stored-file.ts";
import { resultKey } from "../../domain/execution/stored-result.ts";
import { approvalRecord } from "../../domain/read-models/approval-record.ts";
import { planProgressOf } from "../../domain/read-models/plan-progress.ts";
import { unreachable } from "../../domain/values/json.ts";
import type { Journal } from "../journal/journal.ts";
import type { OutboxMessage, PostMessage } from "../message.ts";
import { planViewOf } from "../work/plan-view.ts";
import { workOfferOf } from "../work/work-offer.ts";
import { callbackOf } from "./approval-callback.ts";
import { noticeOf } from "./notice.ts";
import { notificationOf } from "./notification.ts";
import { restartMessage } from "./restart-message.ts";
import { slotMessage } from "./slot-message.ts";

type ChildMessage = Extract<OutboxEntry, { to: "child" }>;
type Outcome = Extract<OutboxMessage, { verb: "finished" }>["outcome"];

/** `undefined` when the message is not needed any more. */
export function messageOf(
  journal: Journal,
  message: Exclude<OutboxEntry, { to: "node" }>,
): OutboxMessage | PostMessage | undefined {
  const state = journal.committed;
  if (!state) return undefined;
  switch (message.to) {
    case "registry":
      return rowMessage(journal);
    case "offers":
      return workOfferOf(journal, state);
    case "approval":
      return approval(journal, state, message);
    case "child":
      return toChild(journal, state, message);
    case "parent":
      return toParent(journal, state, message);
    case "files":
      return message.what === "result"
        ? { to: "files", verb: "remove", keys: [resultKey(state.origin)] }
        : uploads(journal, state);
    case "successor":
      return restartMessage(journal, message.seq);
    case "callback":
      return callbackOf(journal, state, message);
    case "webhook":
      return toWebhook(journal, state, message);
    case "notification":
      return notificationOf(journal, state, message);
    case "limiter":
      return slotMessage(state, message.queue);
  }
  return unreachable(message);
}

/** The row of the index as it is now; `undefined` before the first commit. Throws while the storage takes no writes. */
export function rowMessage(journal: Journal): Extract<OutboxMessage, { to: "registry" }> | undefined {
  // Where subtasks stand is known as it was staged: it is told when it is on disk.
  const awaited = journal.state?.origin.plan && journal.hasStaged ? journal.flush() : undefined;
  // A row without them would be the last that the index hears of what is on disk already: the message stays, and is sent again.
  if (awaited !== undefined) throw new Error("where subtasks stand is not on disk yet: the index is told once it is");
  const { committed: state, owedWakeAtMs, chain } = journal;
  if (!state) return undefined;
  const view = state.origin.plan ? planViewOf(journal, { brief: true }) : undefined;
  return { to: "registry", state, owedWakeAtMs, head: chain?.head, plan: view && planProgressOf(view) };
}

function toWebhook(
  journal: Journal,
  state: ExecutionState,
  { event, seq }: Extract<OutboxEntry, { to: "webhook" }>,
): PostMessage | undefined {
  const created = journal.event(1);
  const notice = noticeOf(journal, state, { event, seq });
  if (created?.type !== "execution.created" || !created.data.webhook || !notice) return undefined;
  return { to: "webhook", origin: state.origin, webhook: created.data.webhook, seq, notice };
}

function toParent(
  journal: Journal,
  state: ExecutionState,
  message: Extract<OutboxEntry, { to: "parent" }>,
): OutboxMessage | undefined {
  const { origin, status } = state;
  const { parentId } = origin;
  if (parentId === undefined) return undefined;
  if (message.verb === "waiting") {
    const { to, verb, waiting, seq } = message;
    return { to, verb, origin, parentId, waiting, seq };
  }
  // What is still reserved at the end may have been paid already: it counts as spent (P4).
  const usage = plus(state.spent, state.reserved);
  const goesOnBelow = state.openChildren + (state.goingOn ?? 0) > 0;
  const ended = { status, outcome: outcome(journal, state), usage, goesOnBelow };
  return { to: "parent", verb: "finished", origin, parentId, ...ended };
}

function uploads(journal: Journal, { origin }: ExecutionState): OutboxMessage | undefined {
  const created = journal.event(1);
  const files = created?.type === "execution.created" ? created.data.files : undefined;
  if (!files) return undefined;
  return { to: "files", verb: "remove", keys: fileKeys(origin, files) };
}

function approval(
  journal: Journal,
  state: ExecutionState,
  { openedSeq, seq }: Extract<OutboxEntry, { to: "approval" }>,
): OutboxMessage | undefined {
  const opened = journal.event(openedSeq);
  const last = journal.event(seq);
  if (opened?.type !== "gate.opened" || !last) return undefined;
  return { to: "approval", record: approvalRecord(state, opened, last) };
}

function toChild(
  journal: Journal,
  state: ExecutionState,
  { verb, childId, seq }: ChildMessage,
): OutboxMessage | undefined {
  const index = journal.index();
  const entry = index.entries.get(index.keyOfChild.get(childId) ?? "");
  const event = journal.event(verb === "start" ? seq : (entry?.startedSeq ?? 0));
  if (event?.type !== "child.started") return undefined;
  const { input, timeoutMs, elsewhere } = event.data;
  const child = { to: "child", childId, origin: childOrigin(state, event.data), input, timeoutMs } as const;
  return verb === "start" ? { ...child, verb, elsewhere } : { ...child, verb, reason: `parent ${state.status}` };
}

function outcome(journal: Journal, { resultSeq, status, reason }: ExecutionState): Outcome {
  const event = resultSeq === undefined ? undefined : journal.event(resultSeq);
  if (event?.type === "execution.succeeded") return outcomeOf(event.data);
  if (event?.type === "execution.failed") {
    const { code, message, details } = event.data;
    const error: EntryError = { code, message, ...(details === undefined ? {} : { details }) };
    return { ok: false, error };
  }
  const message = `the child execution ended ${status}: ${reason ?? ""}`;
  const ends: { readonly [S in Status]?: ErrorCode } = { cancelled: "child_cancelled", timeout: "child_timeout" };
  return { ok: false, error: entryError(ends[status] ?? "internal_error", message) };
}

/** A parent's journal holds what a row holds: a result that is larger is an error to it, which says where to read it. */
function outcomeOf({ output, stored }: EventData<"execution.succeeded">): Outcome {
  if (!stored) return { ok: true, value: output };
  const message = `the child's output has ${stored.size} bytes, which is more than a parent's journal takes: read it from the child`;
  return { ok: false, error: entryError("value_too_large", message) };
}

/** A child as its parent's log describes it: the same for its start and for a cancel that overtakes the start. */
function childOrigin(state: ExecutionState, child: EventData<"child.started">): Origin {
  const { origin } = state;
  const dot = child.target.lastIndexOf(".");
  const own: Origin = {
    id: child.childId,
    tenant: origin.tenant,
    owner: origin.owner,
    agent: child.target.slice(0, dot),
    fn: child.target.slice(dot + 1),
    kind: "reasoner",
    version: "",
    runId: origin.runId,
    owned: true,
    ...(origin.sessionId === undefined ? {} : { sessionId: origin.sessionId }),
    ...(origin.baseUrl === undefined ? {} : { baseUrl: origin.baseUrl }),
    ...(origin.traceparent === undefined ? {} : { traceparent: origin.traceparent }),
    ...(origin.actorId === undefined ? {} : { actorId: origin.actorId }),
    digest: child.digest,
    ...(child.builtIn === undefined ? {} : { builtIn: child.builtIn, named: true }),
    limits: {},
    ...following(origin, child),
    timeoutMs: timeoutMsOf(undefined, child.timeoutMs),
  };
  return beneath(state, own, child);
}

/** The child of an execution that follows another follows that one's child; its input is the same, or it would not fit. */
function following({ restartedFrom }: Origin, { follows }: EventData<"child.started">): Pick<Origin, "restartedFrom"> {
  if (!restartedFrom || follows === undefined) return {};
  const { runId, reuse } = restartedFrom;
  return { restartedFrom: { id: follows, runId, reuse, inputChanged: false } };
}
