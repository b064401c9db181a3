/** After so many more bytes the database is asked again how large it is. */
const LOOK_EACH = 1_048_576;

/** How much one execution may still store. Pages that were freed stay its own, and count. */
export class StorageRoom {
  readonly #sql: SqlStorage;
  readonly #most: number;
  #size = 0;
  #since = Number.POSITIVE_INFINITY;

  constructor(sql: SqlStorage, most: number) {
    this.#sql = sql;
    this.#most = most;
  }

  /** Counts what was written: bytes, or characters. */
  wrote(size: number): void {
    this.#since += size;
  }

  /** `isNew`: there is no database yet, and asking for its size would make one. */
  look(isNew: boolean): { readonly left: number; readonly most: number } {
    if (!isNew && this.#since >= LOOK_EACH) {
      this.#size = this.#sql.databaseSize;
      this.#since = 0;
    }
    const since = Number.isFinite(this.#since) ? this.#since : 0;
    return { left: this.#most - this.#size - since, most: this.#most };
  }
}
