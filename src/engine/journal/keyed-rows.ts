/** Rows beside the log, by key: what holds now, and what the next commit changes. */
export interface RowChanges<V> {
  readonly puts: ReadonlyMap<string, V>;
  readonly removals: readonly string[];
}

export class KeyedRows<V> {
  readonly #rows: Map<string, V>;
  #puts = new Map<string, V>();
  #removals = new Set<string>();
  /** Removed in memory: written with the next change, and no change by themselves. */
  #quiet = new Set<string>();

  constructor(rows: ReadonlyMap<string, V>) {
    this.#rows = new Map(rows);
  }

  get all(): ReadonlyMap<string, V> {
    return this.#rows;
  }
  get changes(): RowChanges<V> {
    return { puts: this.#puts, removals: [...this.#removals, ...this.#quiet] };
  }
  get isDirty(): boolean {
    return this.#puts.size + this.#removals.size > 0;
  }
  get isEmpty(): boolean {
    return this.#rows.size === 0;
  }

  put(key: string, row: V): void {
    this.#rows.set(key, row);
    this.#puts.set(key, row);
    this.#removals.delete(key);
    this.#quiet.delete(key);
  }

  /** False when there is no such row. */
  remove(key: string): boolean {
    if (!this.#rows.delete(key)) return false;
    this.#puts.delete(key);
    this.#removals.add(key);
    return true;
  }

  /** As `remove`; a crash before the next change leaves the row. */
  removeQuietly(key: string): void {
    if (!this.#rows.delete(key)) return;
    this.#puts.delete(key);
    this.#quiet.add(key);
  }

  /** Takes a quiet removal back. */
  restore(key: string, row: V): void {
    if (!this.#quiet.delete(key)) return this.put(key, row);
    this.#rows.set(key, row);
  }

  /** True while the row is only staged: then it may never have been. */
  isStaged(key: string): boolean {
    return this.#puts.has(key);
  }

  /** The changes are on disk. */
  flush(): void {
    this.#puts = new Map();
    this.#removals = new Set();
    this.#quiet = new Set();
  }
}
