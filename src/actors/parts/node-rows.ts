/**
 * Rows of a tenant's nodes: a registration and its presence each, one a version. What was registered is sealed; its owner,
 * weight and presence are plain. The tables are made with the first registration.
 */
import { z } from "zod";
import { NodeRecord } from "../../domain/node/node.ts";
import { Presence } from "../../domain/node/presence.ts";
import { LruCache } from "../../domain/values/lru-cache.ts";
import type { Sealer } from "../../vault/vault.ts";
import type { Column } from "./stored-rows.ts";

/** WITHOUT ROWID: one row written for each. Presence stands apart, because it changes and registrations are large. */
const TABLES = [
  "CREATE TABLE IF NOT EXISTS nodes (id TEXT NOT NULL, version TEXT NOT NULL, owner TEXT NOT NULL, weight INTEGER NOT NULL, deployment TEXT NOT NULL, registered_at_ms INTEGER NOT NULL, content TEXT NOT NULL, PRIMARY KEY (id, version)) WITHOUT ROWID",
  "CREATE TABLE IF NOT EXISTS presence (id TEXT NOT NULL, version TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (id, version)) WITHOUT ROWID",
];
const HEADS =
  "SELECT nodes.id, nodes.version, owner, weight, deployment, registered_at_ms, presence.content AS presence FROM nodes JOIN presence USING (id, version) ORDER BY nodes.id, nodes.version";

const HeadRow = z.object({
  id: z.string(),
  version: z.string(),
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
  readonly #storage: DurableObjectStorage;
  readonly #sealer: () => Sealer;
  readonly #opened = new LruCache<string, { readonly record: NodeRecord; readonly text: string }>(
    OPENED,
    ({ text }) => text.length,
  );

  constructor(storage: DurableObjectStorage, sealer: () => Sealer) {
    this.#storage = storage;
    this.#sealer = sealer;
  }

  /** By id and version. Writes nothing, and makes no table. */
  heads(): NodeHead[] {
    const { sql } = this.#storage;
    const exists = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'presence'").toArray();
    if (exists.length === 0) return [];
    return [...sql.exec(HEADS)].map((row) => {
      const { registered_at_ms: registeredAtMs, ...head } = HeadRow.parse(row);
      return { ...head, registeredAtMs };
    });
  }

  /** Throws `Unopened` when the key that sealed it is not configured. */
  record(id: string, version: string): { readonly record: NodeRecord; readonly text: string } {
    const name = nameOf(id, version);
    const known = this.#opened.get(name);
    if (known) return known;
    const query = "SELECT content FROM nodes WHERE id = ? AND version = ?";
    const { content } = this.#storage.sql.exec<{ content: Column }>(query, id, version).one();
    const text = this.#sealer().open(content, name);
    const opened = { record: NodeRecord.parse(JSON.parse(text)), text };
    this.#opened.set(name, opened);
    return opened;
  }

  put(head: NodeHead, text: string): void {
    const { id, version, owner, weight, deployment, registeredAtMs } = head;
    const sealed = this.#sealer().seal(text, nameOf(id, version));
    this.#opened.delete(nameOf(id, version));
    this.#storage.transactionSync(() => {
      for (const table of TABLES) this.#storage.sql.exec(table);
      const insert = "INSERT OR REPLACE INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?)";
      this.#storage.sql.exec(insert, id, version, owner, weight, deployment, registeredAtMs, sealed);
      this.putPresence(head);
    });
  }

  putPresence({ id, version, presence }: NodeHead): void {
    const insert = "INSERT OR REPLACE INTO presence VALUES (?, ?, ?)";
    this.#storage.sql.exec(insert, id, version, JSON.stringify(presence));
  }

  putWeight({ id, version, weight }: NodeHead): void {
    this.#storage.sql.exec("UPDATE nodes SET weight = ? WHERE id = ? AND version = ?", weight, id, version);
  }

  remove(id: string): void {
    this.#opened.clear();
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec("DELETE FROM nodes WHERE id = ?", id);
      this.#storage.sql.exec("DELETE FROM presence WHERE id = ?", id);
    });
  }
}

function nameOf(id: string, version: string): string {
  return JSON.stringify(["node", id, version]);
}
