interface Entry<Value> {
  readonly value: Value;
  readonly untilMs: number;
}

/**
 * What is remembered to spare a look-up. Beyond `most` (a count, or the sum of what `sizeOf` says) the entry leaves that was
 * used longest ago; the newest one always stays. An entry is known before `untilMs`, on the clock that `get` is handed.
 */
export class LruCache<Key, Value> {
  /** The one used longest ago is first. */
  readonly #entries = new Map<Key, Entry<Value>>();
  readonly #most: number;
  readonly #sizeOf: (value: Value) => number;
  #size = 0;

  constructor(most: number, sizeOf: (value: Value) => number = () => 1) {
    this.#most = most;
    this.#sizeOf = sizeOf;
  }

  get(key: Key, nowMs = 0): Value | undefined {
    const entry = this.#entries.get(key);
    this.delete(key);
    if (!entry || entry.untilMs <= nowMs) return undefined;
    this.set(key, entry.value, entry.untilMs);
    return entry.value;
  }

  /** One of which this is true; that counts as a use. Asks the entries one after the other: for small caches without ends. */
  find(isWanted: (value: Value) => boolean): Value | undefined {
    for (const [key, { value, untilMs }] of this.#entries) {
      if (!isWanted(value)) continue;
      this.set(key, value, untilMs);
      return value;
    }
    return undefined;
  }

  set(key: Key, value: Value, untilMs = Number.POSITIVE_INFINITY): void {
    this.delete(key);
    this.#entries.set(key, { value, untilMs });
    this.#size += this.#sizeOf(value);
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= this.#most || this.#entries.size === 1) return;
      this.delete(oldest);
    }
  }

  delete(key: Key): void {
    const entry = this.#entries.get(key);
    if (entry && this.#entries.delete(key)) this.#size -= this.#sizeOf(entry.value);
  }

  clear(): void {
    this.#entries.clear();
    this.#size = 0;
  }
}
