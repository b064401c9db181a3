/**
 * Admits starts and questions by the count of live objects: executions, schedules, memories. Each keeps about three files open, and an object stays in memory
 * for some seconds after its last call, also when it was only asked; a machine that runs out of files fails all of them, so
 * the next one is refused in time, with a 503 that says when to come again.
 */
import type { Refusal } from "../domain/values/fault.ts";
import { refuse } from "../domain/values/fault.ts";

/** A refusal when this machine has no room for one more object: to ask one brings it into memory, with its files. */
export type Admit = (name: string) => Refusal | undefined;

/** The local platform drops an idle object after about ten seconds (workerd, 2026-11). */
const LIVE_MS = 10_000;

/** Objects that come into memory in one second without a stop, and start executions, which are objects too. */
export const mostWokenASecond = (limit: number): number => Math.max(1, Math.floor((limit * 1_000) / LIVE_MS / 2));

export class Admission {
  readonly #limit: number;
  readonly #now: () => number;
  readonly #touched = new Map<string, number>();

  constructor(limit: number, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  /** `undefined` when there is room. A known id is always admitted: its object lives already. */
  refusal(name: string): Refusal | undefined {
    const now = this.#now();
    if (!this.#touched.has(name) && this.#live(now) >= this.#limit) {
      return refuse(
        "overloaded",
        `${this.#limit} objects (executions, schedules, memories) were made or asked within the last ${LIVE_MS / 1_000} seconds, and this machine keeps no more alive (ERRAND_MAX_LIVE)`,
      );
    }
    this.woken(name);
    return undefined;
  }

  /** One that the platform brought into memory, whether there was room or not: what comes next is refused in its place. */
  woken(name: string): void {
    this.#touched.delete(name);
    this.#touched.set(name, this.#now());
  }

  /** Entries stand in the order of their last touch, so only the old ones at the front are looked at. */
  #live(now: number): number {
    for (const [id, atMs] of this.#touched) {
      if (now - atMs < LIVE_MS) break;
      this.#touched.delete(id);
    }
    return this.#touched.size;
  }
}
