/**
 * The rows of an intake shard. Tickets that were accepted together are one row: marks first, which a wake reads page by page,
 * then their sealed commands, which it does not touch. Made with the first write; a shard that is only asked has no table.
 */
import type { Removal } from "../../domain/intake/waiting-tickets.ts";

type Sealed = Uint8Array | ArrayBuffer | string;

export interface StoredMarks {
  readonly row: number;
  readonly version: number;
  /** JSON. */
  readonly marks: string;
  /** JSON; `null` for none. */
  readonly notes: string | null;
}

export interface NewTicketRow {
  readonly row: number;
  readonly marks: string;
  readonly tickets: Uint8Array | string;
}

export interface TicketChange {
  readonly added: readonly NewTicketRow[];
  readonly version: number;
  readonly removal: Removal;
  readonly alarmAtMs: number | undefined;
}

/** What a shard needs of its storage. */
export interface TicketStore {
  marks(): Iterable<StoredMarks>;
  /** The sealed commands of a row. */
  commands(row: number): Sealed | undefined;
  /** All or nothing. */
  write(change: TicketChange): void;
  /** Resolves when all that was written is durable. */
  sync(): Promise<void>;
}

const MAKE = `CREATE TABLE IF NOT EXISTS tickets
(row INTEGER PRIMARY KEY, version INTEGER NOT NULL, marks TEXT NOT NULL, commands BLOB NOT NULL)`;
/** Apart, because a row that is changed is written as a whole. */
const MAKE_NOTES = "CREATE TABLE IF NOT EXISTS notes (row INTEGER PRIMARY KEY, places TEXT NOT NULL)";
const NEXT = `SELECT row, version, marks, places FROM tickets LEFT JOIN notes USING (row) WHERE row > ? ORDER BY row LIMIT ?`;
const PAGE = 32;

export class TicketRows implements TicketStore {
  readonly #storage: Pick<DurableObjectStorage, "sql" | "transactionSync" | "setAlarm" | "sync">;
  #isMade = false;

  constructor(storage: Pick<DurableObjectStorage, "sql" | "transactionSync" | "setAlarm" | "sync">) {
    this.#storage = storage;
  }

  *marks(): Iterable<StoredMarks> {
    const { sql } = this.#storage;
    this.#isMade ||= sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'tickets'").toArray().length > 0;
    if (!this.#isMade) return;
    for (let after = -1; ; ) {
      const page = sql.exec(NEXT, after, PAGE).toArray();
      for (const { row, version, marks, places } of page) {
        after = Number(row);
        yield {
          row: after,
          version: Number(version),
          marks: String(marks),
          notes: places === null ? null : String(places),
        };
      }
      if (page.length < PAGE) return;
    }
  }

  commands(row: number): Sealed | undefined {
    const [found] = this.#storage.sql.exec("SELECT commands FROM tickets WHERE row = ?", row).toArray();
    return found?.commands as Sealed | undefined;
  }

  write({ added, version, removal, alarmAtMs }: TicketChange): void {
    const { sql } = this.#storage;
    this.#storage.transactionSync(() => {
      if (!this.#isMade) for (const query of [MAKE, MAKE_NOTES]) sql.exec(query);
      const insert = "INSERT INTO tickets (row, version, marks, commands) VALUES (?, ?, ?, ?)";
      for (const { row, marks, tickets } of added) sql.exec(insert, row, version, marks, tickets);
      for (const table of ["tickets", "notes"])
        for (const row of removal.rows) sql.exec(`DELETE FROM ${table} WHERE row = ?`, row);
      const note =
        "INSERT INTO notes (row, places) VALUES (?, ?) ON CONFLICT (row) DO UPDATE SET places = excluded.places";
      for (const [row, notes] of removal.notes) sql.exec(note, row, JSON.stringify(notes));
      if (alarmAtMs !== undefined) void this.#storage.setAlarm(alarmAtMs);
    });
    this.#isMade = true;
  }

  sync(): Promise<void> {
    return this.#storage.sync();
  }
}
