/**
 * The schema of one execution, as an append-only list. It is made in the transaction of the first write (a new object
 * then costs seven fsyncs and not eight, measured on the local runtime 2026-11); the constructor only looks.
 *
 * Making a table costs as much as ten inserts. So state and events share one; and because most executions end without a
 * timer, and without a message but the one to the registry, those tables are made when the first row comes.
 */
const MIGRATIONS: readonly string[] = [
  // Each row packs the events of one commit, named by its last seq: no row per event, no index. Row 0 is a snapshot of the
  // state, with the schema's version and the message to the registry, which every change of status makes: numbers.
  "CREATE TABLE log (last_seq INTEGER PRIMARY KEY, content TEXT NOT NULL, schema INTEGER, registry TEXT)",
];

const ASIDE = {
  timers: "CREATE TABLE timers (name TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID",
  outbox:
    "CREATE TABLE outbox (id TEXT PRIMARY KEY, message TEXT NOT NULL, attempts INTEGER NOT NULL, next_at_ms INTEGER NOT NULL) WITHOUT ROWID",
} as const;
export type Aside = keyof typeof ASIDE;

export const SCHEMA_VERSION = MIGRATIONS.length;

export interface Schema {
  /** How many migrations this object has; 0 when nothing was ever written. */
  readonly version: number;
  readonly aside: ReadonlySet<Aside>;
}

export function schemaOf(sql: SqlStorage): Schema {
  const tables = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
  const names = new Set(tables.map(({ name }) => name));
  const aside = new Set((Object.keys(ASIDE) as Aside[]).filter((name) => names.has(name)));
  if (!names.has("log")) return { version: 0, aside };
  const [row] = sql.exec<{ schema: number }>("SELECT schema FROM log WHERE last_seq = 0").toArray();
  return { version: row?.schema ?? 0, aside };
}

/** Call inside the transaction of a write. */
export function migrate(sql: SqlStorage, from: number): void {
  for (const statements of MIGRATIONS.slice(from)) sql.exec(statements);
}

/** Call inside the transaction of the first row of such a table. */
export function makeAside(sql: SqlStorage, name: Aside): void {
  sql.exec(ASIDE[name]);
}
