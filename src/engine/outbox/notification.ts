/** What the one who is asked about an execution of a plan is notified of, read from the log when it leaves: of a block as it was then. */
import type { Event } from "../../domain/execution/event.ts";
import type { OutboxEntry } from "../../domain/execution/outbox-entry.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import type { Journal } from "../journal/journal.ts";
import type { NotificationMessage } from "../message.ts";

interface Told {
  readonly subtask: string;
  readonly message: string;
  readonly options: readonly string[];
  readonly blockedSinceMs: number;
  /** Who is asked; absent: the owner. */
  readonly assignee?: string | undefined;
}

/** `undefined`: the log holds no such event. */
export function notificationOf(
  journal: Journal,
  state: ExecutionState,
  { event, seq }: Extract<OutboxEntry, { to: "notification" }>,
): NotificationMessage | undefined {
  const happened = journal.event(seq);
  const told = happened && toldBy(journal, happened);
  if (!told) return undefined;
  const piece = journal.work.current()?.piece(told.subtask);
  const title = piece?.subtask.title ?? told.subtask;
  const delivery = state.webhook?.deliveries.find(({ seq: of }) => of === seq);
  const { origin, status } = state;
  const { atMs } = happened;
  return { to: "notification", origin, event, seq, atMs, status, title, ...told, retryCount: delivery?.attempts ?? 0 };
}

function toldBy(journal: Journal, event: Event): Told | undefined {
  if (event.type === "subtask.blocked") {
    const { subtask, why, error, options, assignee } = event.data;
    return { subtask, message: error ?? why, options, assignee, blockedSinceMs: event.atMs };
  }
  if (event.type === "agent.reported" && event.data.move?.to === "blocked") {
    const { move, errorMessage, message } = event.data;
    const { subtask, why, options, assignee } = move;
    return { subtask, message: errorMessage ?? message ?? why, options, assignee, blockedSinceMs: event.atMs };
  }
  if (event.type !== "subtask.escalated") return undefined;
  const { subtask, blockedSinceMs, to } = event.data;
  const work = journal.work.current();
  const piece = work?.piece(subtask);
  const standing = piece && work?.state(piece);
  const message = standing?.error ?? standing?.blocked?.why ?? "a person has to decide";
  const { options = [], assignee = to } = standing?.blocked ?? {};
  return { subtask, message, options, assignee: to ?? assignee, blockedSinceMs };
}
