import type { Event } from "../domain/event.ts";

const MOST = 64;

/**
 * Events that are not read back from the disk: the newest that this process wrote, and the first one, which every view of
 * an execution is made of.
 */
export class RecentEvents {
  readonly #newest = new Map<number, Event>();
  #first: Event | undefined;

  get(seq: number): Event | undefined {
    return seq === 1 ? this.#first : this.#newest.get(seq);
  }

  add(event: Event): void {
    this.keepFirst(event);
    this.#newest.set(event.seq, event);
  }

  /** Keeps what was read when it is the first event of a log. */
  keepFirst(event: Event): void {
    if (event.seq === 1) this.#first = event;
  }

  /** After a commit up to `seq`. What is staged is never forgotten: it is nowhere else. */
  trim(seq: number): void {
    this.#forgetNewest(seq - MOST);
  }

  /** The log up to `seq` is no more. */
  forget(seq: number): void {
    this.#first = undefined;
    this.#forgetNewest(seq);
  }

  #forgetNewest(seq: number): void {
    for (const known of this.#newest.keys()) {
      if (known > seq) return;
      this.#newest.delete(known);
    }
  }
}
