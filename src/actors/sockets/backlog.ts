/**
 * Whether so much is being written that it had better be gathered. A write to a socket costs the local runtime 30 µs of its
 * one thread, each further text in it 10 (2026-11): what comes within 50 ms is then cheaper in one write than in many.
 */

/** How long something is gathered at most. */
export const BATCH_MS = 50;
/** Up to a third of the thread's time. Ten sockets never come near it, and a hundred do with 100 commits a second. */
const MANY_WRITES = 500;

export class Backlog {
  #endsAtMs = 0;
  #writes = 0;

  /** Counts sockets that were just written to. */
  count(writes: number, now: number): void {
    if (now >= this.#endsAtMs) {
      this.#endsAtMs = now + BATCH_MS;
      this.#writes = 0;
    }
    this.#writes += writes;
  }

  isLong(now: number): boolean {
    return now < this.#endsAtMs && this.#writes >= MANY_WRITES;
  }
}
