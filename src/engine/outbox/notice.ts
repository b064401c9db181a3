import type { Event } from "../../domain/execution/event.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { WebhookEvent } from "../../domain/execution/webhook.ts";
import type { Notice } from "../../domain/read-models/notice.ts";
import type { Journal } from "../journal/journal.ts";

/** Called when a delivery leaves. Returns what it tells, read from the log: of a wait as it was then, of an end as it is. */
export function noticeOf(
  journal: Journal,
  state: ExecutionState,
  { event, seq }: { readonly event: WebhookEvent; readonly seq: number },
): Notice | undefined {
  const created = journal.event(1);
  const told = journal.event(seq);
  if (created?.type !== "execution.created" || !told) return undefined;
  const delivery = state.webhook?.deliveries.find(({ seq: of }) => of === seq);
  return {
    event,
    origin: state.origin,
    seq,
    atMs: told.atMs,
    createdAtMs: state.createdAtMs,
    startedAtMs: state.startedAtMs,
    context: created.data.context,
    metadata: created.data.metadata,
    retryCount: delivery?.attempts ?? 0,
    ...courseOf(told, state),
  };
}

type Course = Pick<Notice, "status" | "reason" | "finishedAtMs" | "output" | "stored" | "error">;

function courseOf(told: Event, state: ExecutionState): Course {
  const none = { finishedAtMs: undefined, output: undefined, stored: undefined, error: undefined };
  if (told.type === "execution.waiting") return { ...none, status: "waiting", reason: told.data.reason };
  if (told.type === "execution.blocked") {
    const { reason, detail } = told.data;
    return { ...none, status: "blocked", reason: detail === undefined ? reason : `${reason}: ${detail}` };
  }
  const { status, reason, finishedAtMs } = state;
  const ended = { ...none, status, reason, finishedAtMs: isTerminal(status) ? finishedAtMs : undefined };
  if (told.type === "execution.succeeded") {
    const { output, stored } = told.data;
    return stored ? { ...ended, stored } : { ...ended, output };
  }
  return told.type === "execution.failed" ? { ...ended, error: told.data } : ended;
}
