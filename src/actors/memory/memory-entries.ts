/**
 * Keys and their values, and the writes that are recognised when they come again. A key may hold anything that a program says:
 * a row is found by a keyed digest of it while encryption is on. After a rotation it is looked for under that of every known key.
 */
import type { EntryPage, EntryQuery, WriteOnce } from "../../domain/memory/entry.ts";
import { MemoryEntry } from "../../domain/memory/entry.ts";
import { WRITES_KNOWN_MS } from "../../domain/memory/limits.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Column, Statement } from "../storage/stored-rows.ts";
import type { MemoryJournal } from "./memory-journal.ts";

type Row = { id: string; content: Column };

/** UTF-16 units of values in one page, beyond the first entry. */
const PAGE_SIZE = 1_048_576;
/** Made with the first value that ends: the others pay nothing for it. */
const MAKE_INDEX = "CREATE INDEX IF NOT EXISTS entries_due ON entries (expires_at_ms) WHERE expires_at_ms IS NOT NULL";
/** Old known writes go after so many new ones. */
const FORGET_EACH = 200;

const placeOf = (id: string) => `entry ${id}`;

export class MemoryEntries {
  readonly #journal: MemoryJournal;
  #sinceForgotten = FORGET_EACH;

  constructor(journal: MemoryJournal) {
    this.#journal = journal;
  }

  get #isEmpty(): boolean {
    return !this.#journal.store.has("entries");
  }

  /** Returns the entry of a key; `undefined` when there is none, or when it has expired. */
  get(key: string, nowMs: number): MemoryEntry | undefined {
    for (const { text } of this.#rowsOf(key)) {
      const entry = MemoryEntry.parse(JSON.parse(text));
      if (entry.key === key && !isOver(entry, nowMs)) return entry;
    }
    return undefined;
  }

  #rowsOf(key: string): { readonly row: Row; readonly text: string }[] {
    if (this.#isEmpty) return [];
    const { sealer, store } = this.#journal;
    const digests = sealer.digestsOf(key);
    const query = `SELECT id, content FROM entries WHERE id IN (${digests.map(() => "?").join(", ")})`;
    return [...store.opened<Row>(query, ({ id }) => placeOf(id), ...digests)];
  }

  put(entry: MemoryEntry): Statement[] {
    const { sealer } = this.#journal;
    const [id = entry.key] = sealer.digestsOf(entry.key);
    const { expiresAtMs } = entry;
    return [
      ...this.remove(entry.key).filter(([, old]) => old !== id),
      ...(expiresAtMs === undefined ? [] : [[MAKE_INDEX] satisfies Statement]),
      [
        "INSERT OR REPLACE INTO entries (id, expires_at_ms, content) VALUES (?, ?, ?)",
        id,
        expiresAtMs ?? null,
        sealer.seal(JSON.stringify(entry), placeOf(id)),
      ],
    ];
  }

  remove(key: string): Statement[] {
    return this.#rowsOf(key).map(({ row: { id } }) => ["DELETE FROM entries WHERE id = ?", id]);
  }

  /** A page in the order of the rows' ids: by key, or by its digest while encryption is on. */
  list({ limit, after = "" }: EntryQuery, nowMs: number): EntryPage {
    if (this.#isEmpty) return { entries: [], nextCursor: null };
    const query =
      "SELECT id, content FROM entries WHERE id > ? AND (expires_at_ms IS NULL OR expires_at_ms > ?) ORDER BY id";
    const entries: MemoryEntry[] = [];
    let [size, last] = [0, ""];
    for (const { row, text } of this.#journal.store.opened<Row>(query, ({ id }) => placeOf(id), after, nowMs)) {
      size += text.length;
      if (entries.length === limit || (entries.length > 0 && size > PAGE_SIZE)) return { entries, nextCursor: last };
      entries.push(MemoryEntry.parse(JSON.parse(text)));
      last = row.id;
    }
    return { entries, nextCursor: null };
  }

  /** Returns expired entries, the earliest first, for the alarm to remove. */
  due(nowMs: number, limit: number): MemoryEntry[] {
    if (this.#isEmpty) return [];
    const query = "SELECT id, content FROM entries WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?";
    const rows = this.#journal.store.opened<Row>(query, ({ id }) => placeOf(id), nowMs, limit);
    return [...rows].map(({ text }) => MemoryEntry.parse(JSON.parse(text)));
  }

  /** When the next one's time is over. */
  nextEndMs(): number | undefined {
    if (this.#isEmpty) return undefined;
    const query = "SELECT min(expires_at_ms) AS at FROM entries WHERE expires_at_ms IS NOT NULL";
    return this.#journal.store.sql.exec<{ at: number | null }>(query).one().at ?? undefined;
  }

  /** Whether this write was done already; a refusal when the id was another write's. */
  isKnown(once: WriteOnce | undefined): Result<boolean> {
    const { store, sealer } = this.#journal;
    if (!once || !store.has("known_writes")) return accept(false);
    const digests = sealer.digestsOf(once.id);
    const query = `SELECT digest FROM known_writes WHERE id IN (${digests.map(() => "?").join(", ")})`;
    const [found] = store.sql.exec<{ digest: string }>(query, ...digests).toArray();
    if (found === undefined) return accept(false);
    if (sealer.digestsOf(once.digest).includes(found.digest)) return accept(true);
    return refuse("idempotency_mismatch", "this Idempotency-Key came with another write before");
  }

  /** Remembers a write; those that are too old go. */
  remember(once: WriteOnce | undefined, nowMs: number): Statement[] {
    if (!once) return [];
    const { sealer } = this.#journal;
    const [id = once.id] = sealer.digestsOf(once.id);
    const [digest = once.digest] = sealer.digestsOf(once.digest);
    this.#sinceForgotten += 1;
    const forgets = this.#sinceForgotten > FORGET_EACH;
    if (forgets) this.#sinceForgotten = 0;
    return [
      ...(forgets ? [["DELETE FROM known_writes WHERE at_ms < ?", nowMs - WRITES_KNOWN_MS] satisfies Statement] : []),
      ["INSERT OR REPLACE INTO known_writes (id, digest, at_ms) VALUES (?, ?, ?)", id, digest, nowMs],
    ];
  }
}

function isOver({ expiresAtMs }: MemoryEntry, nowMs: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= nowMs;
}
