/**
 * The earliest of many timers, without looking at all of them: a heap for each class of timers that act together. What was
 * moved or cleared stays in its heap until it comes to the front.
 */

import type { TimerClass } from "../domain/hold.ts";
import { timerClassesThatAct, timerClassOf } from "../domain/hold.ts";
import type { ExecutionState } from "../domain/state.ts";
import { DueKeys } from "./due-keys.ts";

export class TimerQueue {
  readonly #timers: ReadonlyMap<string, number>;
  readonly #heaps = new Map<TimerClass, DueKeys>();

  /** `timers`: what holds now. */
  constructor(timers: ReadonlyMap<string, number>) {
    this.#timers = timers;
    for (const [name, atMs] of timers) this.add(name, atMs);
  }

  add(name: string, atMs: number): void {
    const timerClass = timerClassOf(name);
    const heap = this.#heaps.get(timerClass) ?? new DueKeys();
    this.#heaps.set(timerClass, heap);
    heap.add(name, atMs);
  }

  /** Of those that act while the execution is so, or of all; `fired` ones are not waited for. */
  earliest(state: ExecutionState | undefined, fired: ReadonlySet<string>): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const timerClass of state ? timerClassesThatAct(state) : this.#heaps.keys()) {
      const heap = this.#heaps.get(timerClass);
      while (heap?.first && this.#isGone(heap.first, fired)) heap.dropFirst();
      earliest = Math.min(earliest, heap?.first?.[0] ?? Number.POSITIVE_INFINITY);
    }
    return earliest;
  }

  #isGone([atMs, name]: readonly [atMs: number, name: string], fired: ReadonlySet<string>): boolean {
    return this.#timers.get(name) !== atMs || fired.has(name);
  }
}
