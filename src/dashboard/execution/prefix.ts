/**
 * The events of a log up to one of them, and the trace of these: what a page draws at one instant. Read on as the log grows, never
 * from the start again; only a cursor that moves back begins anew.
 *
 * - Both values stay the same objects until there is more, and are new ones then: what is memoised by them is never out of date.
 */
import type { Event } from "../../domain/execution/event.ts";
import type { Trace } from "../../domain/read-models/waterfall.ts";
import { TraceReader } from "../../domain/read-models/waterfall.ts";

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

/** What a fold carries from event to event, and what it gives at any of them. */
interface Fold<S, T> {
  readonly begin: () => S;
  /** Takes one event into the state, which may change in place. */
  readonly read: (state: S, event: Event) => void;
  readonly give: (state: S) => T;
}

interface Carried<S, T> {
  readonly state: S;
  readonly events: readonly Event[];
  readonly given: T;
}

/** Logs that are folded at the same time: of two executions side by side, and of the past of each. */
const MOST_CARRIED = 4;

/** A fold that goes on where it stood when the events have grown: each event is read once. Else it begins anew. */
export function grownWithEvents<S, T>({ begin, read, give }: Fold<S, T>): (events: readonly Event[]) => T {
  let carried: Carried<S, T>[] = [];
  return (events) => {
    const same = carried.find((one) => one.events === events);
    if (same) return same.given;
    const grown = carried.find((one) => isPrefix(one.events, events));
    const state = grown?.state ?? begin();
    for (let at = grown?.events.length ?? 0; at < events.length; at += 1) read(state, events[at] as Event);
    const made = { state, events, given: give(state) };
    carried = [made, ...carried.filter((one) => one !== grown)].slice(0, MOST_CARRIED);
    return made.given;
  };
}

/** Events never change: where the first and the last are the same ones, so are all between. */
function isPrefix(known: readonly Event[], events: readonly Event[]): boolean {
  const { length } = known;
  return length > 0 && length <= events.length && known[0] === events[0] && known[length - 1] === events[length - 1];
}
