/**
 * The schema of one execution, as an append-only list. It is made in the transaction of the first write (a new object
 * then costs seven fsyncs and not eight, measured on the local runtime 2026-11); the constructor only looks.
 *
 * Making a table costs as much as ten inserts. So state and events share one; and because most executions end without a
 * timer, and owe few messages at a time, those tables are made when the first row comes.
 */
const MIGRATIONS: readonly string[] = [
  // Each row packs the events of one commit, named by its last seq: no row per event, no index. Row 0 is a snapshot of the
  // state. The newest row carries what holds now: the schema's version, and the messages that are owed, as long as they are
  // few (ids and numbers: owed-messages.ts). So a commit is one row, and one statement. `page`: see log-pages.ts.
  "CREATE TABLE IF NOT EXISTS log (last_seq INTEGER PRIMARY KEY, page INTEGER, content TEXT NOT NULL, schema INTEGER, owed TEXT)",
];

const ASIDE = {
  timers:
    "CREATE TABLE timers (id TEXT PRIMARY KEY, class INTEGER NOT NULL, at_ms INTEGER NOT NULL, name TEXT NOT NULL) WITHOUT ROWID",
  gates: "CREATE TABLE gates (id TEXT PRIMARY KEY, opened_seq INTEGER NOT NULL, content TEXT NOT NULL) WITHOUT ROWID",
  outbox:
    "CREATE TABLE outbox (id TEXT PRIMARY KEY, message TEXT NOT NULL, attempts INTEGER NOT NULL, next_at_ms INTEGER NOT NULL) WITHOUT ROWID",
} as const;
export type Aside = keyof typeof ASIDE;

export const SCHEMA_VERSION = MIGRATIONS.length;

/** What the object has beside `log`; undefined when it has none: nothing was ever written. */
export function tablesOf(sql: SqlStorage): ReadonlySet<Aside> | undefined {
  const tables = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
  const names = new Set(tables.map(({ name }) => name));
  return names.has("log") ? new Set((Object.keys(ASIDE) as Aside[]).filter((name) => names.has(name))) : undefined;
}

/** To be run with the write that needs them. A table without rows, left by a crash in between, is none. */
export function migrationsFrom(version: number): readonly string[] {
  return MIGRATIONS.slice(version);
}

/** To be run with the first row of such a table. */
export function makingOf(name: Aside): string {
  return ASIDE[name];
}
