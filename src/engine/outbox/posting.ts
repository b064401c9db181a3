/** What becomes of a try to post to an address that a caller named. Called by the outbox, which has the one backoff. */
import type { Command } from "../../domain/execution/command.ts";
import type { OutboxEntry } from "../../domain/execution/outbox-entry.ts";
import { MOST_ATTEMPTS } from "../../domain/execution/webhook.ts";
import { unreachable } from "../../domain/values/json.ts";
import type { Journal } from "../journal/journal.ts";
import type { OutboxMessage, Posted, PostMessage } from "../message.ts";
import type { OutboxRow } from "../ports.ts";

/** Under way at once: the platform takes six open connections of one object, and the program needs some. */
export const MOST_POSTS_AT_ONCE = 2;
/** An agent waits for its decision much longer than a receiver of webhooks for its news: 20 minutes of tries. */
const MOST_CALLBACKS = 10;

export function isPost({ to }: Pick<OutboxEntry, "to">): boolean {
  return to === "webhook" || to === "callback" || to === "notification";
}

export function isToOutside(message: OutboxMessage | PostMessage): message is PostMessage {
  return isPost(message);
}

interface Tried {
  readonly id: string;
  readonly row: OutboxRow;
  readonly message: PostMessage;
  readonly what: Posted;
}

/**
 * Each try is an event of the log, in the commit that puts the next one off or gives the message up. A newer message under
 * the same id stays, and begins with no tries.
 */
export function posted(journal: Journal, { id, row, message, what }: Tried): void {
  if (!what.ok && what.isUnwanted) {
    journal.acknowledge(id, row);
    void journal.flush();
    return;
  }
  const most = message.to === "callback" ? MOST_CALLBACKS : MOST_ATTEMPTS;
  const isOver = what.ok || what.isFinal === true || row.attempts + 1 >= most;
  const isGivenUp = isOver && journal.outbox.get(id) === row;
  journal.dispatch(noteOf(message, what, { attempt: row.attempts + 1, isGivenUp }), "system");
  if (isOver) journal.acknowledge(id, row);
  else journal.postpone(id, row);
  void journal.flush();
}

interface Standing {
  readonly attempt: number;
  readonly isGivenUp: boolean;
}

function noteOf(message: PostMessage, what: Posted, { attempt, isGivenUp }: Standing): Command {
  const { durationMs } = what;
  const failure = what.ok ? undefined : failureOf(what, isGivenUp);
  switch (message.to) {
    case "webhook":
    case "notification": {
      const event = message.to === "webhook" ? message.notice.event : message.event;
      const about = { type: "note_delivery", of: message.seq, event, durationMs } as const;
      if (what.ok) return { ...about, ok: true, httpStatus: what.httpStatus };
      return { ...about, ok: false, error: what.error, ...failure };
    }
    case "callback": {
      const about = { type: "note_callback", gateId: message.gateId, attempt, durationMs } as const;
      if (what.ok) return { ...about, ok: true, httpStatus: what.httpStatus };
      return { ...about, ok: false, error: what.error, ...failure };
    }
  }
  return unreachable(message);
}

function failureOf({ httpStatus }: Extract<Posted, { ok: false }>, isGivenUp: boolean) {
  return { ...(httpStatus === undefined ? {} : { httpStatus }), ...(isGivenUp ? { givenUp: true as const } : {}) };
}
