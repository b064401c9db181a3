/**
 * Rows of a tenant's nodes on the house's store of rows: a registration and its presence each, one a version. What was
 * registered is sealed; its owner, weight and presence are plain.
 */
import * as z from "zod";
import { NodeRecord } from "../../domain/node/node.ts";
import { Presence } from "../../domain/node/presence.ts";
import { LruCache } from "../../domain/values/lru-cache.ts";
import type { Sealer } from "../../vault/vault.ts";
import type { Schema } from "../storage/journal-store.ts";
import { JournalStore } from "../storage/journal-store.ts";
import type { Column, Statement } from "../storage/stored-rows.ts";

const SCHEMA: Schema<never> = {
  first: "nodes",
  migrations: [
    // WITHOUT ROWID: one row written for each. Presence stands apart, because it changes and registrations are large.
    "CREATE TABLE IF NOT EXISTS nodes (id TEXT NOT NULL, version TEXT NOT NULL, schema INTEGER NOT NULL, owner TEXT NOT NULL, weight INTEGER NOT NULL, deployment TEXT NOT NULL, registered_at_ms INTEGER NOT NULL, content TEXT NOT NULL, PRIMARY KEY (id, version)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS presence (id TEXT NOT NULL, version TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (id, version)) WITHOUT ROWID",
  ],
  aside: {},
};
const HEADS =
  "SELECT nodes.id, nodes.version, schema, owner, weight, deployment, registered_at_ms, presence.content AS presence FROM nodes JOIN presence USING (id, version) ORDER BY nodes.id, nodes.version";
const RECORD = "SELECT id, version, content FROM nodes WHERE id = ? AND version = ?";
const PUT =
  "INSERT OR REPLACE INTO nodes (id, version, schema, owner, weight, deployment, registered_at_ms, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
const PUT_PRESENCE = "INSERT OR REPLACE INTO presence (id, version, content) VALUES (?, ?, ?)";
type RecordRow = { id: string; version: string; content: Column };

const HeadRow = z.object({
  id: z.string(),
  version: z.string(),
  schema: z.number(),
  owner: z.string(),
  weight: z.number(),
  deployment: NodeRecord.shape.deployment,
  registered_at_ms: z.number(),
  presence: z.string().transform((text) => Presence.parse(JSON.parse(text))),
});

/** What is in memory of each version: all but what it registered. */
export interface NodeHead {
  readonly id: string;
  readonly version: string;
  readonly owner: string;
  readonly weight: number;
  readonly deployment: NodeRecord["deployment"];
  readonly registeredAtMs: number;
  readonly presence: Presence;
}

/** Characters of registrations that stay opened. */
const OPENED = 8_000_000;

export class NodeRows {
  readonly #store: JournalStore<never>;
  readonly #sealer: Sealer;
  readonly #opened = new LruCache<string, { readonly record: NodeRecord; readonly text: string }>(
    OPENED,
    ({ text }) => text.length,
  );

  constructor(storage: DurableObjectStorage, sealer: Sealer) {
    addSchemaColumn(storage.sql);
    this.#store = new JournalStore(storage, sealer, SCHEMA);
    this.#sealer = sealer;
  }

  /** By id and version. Writes nothing, and makes no table. */
  heads(): NodeHead[] {
    if (!this.#store.isMade) return [];
    return [...this.#store.sql.exec(HEADS)].map((row) => {
      const { registered_at_ms: registeredAtMs, schema, ...head } = HeadRow.parse(row);
      this.#store.version = Math.max(this.#store.version, schema);
      return { ...head, registeredAtMs };
    });
  }

  /** Throws `Unopened` when the key that sealed it is not configured. */
  record(id: string, version: string): { readonly record: NodeRecord; readonly text: string } {
    const name = nameOf({ id, version });
    const known = this.#opened.get(name);
    if (known) return known;
    const [found] = this.#store.opened<RecordRow>(RECORD, nameOf, id, version);
    if (!found) throw new Error(`the node ${name} has no row`);
    const opened = { record: NodeRecord.parse(JSON.parse(found.text)), text: found.text };
    this.#opened.set(name, opened);
    return opened;
  }

  put(head: NodeHead, text: string): void {
    const { id, version, owner, weight, deployment, registeredAtMs } = head;
    const { newestVersion } = this.#store;
    const sealed = this.#sealer.seal(text, nameOf(head));
    this.#opened.delete(nameOf(head));
    const registered: Statement = [PUT, id, version, newestVersion, owner, weight, deployment, registeredAtMs, sealed];
    this.#store.write({ statements: [registered, presenceOf(head)] });
  }

  putPresence(head: NodeHead): void {
    this.#store.write({ statements: [presenceOf(head)] });
  }

  putWeight({ id, version, weight }: NodeHead): void {
    const statement: Statement = ["UPDATE nodes SET weight = ? WHERE id = ? AND version = ?", weight, id, version];
    this.#store.write({ statements: [statement] });
  }

  remove(id: string): void {
    this.#opened.clear();
    this.#store.write({
      statements: [
        ["DELETE FROM nodes WHERE id = ?", id],
        ["DELETE FROM presence WHERE id = ?", id],
      ],
    });
  }
}

/** Rows that were made before they said how many migrations they have seen: those two. */
function addSchemaColumn(sql: SqlStorage): void {
  const query = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'nodes'";
  const [table] = sql.exec<{ sql: string }>(query).toArray();
  if (table && !table.sql.includes("schema INTEGER"))
    sql.exec("ALTER TABLE nodes ADD COLUMN schema INTEGER NOT NULL DEFAULT 2");
}

function presenceOf({ id, version, presence }: NodeHead): Statement {
  return [PUT_PRESENCE, id, version, JSON.stringify(presence)];
}

function nameOf({ id, version }: { readonly id: string; readonly version: string }): string {
  return JSON.stringify(["node", id, version]);
}
