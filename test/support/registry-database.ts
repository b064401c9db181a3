/** A registry in memory for tests without workerd: the real migrations, on Node's own SQLite, behind D1's interface. */
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

const MIGRATIONS = resolve(import.meta.dirname, "../../migrations");

type Value = string | number | null;
type Row = Record<string, unknown>;

/** A statement as it was run, with what SQLite means to do for it. */
export interface Ran {
  readonly sql: string;
  readonly plan: readonly string[];
}

export class RegistryDatabase {
  readonly sqlite = new DatabaseSync(":memory:");
  readonly ran: Ran[] = [];

  constructor() {
    for (const file of readdirSync(MIGRATIONS)
      .filter((name) => name.endsWith(".sql"))
      .sort())
      for (const statement of readFileSync(resolve(MIGRATIONS, file), "utf8").split("--> statement-breakpoint"))
        this.sqlite.exec(statement);
  }

  /** What the Worker's queries see. */
  get d1(): D1Database {
    return new Database(this) as unknown as D1Database;
  }

  rows(sql: string, values: readonly Value[]): Row[] {
    const details = this.sqlite.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[];
    this.ran.push({ sql, plan: details.map(({ detail }) => detail) });
    return this.sqlite.prepare(sql).all(...values) as Row[];
  }
}

class Database {
  readonly #registry: RegistryDatabase;

  constructor(registry: RegistryDatabase) {
    this.#registry = registry;
  }

  prepare(sql: string): Statement {
    return new Statement(this.#registry, sql, []);
  }

  /** One transaction, like D1's. */
  async batch(statements: readonly Statement[]) {
    const { sqlite } = this.#registry;
    sqlite.exec("BEGIN");
    try {
      const results = statements.map((statement) => ({ results: statement.rows(), success: true }));
      sqlite.exec("COMMIT");
      return results;
    } catch (error) {
      sqlite.exec("ROLLBACK");
      throw error;
    }
  }
}

class Statement {
  readonly #registry: RegistryDatabase;
  readonly #sql: string;
  readonly #values: readonly Value[];

  constructor(registry: RegistryDatabase, sql: string, values: readonly Value[]) {
    this.#registry = registry;
    this.#sql = sql;
    this.#values = values;
  }

  bind(...values: Value[]): Statement {
    return new Statement(this.#registry, this.#sql, values);
  }
  rows(): Row[] {
    return this.#registry.rows(this.#sql, this.#values);
  }
  async all() {
    return { results: this.rows(), success: true };
  }
  run() {
    return this.all();
  }
  async first(column?: string): Promise<unknown> {
    const [row] = this.rows();
    if (!row) return null;
    return column === undefined ? row : row[column];
  }
  async raw(): Promise<unknown[][]> {
    return this.rows().map((row) => Object.values(row));
  }
}
