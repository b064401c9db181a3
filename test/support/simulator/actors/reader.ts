/**
 * Somebody who reads along. It hears of commits once they are on disk, as what leaves an actor does; when its connection is
 * gone it asks for what came after the last event it has. What it has is the log: nothing lost, nothing twice (P7).
 */
import type { Event } from "../../../../src/domain/execution/event.ts";

export class Reader {
  readonly #read: Event[] = [];
  /** Told by the actor, and not on disk yet. */
  #onItsWay: { readonly mark: number; readonly events: readonly Event[] }[] = [];

  get lastSeq(): number {
    return this.#read.at(-1)?.seq ?? 0;
  }

  dispatch(mark: number, events: readonly Event[]): void {
    this.#onItsWay.push({ mark, events });
  }

  flushed(mark: number): void {
    while (this.#onItsWay[0] && this.#onItsWay[0].mark <= mark) {
      this.#read.push(...this.#onItsWay[0].events);
      this.#onItsWay.shift();
    }
  }

  /** A new connection, which begins with what it missed. */
  reconnect(missed: Iterable<Event>): void {
    this.#onItsWay = [];
    this.#read.push(...missed);
  }

  /** What it has, beside the log. */
  wrongs(id: string, events: readonly Event[]): string[] {
    const [has, is] = [this.#read, events].map((list) => list.map(({ seq, type }) => `${seq} ${type}`).join());
    return has === is ? [] : [`P7: a reader of ${id} has ${has}, and the log is ${is}`];
  }
}
