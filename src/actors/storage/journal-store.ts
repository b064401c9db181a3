/**
 * Sealed rows in the own SQLite of a Durable Object, for any actor. It knows no table by its meaning: an actor brings its schema
 * and its statements.
 *
 * - A write is one transaction: the schema that is missing, the statements, the alarm. What throws in the middle leaves nothing.
 * - The schema is made with the first write (a new object then costs seven fsyncs and not eight, measured on the local runtime
 *   2026-11); the constructor only looks. Making a table costs as much as ten inserts: tables that few objects need are
 *   made when their first row comes.
 */
import type { Sealer } from "../../vault/vault.ts";
import type { Column, Statement } from "./stored-rows.ts";

export interface Schema<Aside extends string> {
  /** The table that is there once anything was written. */
  readonly first: string;
  /** An append-only list. A table without rows, left by a crash in between, is none. */
  readonly migrations: readonly string[];
  /** Tables that are made with their first row. */
  readonly aside: Readonly<Record<Aside, string>>;
}

/** What one transaction writes; `alarmAtMs` sets the alarm, absent leaves it. */
export interface Write<Aside extends string> {
  readonly statements: readonly Statement[];
  /** Tables that the statements need. */
  readonly needs?: Iterable<Aside>;
  readonly alarmAtMs?: number | undefined;
}

export class JournalStore<Aside extends string> {
  readonly #storage: DurableObjectStorage;
  readonly #sealer: Sealer;
  readonly #schema: Schema<Aside>;
  #aside: ReadonlySet<Aside>;
  /** Whether the first table is there. */
  readonly isMade: boolean;
  /** How many migrations its rows have seen; 0 while nothing was written. The actor reads it from its newest row. */
  version = 0;

  constructor(storage: DurableObjectStorage, sealer: Sealer, schema: Schema<Aside>) {
    this.#storage = storage;
    this.#sealer = sealer;
    this.#schema = schema;
    const tables = this.sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
    const names = new Set(tables.map(({ name }) => name));
    const aside = Object.keys(schema.aside) as Aside[];
    this.isMade = names.has(schema.first);
    this.#aside = new Set(aside.filter((name) => this.isMade && names.has(name)));
  }

  get sql(): SqlStorage {
    return this.#storage.sql;
  }

  get newestVersion(): number {
    return this.#schema.migrations.length;
  }

  has(table: Aside): boolean {
    return this.#aside.has(table);
  }

  /** Rows as they are read, each with its text opened at its place. Throws `Unopened`. */
  *opened<Row extends { content: Column }>(
    query: string,
    place: (row: Row) => string,
    ...values: readonly (number | string)[]
  ): Generator<{ readonly row: Row; readonly text: string }> {
    for (const row of this.sql.exec<Row>(query, ...values))
      yield { row, text: this.#sealer.open(row.content, place(row)) };
  }

  /** All or nothing: what throws in the middle leaves the storage, and this object's picture of it, as they were. */
  write({ statements, needs = [], alarmAtMs }: Write<Aside>): void {
    const aside = new Set([...this.#aside, ...needs]);
    const making = [...aside].filter((name) => !this.#aside.has(name)).map((name) => this.#schema.aside[name]);
    this.#storage.transactionSync(() => {
      for (const query of [...this.#schema.migrations.slice(this.version), ...making]) this.sql.exec(query);
      for (const [query, ...values] of statements) this.sql.exec(query, ...values);
      if (alarmAtMs !== undefined) void this.#storage.setAlarm(alarmAtMs);
    });
    this.version = this.newestVersion;
    this.#aside = aside;
  }

  sync(): Promise<void> {
    return this.#storage.sync();
  }
}
