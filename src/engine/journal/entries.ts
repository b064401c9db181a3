/** What the program asked and what came of it: folded from the whole log once, at the first question, then kept. */
import { reusedFromOf } from "../../domain/execution/entry.ts";
import type { EntryValue } from "../../domain/execution/entry-value.ts";
import { valueIn, valueSeqOf } from "../../domain/execution/entry-value.ts";
import type { Event } from "../../domain/execution/event.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import type { EntryIndex } from "../../domain/fold/entry-index.ts";
import { emptyIndex, foldEntry } from "../../domain/fold/entry-index.ts";
import type { LogReader } from "./log-reader.ts";
import { isBusy } from "./next-wake.ts";

export class Entries {
  readonly #reader: LogReader;
  readonly #staged: () => readonly Event[];
  #index: EntryIndex | undefined;
  /** Hears the key of each entry that an event is about. */
  onEntry: (key: string) => void = () => {};

  constructor(reader: LogReader, staged: () => readonly Event[]) {
    this.#reader = reader;
    this.#staged = staged;
  }

  /** O(results) at the first time. */
  index(): EntryIndex {
    this.#index ??= this.#folded(this.#reader.after(0));
    return this.#index;
  }

  /** The same, where a replay may begin soon: what it hands over is kept of this reading. */
  indexAhead(): EntryIndex {
    this.#index ??= this.#folded(this.#reader.ahead());
    return this.#index;
  }

  /** The same, for an activation that is about to hand the results over from the first one on. */
  indexForReplay(): EntryIndex {
    const index = this.indexAhead();
    const wanted = new Set(index.completions.map((key) => this.#seqOf(key)));
    this.#reader.expect((seq) => wanted.has(seq));
    return index;
  }

  #folded(durable: Iterable<Event>): EntryIndex {
    const index = emptyIndex();
    for (const event of durable) foldEntry(index, event);
    for (const event of this.#staged()) foldEntry(index, event);
    return index;
  }

  fold(event: Event): void {
    if (this.#index) foldEntry(this.#index, event);
    if ("key" in event.data && event.data.key !== undefined) this.onEntry(event.data.key);
  }

  /** The log that it was folded from is no more. */
  forget(): void {
    this.#index = undefined;
  }

  /** A command was decided. With nothing to do for the program, no replay follows. */
  decided(state: ExecutionState | undefined): void {
    if (!state || !isBusy(state)) this.#reader.letGo();
  }

  /** What a finished entry ended with, for the program alone. */
  take(key: string): EntryValue | undefined {
    const seq = this.#seqOf(key);
    if (seq === undefined) return undefined;
    // One event offers many results: it is read once for all of them.
    const isOffered = reusedFromOf(this.index().entries.get(key)) !== undefined;
    const event = isOffered ? this.#reader.event(seq) : this.#reader.take(seq);
    const value = event && valueIn(event, key);
    return value && isOffered ? (JSON.parse(JSON.stringify(value)) as EntryValue) : value;
  }

  /** The event that holds it. */
  #seqOf(key: string): number | undefined {
    const entry = this.index().entries.get(key);
    return entry && valueSeqOf(entry);
  }
}
