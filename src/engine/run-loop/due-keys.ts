/** Names with instants, the earliest first: a heap. What was moved or is gone stays in it until it comes to the front. */
type Item = readonly [atMs: number, name: string];

export class DueKeys {
  readonly #heap: Item[] = [];

  get first(): Item | undefined {
    return this.#heap[0];
  }

  add(name: string, atMs: number): void {
    this.#heap.push([atMs, name]);
    rise(this.#heap);
  }

  dropFirst(): void {
    sink(this.#heap);
  }

  /** Takes those out whose instant has come. */
  *taken(now: number): Generator<string> {
    for (let first = this.first; first && first[0] <= now; first = this.first) {
      this.dropFirst();
      yield first[1];
    }
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
