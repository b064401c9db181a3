import type { Event } from "../../domain/execution/event.ts";

const MOST = 64;
/** Characters of all of them that are on disk: what is larger is read again. */
const MOST_CHARACTERS = 262_144;
/** The first event is kept apart when it is no larger than this. */
const LARGEST_FIRST = 65_536;

interface Kept {
  readonly text: string;
  /** Made of the text when the engine asks for it. */
  event?: Event;
}

/**
 * Events that are not read back from the disk, as text: the newest that this process wrote, and the first one, which every
 * view of an execution is made of.
 */
export class RecentEvents {
  readonly #newest = new Map<number, Kept>();
  #size = 0;
  #first: Event | undefined;

  /** Shared by all who ask: nothing of it is changed. */
  get(seq: number): Event | undefined {
    const known = this.#newest.get(seq);
    if (!known) return seq === 1 ? this.#first : undefined;
    known.event ??= JSON.parse(known.text) as Event;
    return known.event;
  }

  textOf(seq: number): string | undefined {
    return this.#newest.get(seq)?.text;
  }

  add(seq: number, text: string): void {
    this.#newest.set(seq, { text });
    this.#size += text.length;
  }

  /** Keeps what was read when it is the first event of a log. `size`: characters of its text at most. */
  keepFirst(event: Event, size: number): void {
    if (event.seq === 1 && size <= LARGEST_FIRST) this.#first = event;
  }

  /** After a commit up to `seq`. What is staged is never forgotten: it is nowhere else. */
  trim(seq: number): void {
    for (const known of this.#newest.keys()) {
      const fits = known > seq - MOST && this.#size <= MOST_CHARACTERS;
      if (fits || known > seq) return;
      this.#drop(known);
    }
  }

  /** The log up to `seq` is no more. */
  forget(seq: number): void {
    for (const known of this.#newest.keys()) if (known <= seq) this.#drop(known);
    this.#first = undefined;
  }

  #drop(seq: number): void {
    const { text, event } = this.#newest.get(seq) ?? {};
    this.#newest.delete(seq);
    this.#size -= text?.length ?? 0;
    if (seq === 1 && text !== undefined) this.keepFirst(event ?? (JSON.parse(text) as Event), text.length);
  }
}
