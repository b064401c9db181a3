/** A binary heap: `add` and `take` cost the logarithm of what it holds. */
export class Heap<Item> {
  readonly #isBefore: (a: Item, b: Item) => boolean;
  readonly #items: Item[] = [];

  constructor(isBefore: (a: Item, b: Item) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The first one in the order; `undefined` when it is empty. */
  get first(): Item | undefined {
    return this.#items[0];
  }

  /** In no order. */
  get all(): Iterable<Item> {
    return this.#items;
  }

  add(item: Item): void {
    let at = this.#items.length;
    for (let above = (at - 1) >> 1; at > 0; above = (at - 1) >> 1) {
      const parent = this.#items[above] as Item;
      if (!this.#isBefore(item, parent)) break;
      this.#items[at] = parent;
      at = above;
    }
    this.#items[at] = item;
  }

  /** Removes the first one and returns it. */
  take(): Item | undefined {
    const [first] = this.#items;
    const last = this.#items.pop();
    if (this.#items.length > 0 && last !== undefined) this.#sink(last);
    return first;
  }

  #sink(item: Item): void {
    let at = 0;
    for (let below = 1; below < this.#items.length; below = 2 * at + 1) {
      const [left, right] = [this.#items[below] as Item, this.#items[below + 1]];
      const isRight = right !== undefined && this.#isBefore(right, left);
      const next = isRight ? right : left;
      if (!this.#isBefore(next, item)) break;
      this.#items[at] = next;
      at = isRight ? below + 1 : below;
    }
    this.#items[at] = item;
  }
}
