/**
 * Where the messages lie that an execution owes: the first few in the newest row of the log, because a commit writes that
 * row anyway; further ones in a table of their own, a row each. A message is ids and numbers: what was said stays in the log.
 */
import * as z from "zod";
import type { OutboxEntry } from "../../domain/execution/outbox-entry.ts";
import { messageId } from "../../domain/execution/outbox-entry.ts";
import type { Commit, OutboxRow } from "../../engine/ports.ts";
import { FEW_OWED } from "../../engine/ports.ts";
import type { Sealer } from "../../vault/vault.ts";
import type { Column, Statement } from "../storage/stored-rows.ts";
import { messagePlace, PUT } from "../storage/stored-rows.ts";

const InRow = z.array(z.tuple([z.custom<OutboxEntry>(), z.number(), z.number()]));

/** What a commit makes of them; `apply` once it is written. */
export interface OwedChange {
  /** For the newest row of the log. */
  readonly text: string | null;
  /** Whether the newest row says something else. */
  readonly isOther: boolean;
  readonly statements: readonly Statement[];
  readonly needsTable: boolean;
  readonly apply: () => void;
}

export class OwedMessages {
  readonly #sealer: Sealer;
  #inRow: ReadonlyMap<string, OutboxRow> = new Map();
  readonly #inTable = new Set<string>();
  #text: string | null = null;

  constructor(sealer: Sealer) {
    this.#sealer = sealer;
  }

  /** What the newest row of the log says. */
  look(text: string | null): void {
    this.#text = text;
    this.#inRow = text === null ? new Map() : fromText(text);
  }

  /** All of them; `sql` where there is a table. */
  load(sql: SqlStorage | undefined): Map<string, OutboxRow> {
    const all = new Map(this.#inRow);
    if (!sql) return all;
    const rows = sql.exec<{ id: string; message: Column; attempts: number; next_at_ms: number }>(
      "SELECT * FROM outbox",
    );
    for (const { id, message, attempts, next_at_ms } of rows) {
      const opened = JSON.parse(this.#sealer.open(message, messagePlace(id))) as OutboxEntry;
      this.#inTable.add(id);
      all.set(id, { message: opened, attempts, nextAtMs: next_at_ms });
    }
    return all;
  }

  change({ putMessages, removeMessages }: Pick<Commit, "putMessages" | "removeMessages">): OwedChange {
    const inRow = new Map(this.#inRow);
    const removed = removeMessages.filter((id) => !inRow.delete(id) && this.#inTable.has(id));
    const statements: Statement[] = removed.map((id) => ["DELETE FROM outbox WHERE id = ?", id]);
    const added: string[] = [];
    for (const [id, row] of putMessages) {
      const isTabled = this.#inTable.has(id) && !removed.includes(id);
      if (!isTabled && (inRow.has(id) || inRow.size < FEW_OWED)) inRow.set(id, row);
      else {
        added.push(id);
        const sealed = this.#sealer.seal(JSON.stringify(row.message), messagePlace(id));
        statements.push([PUT, id, sealed, row.attempts, row.nextAtMs]);
      }
    }
    const text = toText(inRow);
    const apply = () => {
      for (const id of removed) this.#inTable.delete(id);
      for (const id of added) this.#inTable.add(id);
      this.#inRow = inRow;
      this.#text = text;
    };
    return { text, isOther: text !== this.#text, statements, needsTable: added.length > 0, apply };
  }
}

function toText(rows: ReadonlyMap<string, OutboxRow>): string | null {
  if (rows.size === 0) return null;
  return JSON.stringify([...rows.values()].map(({ message, attempts, nextAtMs }) => [message, attempts, nextAtMs]));
}

function fromText(text: string): Map<string, OutboxRow> {
  const rows = InRow.parse(JSON.parse(text));
  return new Map(rows.map(([message, attempts, nextAtMs]) => [messageId(message), { message, attempts, nextAtMs }]));
}
