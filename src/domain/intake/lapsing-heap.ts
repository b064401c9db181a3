/**
 * A heap with lazy deletion. `stands` says whether an item still counts; one that does not is skipped when it comes to the
 * top, and the heap is built anew when more than half of its items do not count. A call costs O(log n) on average.
 */
import { Heap } from "./heap.ts";

const FEW = 64;

export class LapsingHeap<Item> {
  readonly #isBefore: (a: Item, b: Item) => boolean;
  readonly #stands: (item: Item) => boolean;
  #heap: Heap<Item>;
  #most = FEW;

  constructor(isBefore: (a: Item, b: Item) => boolean, stands: (item: Item) => boolean) {
    this.#isBefore = isBefore;
    this.#stands = stands;
    this.#heap = new Heap(isBefore);
  }

  /** Of all that it holds, lapsed or not. */
  get size(): number {
    return this.#heap.size;
  }

  /** The first one that stands; `undefined` when none does. */
  get first(): Item | undefined {
    for (let first = this.#heap.first; first !== undefined; first = this.#heap.first) {
      if (this.#stands(first)) return first;
      this.#heap.take();
    }
    return undefined;
  }

  add(item: Item): void {
    this.#heap.add(item);
    if (this.#heap.size > this.#most) this.#letGo();
  }

  /** Removes the first ones that stand, as long as they are so, and returns them. */
  takeWhile(isSo: (item: Item) => boolean): Item[] {
    const taken: Item[] = [];
    for (let { first } = this; first !== undefined && isSo(first); { first } = this) {
      this.#heap.take();
      taken.push(first);
    }
    return taken;
  }

  #letGo(): void {
    const standing = [...this.#heap.all].filter(this.#stands);
    this.#heap = new Heap(this.#isBefore);
    for (const item of standing) this.#heap.add(item);
    this.#most = 2 * standing.length + FEW;
  }
}
