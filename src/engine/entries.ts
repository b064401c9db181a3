/** What the program asked and what came of it: folded from the whole log once, at the first question, then kept. */
import type { EntryIndex } from "../domain/entry-index.ts";
import { emptyIndex, foldEntry } from "../domain/entry-index.ts";
import { valueSeqOf } from "../domain/entry-value.ts";
import type { Event } from "../domain/event.ts";
import type { LogReader } from "./log-reader.ts";

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

  /** The same, for an activation that is about to hand the results over from the first one on. */
  indexForReplay(): EntryIndex {
    if (this.#index) return this.#index;
    this.#index = this.#folded(this.#reader.ahead());
    const { completions } = this.#index;
    const wanted = new Set(completions.map((key) => this.seqOf(key)));
    this.#reader.keepAhead((seq) => wanted.has(seq));
    return this.#index;
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

  /** The event that holds what a finished entry ended with. */
  seqOf(key: string): number | undefined {
    const entry = this.index().entries.get(key);
    return entry && valueSeqOf(entry);
  }
}
