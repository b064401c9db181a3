/** First in, first out, each end at a cost that does not depend on how much waits: `Array.shift` moves all that is left. */
export class Queue<Item> {
  #items: Item[] = [];
  #taken = 0;

  get size(): number {
    return this.#items.length - this.#taken;
  }

  add(item: Item): void {
    this.#items.push(item);
  }

  /** The oldest; undefined when nothing waits. */
  take(): Item | undefined {
    return this.takeMany(1)[0];
  }

  /** The oldest ones, at most so many. */
  takeMany(most: number): Item[] {
    const end = Math.min(this.#items.length, this.#taken + most);
    const items = this.#items.slice(this.#taken, end);
    this.#taken = end;
    // What was taken is let go of once it is half of all: each item is moved once on average.
    if (this.#taken * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    return items;
  }
}
