/**
 * The events of a log up to one of them, and the trace of these: what a page draws at one instant. Read on as the log grows, never
 * from the start again; only a cursor that moves back begins anew.
 *
 * - Both values stay the same objects until there is more, and are new ones then: what is memoised by them is never out of date.
 */
import type { Event } from "../../domain/execution/event.ts";
import type { Trace } from "./spans.ts";
import { TraceReader } from "./spans.ts";

export class Prefix {
  #reader = new TraceReader();
  #events: readonly Event[] = [];
  #trace: Trace = this.#reader.trace();

  get events(): readonly Event[] {
    return this.#events;
  }

  get trace(): Trace {
    return this.#trace;
  }

  /** Reads the first `length` events of a log, whose events never change. */
  to(log: readonly Event[], length: number): Prefix {
    if (length === this.#events.length) return this;
    if (length < this.#events.length) {
      this.#reader = new TraceReader();
      this.#events = [];
    }
    const more = log.slice(this.#events.length, length);
    for (const event of more) this.#reader.read(event);
    this.#events = [...this.#events, ...more];
    this.#trace = this.#reader.trace();
    return this;
  }
}

/** `fold`, whose answer for the same array of events is kept as long as the array. */
export function keptByEvents<T extends object>(fold: (events: readonly Event[]) => T): (events: readonly Event[]) => T {
  const kept = new WeakMap<readonly Event[], T>();
  return (events) => {
    const known = kept.get(events);
    if (known) return known;
    const made = fold(events);
    kept.set(events, made);
    return made;
  };
}
