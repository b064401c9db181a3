/**
 * Many callers' entries become few writes: what comes while one batch is being written is the next batch. It keeps nothing
 * that a crash may not take: an entry that is lost was not acknowledged, and its sender sends it again.
 *
 * K1  `add` resolves only when the entry is written, or put aside; it rejects when neither could be done, and then the
 *     sender tries again later.
 * K2  A batch that fails is halved until the bad entry stands alone; its neighbours are not held up.
 * K3  A bad entry is parked with its error. While the receiver itself is down, nothing is bad: nothing is parked, and
 *     nothing is halved.
 */
export interface FanInParts<Entry> {
  readonly write: (entries: readonly Entry[]) => Promise<void>;
  /** After the write. */
  readonly written: (entries: readonly Entry[]) => void;
  /** Whether the receiver takes anything at all now. */
  readonly isUp: () => Promise<boolean>;
  readonly park: (entry: Entry, error: unknown) => Promise<void>;
  /** Of several entries with one name in a batch only the one with the highest `seqOf` is written. */
  readonly nameOf: (entry: Entry) => string;
  readonly seqOf: (entry: Entry) => number;
}

interface Pending<Entry> {
  readonly entry: Entry;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const MAX_ENTRIES = 50;
/** A statement costs D1 about as much for one row as for twenty: a batch stays open while rows come, but not for long. */
const MAX_WAIT_MS = 250;
const QUIET_MS = 40;

export class FanIn<Entry> {
  readonly #parts: FanInParts<Entry>;
  #pending: Pending<Entry>[] = [];
  #draining = false;

  constructor(parts: FanInParts<Entry>) {
    this.#parts = parts;
  }

  add(entry: Entry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ entry, resolve, reject });
      if (!this.#draining) void this.#drain();
    });
  }

  /** Never rejects. It ends in the same breath as its last look: whoever comes later begins anew. */
  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#pending.length > 0) {
      await this.#gather();
      await this.#write(this.#pending.splice(0, MAX_ENTRIES));
    }
    this.#draining = false;
  }

  /** Until the batch is full, or old, or nothing came for a while. */
  async #gather(): Promise<void> {
    const end = Date.now() + MAX_WAIT_MS;
    for (let before = 0; this.#pending.length > before && this.#pending.length < MAX_ENTRIES && Date.now() < end; ) {
      before = this.#pending.length;
      await new Promise((resolve) => setTimeout(resolve, Math.min(QUIET_MS, end - Date.now())));
    }
  }

  async #write(batch: readonly Pending<Entry>[]): Promise<void> {
    try {
      const entries = this.#newest(batch);
      await this.#parts.write(entries);
      this.#parts.written(entries);
      for (const { resolve } of batch) resolve();
    } catch (error) {
      await this.#failed(batch, error);
    }
  }

  async #failed(batch: readonly Pending<Entry>[], error: unknown): Promise<void> {
    const isUp = await this.#parts.isUp().catch(() => false);
    if (!isUp) {
      for (const { reject } of batch) reject(error);
      return;
    }
    const [only] = batch;
    if (only && batch.length === 1) return this.#park(only, error);
    const half = batch.length >> 1;
    await this.#write(batch.slice(0, half));
    await this.#write(batch.slice(half));
  }

  async #park({ entry, resolve, reject }: Pending<Entry>, error: unknown): Promise<void> {
    await this.#parts.park(entry, error).then(resolve, reject);
  }

  #newest(batch: readonly Pending<Entry>[]): Entry[] {
    const entries = new Map<string, Entry>();
    for (const { entry } of batch) {
      const known = entries.get(this.#parts.nameOf(entry));
      if (!known || this.#parts.seqOf(known) < this.#parts.seqOf(entry)) entries.set(this.#parts.nameOf(entry), entry);
    }
    return [...entries.values()];
  }
}
