/**
 * Entries that objects of one isolate send to the same receiver within a moment leave it in one call.
 *
 * M1  Who adds an entry has it on disk: the platform holds a call back for the writes of the object that makes it, and for no
 *     other one's.
 * M2  The call is made by the object that came first. If that one dies, the others are never answered: they send again with
 *     their alarms, as after any call that was lost.
 */
export interface SharedBatchParts<Entry> {
  /** Resolves with an error's words for each entry that the receiver does not have. Rejects when it was not reached. */
  readonly send: (receiver: string, entries: readonly Entry[]) => Promise<readonly (string | null)[]>;
  readonly later: (delayMs: number, fn: () => void) => void;
  /** How long the first entry waits for others. */
  readonly windowMs: number;
  readonly mostEntries: number;
}

interface Waiting<Entry> {
  readonly entry: Entry;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class SharedBatches<Entry> {
  readonly #parts: SharedBatchParts<Entry>;
  readonly #open = new Map<string, Waiting<Entry>[]>();

  constructor(parts: SharedBatchParts<Entry>) {
    this.#parts = parts;
  }

  /** Resolves when the receiver has the entry. */
  add(receiver: string, entry: Entry): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = { entry, resolve, reject };
    const open = this.#open.get(receiver);
    if (open && open.length < this.#parts.mostEntries) open.push(waiting);
    else this.#begin(receiver, [waiting]);
    return promise;
  }

  /** A batch that is full goes with its own timer; the next one begins beside it. */
  #begin(receiver: string, batch: Waiting<Entry>[]): void {
    this.#open.set(receiver, batch);
    this.#parts.later(this.#parts.windowMs, () => {
      if (this.#open.get(receiver) === batch) this.#open.delete(receiver);
      void this.#send(receiver, batch);
    });
  }

  async #send(receiver: string, batch: readonly Waiting<Entry>[]): Promise<void> {
    try {
      const entries = batch.map(({ entry }) => entry);
      const errors = await this.#parts.send(receiver, entries);
      for (const [at, { resolve, reject }] of batch.entries()) {
        const error = errors[at];
        if (typeof error === "string") reject(new Error(error));
        else resolve();
      }
    } catch (error) {
      for (const { reject } of batch) reject(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
