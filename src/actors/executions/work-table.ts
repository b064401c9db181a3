/**
 * Rows of the work of a plan: written in the commit of the events that changed them, read by key. Keys are plain, as ids are;
 * what a row says is sealed for its key.
 */
import type { Commit, StoredWork } from "../../engine/ports.ts";
import type { Sealer } from "../../vault/vault.ts";
import type { Column, Statement } from "../storage/stored-rows.ts";

type Row = { key: string; content: Column };

export class WorkTable implements StoredWork {
  readonly #sql: SqlStorage;
  readonly #sealer: Sealer;
  /** Whether the table was made. */
  readonly #exists: () => boolean;

  constructor(sql: SqlStorage, sealer: Sealer, exists: () => boolean) {
    this.#sql = sql;
    this.#sealer = sealer;
    this.#exists = exists;
  }

  get(key: string): string | undefined {
    if (!this.#exists()) return undefined;
    const [row] = this.#sql.exec<Row>("SELECT key, content FROM work WHERE key = ?", key).toArray();
    return row && this.#sealer.open(row.content, placeOf(key));
  }

  /** The keys of one kind lie together: they end where the next character begins. */
  *under(prefix: string): Generator<string> {
    if (!this.#exists()) return;
    const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
    const rows = this.#sql.exec<Row>("SELECT key, content FROM work WHERE key >= ? AND key < ?", prefix, end);
    for (const { key, content } of rows) yield this.#sealer.open(content, placeOf(key));
  }

  statements({ putWork, forgetLog }: Commit): Statement[] {
    const gone: Statement[] = forgetLog && this.#exists() ? [["DELETE FROM work"]] : [];
    const puts = [...(putWork ?? [])].map(([key, text]): Statement => {
      const sealed = this.#sealer.seal(text, placeOf(key));
      return ["INSERT OR REPLACE INTO work (key, content) VALUES (?, ?)", key, sealed];
    });
    return [...gone, ...puts];
  }
}

const placeOf = (key: string) => `work ${key}`;
