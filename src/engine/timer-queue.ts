/**
 * The earliest of many timers, without looking at all of them: a heap for each class of timers that act together. What was
 * moved or cleared stays in its heap until it comes to the front.
 */

import type { TimerClass } from "../domain/hold.ts";
import { timerClassesThatAct, timerClassOf } from "../domain/hold.ts";
import type { ExecutionState } from "../domain/state.ts";

type Item = readonly [atMs: number, name: string];

export class TimerQueue {
  readonly #timers: ReadonlyMap<string, number>;
  readonly #heaps = new Map<TimerClass, Item[]>();

  /** `timers`: what holds now. */
  constructor(timers: ReadonlyMap<string, number>) {
    this.#timers = timers;
    for (const [name, atMs] of timers) this.add(name, atMs);
  }

  add(name: string, atMs: number): void {
    const timerClass = timerClassOf(name);
    const heap = this.#heaps.get(timerClass) ?? [];
    this.#heaps.set(timerClass, heap);
    heap.push([atMs, name]);
    rise(heap);
  }

  /** Of those that act while the execution is so, or of all; `fired` ones are not waited for. */
  earliest(state: ExecutionState | undefined, fired: ReadonlySet<string>): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const timerClass of state ? timerClassesThatAct(state) : this.#heaps.keys()) {
      const heap = this.#heaps.get(timerClass) ?? [];
      for (let first = heap[0]; first && this.#isGone(first, fired); first = heap[0]) sink(heap);
      earliest = Math.min(earliest, heap[0]?.[0] ?? Number.POSITIVE_INFINITY);
    }
    return earliest;
  }

  #isGone([atMs, name]: Item, fired: ReadonlySet<string>): boolean {
    return this.#timers.get(name) !== atMs || fired.has(name);
  }
}

/** The last item finds its place. */
function rise(heap: Item[]): void {
  let at = heap.length - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const [item, other] = [heap[at], heap[above]];
    if (!item || !other || other[0] <= item[0]) return;
    heap[at] = other;
    heap[above] = item;
    at = above;
  }
}

/** Takes the first item away. */
function sink(heap: Item[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  heap[0] = last;
  for (let at = 0; ; ) {
    const left = 2 * at + 1;
    const right = left + 1;
    const least = (heap[right]?.[0] ?? Number.POSITIVE_INFINITY) < (heap[left]?.[0] ?? 0) ? right : left;
    const [item, other] = [heap[at], heap[least]];
    if (!item || !other || item[0] <= other[0]) return;
    heap[at] = other;
    heap[least] = item;
    at = least;
  }
}
