/** The tables of a memory. Most hold a few keys and no vectors: what only some need is made with its first row. */
import type { Schema } from "../storage/journal-store.ts";

const MIGRATIONS: readonly string[] = [
  // One row: whose memory it is; up to which change the tenant's feed has it.
  "CREATE TABLE IF NOT EXISTS about (id INTEGER PRIMARY KEY, schema INTEGER NOT NULL, fed INTEGER NOT NULL, content TEXT NOT NULL)",
  // The journal: a row a change, in order. Readers of the feed read it from the place that they have.
  "CREATE TABLE IF NOT EXISTS changes (seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, size INTEGER NOT NULL, content TEXT NOT NULL)",
];

const ASIDE = {
  // `id` is the key, or a keyed digest of it while encryption is on.
  entries: "CREATE TABLE entries (id TEXT PRIMARY KEY, expires_at_ms INTEGER, content TEXT NOT NULL) WITHOUT ROWID",
  vectors:
    "CREATE TABLE vectors (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, dims INTEGER NOT NULL, sealed INTEGER NOT NULL, embedding BLOB NOT NULL, content TEXT NOT NULL)",
  // Writes that are recognised when they come again.
  known_writes:
    "CREATE TABLE known_writes (id TEXT PRIMARY KEY, digest TEXT NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID",
  // Of the tenant's feed: up to which of its changes each memory was heard.
  sources: "CREATE TABLE sources (id TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID",
} as const;
export type MemoryTable = keyof typeof ASIDE;

export const MEMORY_SCHEMA: Schema<MemoryTable> = { first: "about", migrations: MIGRATIONS, aside: ASIDE };
