/** The synchronous SQL storage of a Durable Object, on Node's own SQLite: for parts of actors that are tested without workerd. */
import { DatabaseSync } from "node:sqlite";

type Value = string | number | null;

export class ObjectStorage {
  readonly sqlite: DatabaseSync;
  /** Rows that INSERT, UPDATE and DELETE changed. */
  rowsWritten = 0;

  constructor(path = ":memory:") {
    this.sqlite = new DatabaseSync(path);
    // Nothing here outlives its process.
    this.sqlite.exec("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY");
  }

  /** What the part under test sees. */
  get storage(): Pick<DurableObjectStorage, "sql" | "transactionSync"> {
    const exec = (query: string, ...values: Value[]) => this.#exec(query, values);
    const transactionSync = <T>(run: () => T): T => this.#transaction(run);
    const size = () => this.#size();
    const sql = {
      exec,
      get databaseSize() {
        return size();
      },
    };
    const alarm = { setAlarm: async () => {}, deleteAlarm: async () => {}, sync: async () => {} };
    return { sql, transactionSync, ...alarm } as unknown as Pick<DurableObjectStorage, "sql" | "transactionSync">;
  }

  #size(): number {
    const { bytes } = this.sqlite
      .prepare("SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size")
      .get() as { bytes: number };
    return bytes;
  }

  #exec(query: string, values: readonly Value[]) {
    const statement = this.sqlite.prepare(query);
    const isRead = query.startsWith("SELECT");
    if (!isRead) this.rowsWritten += 1;
    // What is read is read when it is asked for, row by row: a large log is never in memory.
    const written = isRead ? [] : (statement.all(...values) as Record<string, unknown>[]);
    const all = () => (isRead ? (statement.all(...values) as Record<string, unknown>[]) : written);
    return {
      toArray: all,
      one: () => {
        const rows = all();
        const [row] = rows;
        if (!row || rows.length > 1) throw new Error(`expected one row, not ${rows.length}`);
        return row;
      },
      [Symbol.iterator]: () =>
        isRead ? (statement.iterate(...values) as Iterator<Record<string, unknown>>) : written[Symbol.iterator](),
    };
  }

  #transaction<T>(run: () => T): T {
    this.sqlite.exec("BEGIN");
    try {
      const result = run();
      this.sqlite.exec("COMMIT");
      return result;
    } catch (error) {
      this.sqlite.exec("ROLLBACK");
      throw error;
    }
  }
}
