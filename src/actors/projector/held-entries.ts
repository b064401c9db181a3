/**
 * Entries that the index did not take, in the projector's own storage until it does: so their senders are free to sleep.
 *
 * It owns the rows and knows nothing of the index. Entries are packed, many to a row, because a row written is what is
 * billed; of one name only the newest entry counts.
 *
 * - `hold` returns true only when every entry is in storage; a crash after the commit loses nothing.
 * - The storage stays within `maxCharacters`: above that `hold` returns false, and the sender keeps its entry.
 * - Superseded entries do not outnumber the live ones for long: each `hold` moves the live entries of old rows.
 */
export interface HeldParts<Entry> {
  readonly nameOf: (entry: Entry) => string;
  readonly seqOf: (entry: Entry) => number;
  /** Characters of packed rows kept at most. */
  readonly maxCharacters: number;
}

/** One row, oldest first: the entries of it that nothing newer has replaced. */
export interface HeldPage<Entry> {
  readonly id: number;
  readonly entries: readonly Entry[];
}

interface Row {
  readonly characters: number;
  readonly total: number;
  live: number;
}

/** A character is at most three bytes, and the platform takes 2 MB a row. */
const MAX_ROW_CHARACTERS = 500_000;
/** Fewer superseded entries than this are not worth moving anything. */
const SLACK = 100;

type Names = readonly (readonly [name: string, seq: number])[];

export class HeldEntries<Entry> {
  readonly #storage: Pick<DurableObjectStorage, "sql" | "transactionSync">;
  readonly #parts: HeldParts<Entry>;
  /** Which row has the newest entry of a name. Read at the first use: most projectors hold nothing and have no table. */
  #newest: Map<string, { readonly rowId: number; readonly seq: number }> | undefined;
  /** In the order of the table. */
  readonly #rows = new Map<number, Row>();
  #characters = 0;
  #superseded = 0;

  constructor(storage: Pick<DurableObjectStorage, "sql" | "transactionSync">, parts: HeldParts<Entry>) {
    this.#storage = storage;
    this.#parts = parts;
  }

  /** How many names have an entry here. */
  get size(): number {
    return this.#load().size;
  }

  has(name: string): boolean {
    return this.#load().has(name);
  }

  /** Stores the entries in one transaction. False when they do not fit: then nothing was stored. */
  hold(entries: readonly Entry[]): boolean {
    const fresh = this.#newer(entries);
    const rows = pack(fresh);
    const added = rows.reduce((sum, { text }) => sum + text.length, 0);
    if (this.#characters + added > this.#parts.maxCharacters) return false;
    try {
      this.#storage.transactionSync(() => {
        this.#storage.sql.exec(
          "CREATE TABLE IF NOT EXISTS held (id INTEGER PRIMARY KEY AUTOINCREMENT, names TEXT NOT NULL, entries TEXT NOT NULL)",
        );
        for (const row of rows) this.#insert(row);
        this.#compact();
      });
      return true;
    } catch (error) {
      this.#forgetMemory();
      throw error;
    }
  }

  /** The oldest row, without what newer rows replace; `undefined` when nothing is held. */
  oldest(): HeldPage<Entry> | undefined {
    this.#load();
    const [id] = this.#rows.keys();
    return id === undefined ? undefined : { id, entries: this.#entriesOf(id) };
  }

  /** The index has the entries of this page. */
  remove({ id, entries }: HeldPage<Entry>): void {
    const newest = this.#load();
    this.#storage.sql.exec("DELETE FROM held WHERE id = ?", id);
    for (const entry of entries) {
      const name = this.#parts.nameOf(entry);
      if (newest.get(name)?.rowId === id) newest.delete(name);
    }
    this.#drop(id);
  }

  #newer(entries: readonly Entry[]): Entry[] {
    const { nameOf, seqOf } = this.#parts;
    const held = this.#load();
    const newest = new Map<string, Entry>();
    for (const entry of entries) {
      const name = nameOf(entry);
      const other = newest.get(name);
      const known = Math.max(other ? seqOf(other) : -1, held.get(name)?.seq ?? -1);
      if (seqOf(entry) > known) newest.set(name, entry);
    }
    return [...newest.values()];
  }

  #load() {
    if (this.#newest) return this.#newest;
    const newest = new Map();
    this.#newest = newest;
    const { sql } = this.#storage;
    if (sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'held'").toArray().length === 0) return newest;
    for (const row of sql.exec("SELECT id, names, length(entries) AS characters FROM held ORDER BY id"))
      this.#note(Number(row.id), JSON.parse(String(row.names)), Number(row.characters));
    return newest;
  }

  #forgetMemory(): void {
    this.#newest = undefined;
    this.#rows.clear();
    this.#characters = 0;
    this.#superseded = 0;
  }

  #insert({ entries, text }: Packed<Entry>): void {
    const names: Names = entries.map((entry) => [this.#parts.nameOf(entry), this.#parts.seqOf(entry)]);
    const insert = "INSERT INTO held (names, entries) VALUES (?, ?) RETURNING id";
    const { id } = this.#storage.sql.exec(insert, JSON.stringify(names), text).one();
    this.#note(Number(id), names, text.length);
  }

  #note(id: number, names: Names, characters: number): void {
    const newest = this.#load();
    for (const [name, seq] of names) {
      const row = this.#rows.get(newest.get(name)?.rowId ?? -1);
      if (row) {
        row.live -= 1;
        this.#superseded += 1;
      }
      newest.set(name, { rowId: id, seq });
    }
    this.#rows.set(id, { characters, total: names.length, live: names.length });
    this.#characters += characters;
  }

  /** At most so many rows as there are now, though the moved ones come to the end of the table. */
  #compact(): void {
    for (let left = this.#rows.size; left > 0 && this.#superseded > this.size + SLACK; left -= 1) {
      const page = this.oldest();
      if (!page) return;
      this.#storage.sql.exec("DELETE FROM held WHERE id = ?", page.id);
      this.#drop(page.id);
      for (const row of pack(page.entries)) this.#insert(row);
    }
  }

  #entriesOf(id: number): Entry[] {
    const { nameOf, seqOf } = this.#parts;
    const { entries } = this.#storage.sql.exec("SELECT entries FROM held WHERE id = ?", id).one();
    return (JSON.parse(String(entries)) as Entry[]).filter((entry) => {
      const newest = this.#load().get(nameOf(entry));
      return newest?.rowId === id && newest.seq === seqOf(entry);
    });
  }

  #drop(id: number): void {
    const row = this.#rows.get(id);
    if (!row) return;
    this.#rows.delete(id);
    this.#characters -= row.characters;
    this.#superseded -= row.total - row.live;
  }
}

interface Packed<Entry> {
  readonly entries: readonly Entry[];
  readonly text: string;
}

/** As few rows as the limit of a row allows. One entry is always far below it. */
function pack<Entry>(entries: readonly Entry[]): Packed<Entry>[] {
  const rows: Packed<Entry>[] = [];
  let open: Entry[] = [];
  let texts: string[] = [];
  let characters = 0;
  const close = () => {
    if (open.length > 0) rows.push({ entries: open, text: `[${texts.join(",")}]` });
    [open, texts, characters] = [[], [], 0];
  };
  for (const entry of entries) {
    const text = JSON.stringify(entry);
    if (characters + text.length > MAX_ROW_CHARACTERS) close();
    open.push(entry);
    texts.push(text);
    characters += text.length + 1;
  }
  close();
  return rows;
}
