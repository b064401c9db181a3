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

/** Alarms bring their objects past the limit: up to half of the room is kept for those that have come, or are to come. */
const ALARMS_SHARE = 0.5;

interface Touched {
  readonly atMs: number;
  readonly byAlarm: boolean;
}

export class Admission {
  readonly #limit: number;
  readonly #now: () => number;
  readonly #coming: (seconds: number) => number;
  readonly #touched = new Map<string, Touched>();
  #byAlarm = 0;

  /** `coming`: how many alarms are to bring an object within so many seconds. */
  constructor(limit: number, now: () => number, coming: (seconds: number) => number = () => 0) {
    this.#limit = limit;
    this.#now = now;
    this.#coming = coming;
  }

  /** `undefined` when there is room. A known id is always admitted: its object lives already. */
  refusal(name: string): Refusal | undefined {
    const now = this.#now();
    if (!this.#touched.has(name) && !this.#hasRoom(now)) {
      return refuse(
        "overloaded",
        `${this.#limit} objects (executions, schedules, memories) were made or asked within the last ${LIVE_MS / 1_000} seconds, and this machine keeps no more alive (ERRAND_MAX_LIVE)`,
      );
    }
    this.#touch(name, this.#touched.get(name)?.byAlarm === true);
    return undefined;
  }

  /** One that the platform brought into memory, whether there was room or not: what comes next is refused in its place. */
  woken(name: string): void {
    this.#touch(name, true);
  }

  #touch(name: string, byAlarm: boolean): void {
    this.#drop(name);
    this.#touched.set(name, { atMs: this.#now(), byAlarm });
    if (byAlarm) this.#byAlarm += 1;
  }

  #drop(name: string): void {
    if (this.#touched.get(name)?.byAlarm) this.#byAlarm -= 1;
    this.#touched.delete(name);
  }

  #hasRoom(now: number): boolean {
    const live = this.#live(now);
    const forAlarms = Math.max(this.#byAlarm, this.#coming(LIVE_MS / 1_000));
    const kept = Math.min(Math.floor(this.#limit * ALARMS_SHARE), forAlarms);
    return live < this.#limit && live - this.#byAlarm < this.#limit - kept;
  }

  /** Entries stand in the order of their last touch, so only the old ones at the front are looked at. */
  #live(now: number): number {
    for (const [id, { atMs }] of this.#touched) {
      if (now - atMs < LIVE_MS) break;
      this.#drop(id);
    }
    return this.#touched.size;
  }
}
