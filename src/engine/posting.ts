/** What becomes of a try to post to an address that a caller named. Called by the outbox, which has the one backoff. */
import type { NoteDelivery } from "../domain/execution/command.ts";
import type { OutboxEntry } from "../domain/execution/outbox-entry.ts";
import { MOST_ATTEMPTS } from "../domain/execution/webhook.ts";
import type { Journal } from "./journal.ts";
import type { Posted, PostMessage } from "./message.ts";
import type { OutboxRow } from "./ports.ts";

/** Under way at once: the platform takes six open connections of one object, and the program needs some. */
export const MOST_POSTS_AT_ONCE = 2;

export function isPost(message: OutboxEntry): boolean {
  return message.to === "webhook";
}

interface Tried {
  readonly id: string;
  readonly row: OutboxRow;
  readonly message: PostMessage;
  readonly what: Posted;
}

/**
 * Each try is an event of the log, in the commit that puts the next one off or gives the delivery up. A newer message under
 * the same id stays, and begins with no tries.
 */
export function posted(journal: Journal, { id, row, message, what }: Tried): void {
  const isOver = what.ok || what.isFinal === true || row.attempts + 1 >= MOST_ATTEMPTS;
  journal.dispatch(noteOf(message, what, isOver && journal.outbox.get(id) === row), "system");
  if (isOver) journal.acknowledge(id, row);
  else journal.postpone(id, row);
  void journal.flush();
}

function noteOf({ seq: of, notice: { event } }: PostMessage, what: Posted, isGivenUp: boolean): NoteDelivery {
  const { durationMs } = what;
  if (what.ok) return { type: "note_delivery", ok: true, of, event, durationMs, httpStatus: what.httpStatus };
  const { error, httpStatus } = what;
  const status = httpStatus === undefined ? {} : { httpStatus };
  const over = isGivenUp ? { givenUp: true as const } : {};
  return { type: "note_delivery", ok: false, of, event, durationMs, error, ...status, ...over };
}
