/**
 * Many callers' entries become few writes: what comes while one batch is being written is the next batch. It keeps nothing
 * that a crash may not take: an entry that is lost was not acknowledged, and its sender sends it again.
 *
 * - `add` resolves only when the entry is written, dead-lettered or held; it rejects when none of these could be done,
 *   and then the sender tries again later.
 * - While older entries are held, new ones are held behind them: one writer catches up, in order.
 */
import type { WriteParts } from "./halving-write.ts";
import { halvingWrite } from "./halving-write.ts";

export interface WriteBatcherParts<Entry> extends WriteParts<Entry> {
  /** Of several entries with one name in a batch only the one with the highest `seqOf` is written. */
  readonly nameOf: (entry: Entry) => string;
  readonly seqOf: (entry: Entry) => number;
  /** True while entries are held: then the receiver is not asked. */
  readonly isHolding: () => boolean;
  /** Keeps entries until the receiver takes them again. False when there is no more room. Throws as the storage does. */
  readonly hold: (entries: readonly Entry[]) => boolean;
}

interface Pending<Entry> {
  readonly entry: Entry;
  readonly atMs: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const MAX_ENTRIES = 50;
/** A statement costs D1 about as much for one row as for twenty: a batch stays open while rows come, but not for long. */
const MAX_WAIT_MS = 250;
const QUIET_MS = 40;

export class WriteBatcher<Entry> {
  readonly #parts: WriteBatcherParts<Entry>;
  #pending: Pending<Entry>[] = [];
  #writing: readonly Pending<Entry>[] = [];
  #draining = false;

  constructor(parts: WriteBatcherParts<Entry>) {
    this.#parts = parts;
  }

  add(entry: Entry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ entry, atMs: Date.now(), resolve, reject });
      if (!this.#draining) void this.#drain();
    });
  }

  /** Whether an entry of this name has come and is not written yet. */
  has(name: string): boolean {
    const { nameOf } = this.#parts;
    const named = ({ entry }: Pending<Entry>) => nameOf(entry) === name;
    return this.#pending.some(named) || this.#writing.some(named);
  }

  /** How many wait or are being written, and since when the oldest does. */
  get backlog(): { readonly waiting: number; readonly sinceMs: number | undefined } {
    const waiting = this.#writing.length + this.#pending.length;
    return { waiting, sinceMs: (this.#writing[0] ?? this.#pending[0])?.atMs };
  }

  /** Never rejects. It ends in the same turn as its last look: an entry that comes later begins anew. */
  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#pending.length > 0) {
      await this.#gather();
      this.#writing = this.#pending.splice(0, MAX_ENTRIES);
      await this.#write(this.#writing);
      this.#writing = [];
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
    const { isHolding, nameOf } = this.#parts;
    const entries = this.#newest(batch);
    const left = isHolding()
      ? entries.map((entry) => ({ entry, error: new Error("the index is away"), down: true }))
      : await halvingWrite(entries, this.#parts);
    const held = this.#held(left.flatMap(({ entry, down }) => (down ? [entry] : [])));
    const refused = new Map(left.flatMap(({ entry, down, error }) => (down && held ? [] : [[nameOf(entry), error]])));
    for (const { entry, resolve, reject } of batch) {
      const name = nameOf(entry);
      if (refused.has(name)) reject(refused.get(name));
      else resolve();
    }
  }

  /** False when the entries could not be held: their senders keep them. */
  #held(entries: readonly Entry[]): boolean {
    try {
      return entries.length === 0 || this.#parts.hold(entries);
    } catch {
      return false;
    }
  }

  #newest(batch: readonly Pending<Entry>[]): Entry[] {
    const entries = new Map<string, Entry>();
    for (const { entry } of batch) {
      const known = entries.get(this.#parts.nameOf(entry));
      if (!known || this.#parts.seqOf(known) <= this.#parts.seqOf(entry)) entries.set(this.#parts.nameOf(entry), entry);
    }
    return [...entries.values()];
  }
}
