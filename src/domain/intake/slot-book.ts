/**
 * Who holds the slots of one queue, and who waits for them. Pure: a limiter owns one, and makes it anew from its rows.
 *
 * - Never more slots are taken than the limit says, except where the limit became smaller while they were taken.
 * - One line of descent shares a slot: an execution whose ancestor or descendant holds a slot is let into it, as long as
 *   each holder stands above or below it. So a parent never waits behind its own child, nor a child behind its parent, and
 *   twenty children of one parent go one by one.
 * - A slot is free when its last holder has given it back.
 * - A call costs the logarithm of what holds and waits, and a look at those that stand above and below the one it is about.
 */
import { LapsingHeap } from "./lapsing-heap.ts";
import type { QueuedStart } from "./queued-start.ts";
import { StartOrder } from "./start-order.ts";

/** What one execution asked for: it waits, or it has a slot. */
export interface SlotRecord extends QueuedStart {
  readonly epoch: number;
  /** Executions under limits that stand above it. */
  readonly above: readonly string[];
  /** Grows with each that comes. */
  readonly came: number;
  /** The slot that it holds; absent while it waits. */
  readonly slot?: number;
  /** It was told to wait, so it has to be told that it has a slot now. */
  readonly untold?: true;
  /** When its limiter looks at this slot again, and how often it did. */
  readonly checkAtMs?: number;
  readonly checks?: number;
}

export interface QueueRule {
  /** How many slots there are; absent: no end of them. */
  readonly limit?: number | undefined;
  /** No slot is given to what waits. */
  readonly paused?: boolean | undefined;
}

export type Asked = Omit<SlotRecord, "came" | "slot" | "untold" | "checkAtMs" | "checks">;

/** A slot that was granted in an answer is looked at again after this long, and then less and less often. */
export const FIRST_CHECK_MS = 60_000;

export class SlotBook {
  readonly #records = new Map<string, SlotRecord>();
  readonly #order = new StartOrder();
  readonly #slots = new Map<number, Set<string>>();
  /** By each execution that stands above them. */
  readonly #below = new Map<string, Set<string>>();
  /** Those that hold a slot, by when it is looked at again; those that wait, by since when. */
  readonly #checks = new LapsingHeap<SlotRecord>(
    (a, b) => checkOf(a) < checkOf(b),
    (record) => this.#records.get(record.id) === record,
  );
  readonly #oldest = new LapsingHeap<SlotRecord>(
    (a, b) => a.sinceMs < b.sinceMs,
    (record) => this.#records.get(record.id) === record,
  );
  readonly #changed = new Set<string>();
  #rule: QueueRule;
  #came = 0;
  #lastSlot = 0;

  constructor(records: readonly SlotRecord[], rule: QueueRule, now: number) {
    this.#rule = rule;
    for (const record of [...records].sort((a, b) => a.came - b.came)) {
      this.#came = Math.max(this.#came, record.came);
      this.#lastSlot = Math.max(this.#lastSlot, record.slot ?? 0);
      this.#index(record, (below) => below.add(record.id));
      if (record.slot === undefined) this.#wait(record, now);
      else this.#hold(record, record.slot);
    }
  }

  get rule(): QueueRule {
    return this.#rule;
  }
  /** Slots that are taken. */
  get running(): number {
    return this.#slots.size;
  }
  get waiting(): number {
    return this.#order.size;
  }
  /** Since when the one waits that has waited longest. */
  get oldestAtMs(): number | undefined {
    return this.#oldest.first?.sinceMs;
  }
  /** When the first slot is to be looked at again. */
  get nextCheckAtMs(): number | undefined {
    return this.#checks.first?.checkAtMs;
  }
  /** Those whose slots are to be looked at; they are due until `looked` or `giveBack`. */
  due(now: number): readonly SlotRecord[] {
    const due = this.#checks.takeWhile((record) => checkOf(record) <= now);
    for (const record of due) this.#checks.add(record);
    return due;
  }
  /** 1 for the one that goes next; `undefined` when it does not wait. */
  position(id: string, now: number): number | undefined {
    return this.#order.position(id, now);
  }

  /** True when it has a slot. The same may be asked again; under a later epoch, what it had before is given back. */
  ask(asked: Asked, now: number): boolean {
    const known = this.#records.get(asked.id);
    if (known && asked.epoch <= known.epoch) return asked.epoch === known.epoch && known.slot !== undefined;
    if (known && known.slot === undefined) return this.#askedAnew(known, asked);
    if (known) this.#remove(known);
    if (known?.slot !== undefined) this.#share(known.slot, now);
    this.#came += 1;
    this.#index(asked, (below) => below.add(asked.id));
    this.#wait({ ...asked, came: this.#came }, now);
    this.#changed.add(asked.id);
    const shared = this.#slotToShare(asked);
    if (shared !== undefined) this.#grant(asked.id, shared, now);
    this.grantMore(now);
    const record = this.#records.get(asked.id);
    if (record?.slot === undefined) return false;
    // The answer itself tells it.
    const { untold: _untold, ...told } = record;
    this.#put({ ...told, checkAtMs: now + FIRST_CHECK_MS });
    return true;
  }

  /** It keeps its place. */
  #askedAnew(known: SlotRecord, asked: Asked): boolean {
    this.#index(known, (below) => below.delete(known.id));
    this.#index(asked, (below) => below.add(asked.id));
    this.#put({ ...asked, came: known.came });
    this.#changed.add(asked.id);
    return false;
  }

  /** It holds and waits for nothing that it asked for up to this epoch. */
  giveBack(id: string, upToEpoch: number, now: number): void {
    const known = this.#records.get(id);
    if (!known || known.epoch > upToEpoch) return;
    this.#remove(known);
    if (known.slot !== undefined) this.#share(known.slot, now);
    this.grantMore(now);
  }

  configure(rule: QueueRule, now: number): void {
    this.#rule = rule;
    this.grantMore(now);
  }

  /** What was learnt of a slot that is held: when to look at it again. */
  looked(id: string, epoch: number, look: Pick<SlotRecord, "checkAtMs" | "checks"> & { readonly told: boolean }): void {
    const known = this.#records.get(id);
    if (!known || known.epoch !== epoch || known.slot === undefined) return;
    const { told, ...next } = look;
    const { untold, ...record } = known;
    this.#put({ ...record, ...next, ...(untold && !told ? { untold } : {}) });
    this.#changed.add(id);
  }

  /** Gives free slots to those that go next. */
  grantMore(now: number): void {
    const { limit = Number.POSITIVE_INFINITY, paused } = this.#rule;
    while (!paused && this.#slots.size < limit) {
      const next = this.#order.next(now);
      if (!next) return;
      this.#lastSlot += 1;
      this.#grant(next.id, this.#lastSlot, now);
    }
  }

  /** What has to be written since the last call: records, and ids of those that are gone. */
  takeChanges(): { readonly put: readonly SlotRecord[]; readonly removed: readonly string[] } {
    const ids = [...this.#changed];
    this.#changed.clear();
    const put = ids.flatMap((id) => this.#records.get(id) ?? []);
    return { put, removed: ids.filter((id) => !this.#records.has(id)) };
  }

  #grant(id: string, slot: number, now: number): void {
    const record = this.#records.get(id);
    if (!record) return;
    // Whose turn it was is known to the order before it goes.
    if (this.#order.next(now)?.id === id) this.#order.take(now);
    else this.#order.remove(id);
    this.#hold({ ...record, slot, untold: true, checkAtMs: now, checks: 0 }, slot);
    this.#changed.add(id);
    this.#share(slot, now);
  }

  /** Lets those that wait into a slot that its holders share with them. */
  #share(slot: number, now: number): void {
    const holders = this.#slots.get(slot);
    if (!holders) return;
    const near = [...holders].flatMap((id) => [
      ...(this.#below.get(id) ?? []),
      ...(this.#records.get(id)?.above ?? []),
    ]);
    const waiting = near.flatMap((id) => this.#records.get(id) ?? []).filter((record) => record.slot === undefined);
    const next = waiting.sort((a, b) => a.came - b.came).find((record) => this.#admits(slot, record));
    if (next) this.#grant(next.id, slot, now);
  }

  /** A slot that it is let into: one that an execution above or below it holds. */
  #slotToShare(asked: Asked): number | undefined {
    const near = [...asked.above, ...(this.#below.get(asked.id) ?? [])];
    const slots = near.flatMap((id) => this.#records.get(id)?.slot ?? []);
    return slots.sort((a, b) => a - b).find((slot) => this.#admits(slot, asked));
  }

  /** Whether each of its holders stands above or below this one. */
  #admits(slot: number, { id, above }: Pick<SlotRecord, "id" | "above">): boolean {
    const holders = [...(this.#slots.get(slot) ?? [])];
    const isInLine = (holder: string) =>
      above.includes(holder) || this.#records.get(holder)?.above.includes(id) === true;
    return holders.length > 0 && holders.every(isInLine);
  }

  #wait(record: SlotRecord, now: number): void {
    this.#put(record);
    this.#order.add(record, now);
  }

  #hold(record: SlotRecord, slot: number): void {
    this.#put(record);
    this.#slots.set(slot, (this.#slots.get(slot) ?? new Set()).add(record.id));
  }

  #put(record: SlotRecord): void {
    this.#records.set(record.id, record);
    if (record.slot === undefined) this.#oldest.add(record);
    else if (record.checkAtMs !== undefined) this.#checks.add(record);
  }

  #remove(record: SlotRecord): void {
    const { id, slot } = record;
    this.#records.delete(id);
    this.#changed.add(id);
    this.#order.remove(id);
    this.#index(record, (below) => below.delete(id));
    const holders = slot === undefined ? undefined : this.#slots.get(slot);
    holders?.delete(id);
    if (slot !== undefined && holders?.size === 0) this.#slots.delete(slot);
  }

  #index({ above }: Pick<SlotRecord, "above">, change: (below: Set<string>) => void): void {
    for (const id of above) {
      const below = this.#below.get(id) ?? new Set();
      change(below);
      if (below.size === 0) this.#below.delete(id);
      else this.#below.set(id, below);
    }
  }
}

const checkOf = ({ checkAtMs = Number.POSITIVE_INFINITY }: SlotRecord) => checkAtMs;
