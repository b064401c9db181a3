/**
 * What all readers of one execution may leave unread together. The platform keeps what a silent reader was sent, also after
 * its socket was closed from here, until its connection ends; so closed ones count until the platform says that they are gone.
 *
 * - Where the room is full the reader with most unread makes place: it is cut, and comes back with the last seq it has.
 * - One message always fits when no reader has anything unread.
 * - Readers that were cut and are still connected keep new ones out once they alone fill the room.
 */
import { shareOf } from "../../contract/stream/flow-control.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { refuse } from "../../domain/values/fault.ts";
import type { Limits } from "../../domain/values/limits.ts";
import { inWords } from "../../domain/values/limits.ts";

export interface Sharer {
  /** Closes its socket for want of room. */
  cutForRoom(): void;
}

export class SharedRoom {
  readonly #limits: Limits;
  readonly #of: string;
  readonly #open = new Map<Sharer, number>();
  readonly #closing = new Map<Sharer, number>();
  #unread = 0;
  #lingering = 0;

  /** `of`: what is read. */
  constructor(limits: Limits, of = "execution") {
    this.#limits = limits;
    this.#of = of;
  }

  /** Why one more cannot be connected; `connected` counts those that are closing too. */
  refusal(connected: number): Refusal | undefined {
    const { sockets, unreadBytes } = this.#limits;
    if (connected >= sockets)
      return refuse(
        "too_many_readers",
        `${connected} readers are connected to this ${this.#of}; ${inWords("sockets", this.#limits)} are taken`,
      );
    if (this.#lingering < unreadBytes) return undefined;
    return refuse(
      "too_many_readers",
      `readers that were cut have not read ${this.#lingering} bytes yet; ${inWords("unreadBytes", this.#limits)} are kept`,
    );
  }

  /** After how much each reader is asked how far it is. */
  get share(): number {
    return shareOf(this.#limits.unreadBytes, this.#open.size);
  }

  /** Makes place for a message; false when this reader itself had to go. */
  makePlace(subscriber: Sharer, size: number): boolean {
    while (this.#unread > 0 && this.#unread + size > this.#limits.unreadBytes) {
      const fullest = this.#fullest();
      fullest.cutForRoom();
      this.closing(fullest);
      if (fullest === subscriber) return false;
    }
    return true;
  }

  /** Sets how much this reader has not read now. */
  holds(subscriber: Sharer, unread: number): void {
    if (this.#closing.has(subscriber)) return;
    this.#unread += unread - (this.#open.get(subscriber) ?? 0);
    this.#open.set(subscriber, unread);
  }

  /** Its socket is closed from here. */
  closing(subscriber: Sharer): void {
    const unread = this.#open.get(subscriber);
    if (unread === undefined) return;
    this.#open.delete(subscriber);
    this.#unread -= unread;
    this.#closing.set(subscriber, unread);
    this.#lingering += unread;
  }

  /** The platform has let go of it. */
  gone(subscriber: Sharer): void {
    this.closing(subscriber);
    this.#lingering -= this.#closing.get(subscriber) ?? 0;
    this.#closing.delete(subscriber);
  }

  #fullest(): Sharer {
    let fullest: [Sharer, number] | undefined;
    for (const entry of this.#open) if (!fullest || entry[1] > fullest[1]) fullest = entry;
    if (!fullest) throw new Error("what is unread belongs to a reader");
    return fullest[0];
  }
}
