/**
 * The state after each event of a log. One in `EVERY` is kept, and the newest; one between them is folded again from the one before,
 * so that a log of many thousand events costs its events and little more.
 */
import type { Event } from "../../domain/execution/event.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { evolve } from "../../domain/fold/evolve.ts";

const EVERY = 128;

export class FoldedStates {
  /** The same array that the log has: it grows, and its events never change. */
  readonly #events: readonly Event[];
  /** Behind the events at 0, `EVERY`, 2 × `EVERY`, … */
  readonly #kept: (ExecutionState | undefined)[] = [];
  #newest: ExecutionState | undefined;
  #length = 0;
  /** The one that was asked for last: readers often go on from there. */
  #near: { readonly place: number; readonly state: ExecutionState | undefined } | undefined;

  constructor(events: readonly Event[]) {
    this.#events = events;
  }

  get newest(): ExecutionState | undefined {
    return this.#newest;
  }

  /** Takes the events in that have come since. */
  grow(): void {
    for (; this.#length < this.#events.length; this.#length += 1) {
      this.#newest = evolve(this.#newest, this.#events[this.#length] as Event);
      if (this.#length % EVERY === 0) this.#kept.push(this.#newest);
    }
  }

  /** Behind the event at this place; undefined where there is none. */
  at(place: number): ExecutionState | undefined {
    if (place < 0 || place >= this.#length) return undefined;
    if (place === this.#length - 1) return this.#newest;
    const first = Math.floor(place / EVERY) * EVERY;
    const near = this.#near;
    let [from, state] =
      near && near.place >= first && near.place <= place
        ? [near.place, near.state]
        : [first, this.#kept[first / EVERY]];
    for (; from < place; from += 1) state = evolve(state, this.#events[from + 1] as Event);
    this.#near = { place, state };
    return state;
  }
}
