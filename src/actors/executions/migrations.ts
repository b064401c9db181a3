/**
 * The schema of one execution. Making a table costs as much as ten inserts. So state and events share one; and because most
 * executions end without a timer, and owe few messages at a time, those tables are made when the first row comes.
 */
import type { Schema } from "../storage/journal-store.ts";

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
  // Where each subtask of a plan stands, what came of it, where each report is in the log: work-book.ts names the keys.
  work: "CREATE TABLE work (key TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID",
  outbox:
    "CREATE TABLE outbox (id TEXT PRIMARY KEY, message TEXT NOT NULL, attempts INTEGER NOT NULL, next_at_ms INTEGER NOT NULL) WITHOUT ROWID",
} as const;
export type Aside = keyof typeof ASIDE;

export const EXECUTION_SCHEMA: Schema<Aside> = { first: "log", migrations: MIGRATIONS, aside: ASIDE };
