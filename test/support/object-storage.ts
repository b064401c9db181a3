/** The synchronous SQL storage of a Durable Object, on Node's own SQLite: for parts of actors that are tested without workerd. */
import { DatabaseSync } from "node:sqlite";

type Value = string | number | null;

export class ObjectStorage {
  readonly sqlite = new DatabaseSync(":memory:");
  /** Rows that INSERT, UPDATE and DELETE changed. */
  rowsWritten = 0;

  /** What the part under test sees. */
  get storage(): Pick<DurableObjectStorage, "sql" | "transactionSync"> {
    const exec = (query: string, ...values: Value[]) => this.#exec(query, values);
    const transactionSync = <T>(run: () => T): T => this.#transaction(run);
    return { sql: { exec }, transactionSync } as unknown as Pick<DurableObjectStorage, "sql" | "transactionSync">;
  }

  #exec(query: string, values: readonly Value[]) {
    const rows = this.sqlite.prepare(query).all(...values) as Record<string, unknown>[];
    if (!query.startsWith("SELECT")) this.rowsWritten += 1;
    return {
      toArray: () => rows,
      one: () => {
        const [row] = rows;
        if (!row || rows.length > 1) throw new Error(`expected one row, not ${rows.length}`);
        return row;
      },
      [Symbol.iterator]: () => rows[Symbol.iterator](),
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
