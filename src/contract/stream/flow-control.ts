/**
 * How much a socket may hold for a reader that does not read. The platform does not tell: `send` takes all that it is
 * given (120 MB to a socket that no process reads: no error, no `bufferedAmount`; workerd, 2026-11), so the reader does.
 *
 * - After every 256 KiB the sender asks `{"type":"check","sent":N}`; the reader sends the same text back once it has
 *   dealt with everything before it. One question is open at a time. Readers that share a room are asked sooner, so that
 *   what they have read and were not asked about never fills it.
 * - A socket that holds too much is closed with 4408 and comes back with `after`: what it missed is in the log.
 * - A reader that never answered cannot be told from one that never reads. It is given more room, and is cut in the end.
 *
 * Sizes are in UTF-16 units, which is what a text's length costs nothing to ask.
 */
import * as z from "zod";

/** The reader was too slow: nothing is lost, it resumes with the last seq it has. */
export const CLOSE_SLOW = 4408;
/** An end that the server did not expect, as RFC 6455 numbers it: the reader comes back with what it has. */
export const CLOSE_CUT = 1011;

const CHECK_EVERY = 256 * 1024;
const ROOM = 2 * 1024 * 1024;
const ROOM_FOR_STRANGERS = 8 * 1024 * 1024;
/** What is kept across hibernation is rounded up to this, so that it is written seldom and is never too little. */
const GRAIN = 64 * 1024;

export const SavedFlow = z.object({ sent: z.number(), read: z.number(), answers: z.boolean() });
export type SavedFlow = z.infer<typeof SavedFlow>;

const Check = z.object({ type: z.literal("check"), sent: z.number() });

/** With the largest number there is; a reader may send 32 MiB in one message. */
const LONGEST_CHECK = 64;

/** Whether a message is the sender's question, which the reader sends back as it is. */
export function isCheck(text: string): boolean {
  return text.length <= LONGEST_CHECK && text.startsWith('{"type":"check"');
}

/**
 * Said right before a socket is cut, so that its reader need not wait for the connection's end: the local runtime leaves it
 * open after both have said close, and clients give that up after 2 to 10 s (workerd issue 2569).
 */
export function closingText(code: number, reason: string): string {
  return JSON.stringify({ type: "closing", code, reason });
}

export function isClosing(text: string): boolean {
  return text.startsWith('{"type":"closing"');
}

/** One question for so much at least: it costs its reader a message. */
const LEAST_SHARE = 1024;

/** After how much each of so many readers is asked, when they share a room: all of it together is a quarter of the room. */
export function shareOf(roomBytes: number, readers: number): number {
  return Math.max(LEAST_SHARE, Math.floor(roomBytes / (4 * Math.max(1, readers))));
}

export class FlowControl {
  #sent: number;
  #read: number;
  #answers: boolean;
  #asked: number | undefined;

  constructor({ sent, read, answers }: SavedFlow = { sent: 0, read: 0, answers: false }) {
    this.#sent = sent;
    this.#read = read;
    this.#answers = answers;
  }

  get unread(): number {
    return this.#sent - this.#read;
  }

  /** A reader that usually answers has not done so yet: what it may do without is not worth sending it. */
  get lagging(): boolean {
    return this.#answers && this.#asked !== undefined;
  }

  /** Counts a message that is about to be sent; false when the socket is full. One message always fits. */
  take(size: number): boolean {
    const room = this.#answers ? ROOM : ROOM_FOR_STRANGERS;
    if (this.unread > 0 && this.unread + size > room) return false;
    this.#sent += size;
    return true;
  }

  /** The question to send now, if it is time for one. `share`: after so much, where that is sooner than usual. */
  check(share = CHECK_EVERY): string | undefined {
    if (this.#asked !== undefined || this.unread < Math.min(share, CHECK_EVERY)) return undefined;
    this.#asked = this.#sent;
    return JSON.stringify({ type: "check", sent: this.#sent } satisfies z.infer<typeof Check>);
  }

  /** Takes the reader's answer; false when the message is none, or to no question of ours. */
  acknowledge(message: string): boolean {
    const sent = isCheck(message) ? sentOf(message) : undefined;
    // After hibernation the open question is forgotten: what was asked then is still good news.
    if (sent === undefined || sent <= this.#read || sent > this.#sent) return false;
    this.#read = sent;
    this.#answers = true;
    if (this.#asked !== undefined && sent >= this.#asked) this.#asked = undefined;
    return true;
  }

  /** What must outlive hibernation; the same until much has changed. */
  get saved(): SavedFlow {
    return { sent: Math.ceil(this.#sent / GRAIN) * GRAIN, read: this.#read, answers: this.#answers };
  }
}

function sentOf(message: string): number | undefined {
  try {
    return Check.safeParse(JSON.parse(message)).data?.sent;
  } catch {
    return undefined;
  }
}
