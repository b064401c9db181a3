/**
 * One execution's rows in the object's own SQLite: the engine's `Store`. One transaction a commit, nothing awaited inside.
 *
 * R1  A row holds at most 1.5 MB (the platform's limit is 2 MB, and locally nobody enforces it): a larger batch is split.
 * R2  What anybody said is sealed, and bound to its row: events, state, messages, names of timers. Plain are numbers, ids
 *     of messages, and what the registry is owed.
 * R3  `load` opens or requires every key that the log needs (a snapshot names those of the rows before it): a missing key
 *     is found out before anything is decided on half a log.
 * R4  The state is folded from the log. Row 0 holds it as it was at most `MOST_SINCE_SNAPSHOT` rows ago: waking is O(1).
 * R5  A sealed row is what this house wrote: its events are taken as they are. A plain one is parsed.
 */
import { z } from "zod";
import type { Message } from "../../domain/consequences.ts";
import type { Event } from "../../domain/event.ts";
import { EVENT_VERSION, parseEvent } from "../../domain/event.ts";
import { evolve } from "../../domain/evolve.ts";
import { ExecutionState } from "../../domain/state.ts";
import type { Commit, Loaded, OutboxRow, Store } from "../../engine/ports.ts";
import type { Sealer } from "../../vault/vault.ts";
import type { Aside } from "./migrations.ts";
import { makeAside, migrate, SCHEMA_VERSION, schemaOf } from "./migrations.ts";

const MAX_ROW_BYTES = 1_500_000;
const StoredEvents = z.array(z.unknown());
const TIMER = "timer";
/** A snapshot costs a row and a seal; opening this many rows costs a wake less than a millisecond. */
const MOST_SINCE_SNAPSHOT = 16;
/** The message that every change of status makes has a column of its own beside the state. */
const REGISTRY = "registry";

/** A sealed column, or a text from a time without encryption. */
type Column = ArrayBuffer | string;
type Written = Uint8Array | string;

export class SqliteStore implements Store {
  readonly #storage: DurableObjectStorage;
  readonly #sealer: Sealer;
  #schema: number;
  /** Tables that are made when the first row of theirs comes. */
  #aside: ReadonlySet<Aside>;
  #registry: OutboxRow | undefined;
  /** Rows of the log that came after the snapshot. */
  #sinceSnapshot = 0;
  #loaded: Loaded | undefined;
  /** Ids of the keys that rows of the log are sealed with (R3). */
  #keysOfLog: ReadonlySet<string> = new Set();
  /** A name is sealed anew each time, so its row is found by what is stored, not by the name. */
  #timerRows: ReadonlyMap<string, Written> = new Map();
  /** Set before `load`: looking at the alarm is asynchronous, and `load` is not. */
  alarmAtMs: number | undefined;

  constructor(storage: DurableObjectStorage, sealer: Sealer) {
    this.#storage = storage;
    this.#sealer = sealer;
    ({ version: this.#schema, aside: this.#aside } = schemaOf(storage.sql));
  }

  /** Nothing was ever written here, so no alarm was set either. */
  get isNew(): boolean {
    return this.#schema === 0;
  }

  /** Throws `Unopened` when a key is missing; then nothing was changed. Read once: opening costs. */
  load(): Loaded {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  #load(): Loaded {
    const { alarmAtMs } = this;
    if (this.#schema === 0) return { state: undefined, timers: new Map(), outbox: new Map(), alarmAtMs };
    const { sql } = this.#storage;
    const [core] = sql
      .exec<{ content: Column; registry: string | null }>("SELECT content, registry FROM log WHERE last_seq = 0")
      .toArray();
    this.#registry = core?.registry ? (JSON.parse(core.registry) as OutboxRow) : undefined;
    return {
      state: core && this.#fold(core.content),
      timers: this.#loadTimers(),
      outbox: new Map([...(this.#registry ? [[REGISTRY, this.#registry] as const] : []), ...this.#loadOutbox()]),
      alarmAtMs,
    };
  }

  #loadTimers(): Map<string, number> {
    if (!this.#aside.has("timers")) return new Map();
    const timers = this.#storage.sql
      .exec<{ name: Column; at_ms: number }>("SELECT name, at_ms FROM timers")
      .toArray()
      .map(({ name, at_ms }) => ({ name: this.#sealer.open(name, TIMER), row: writable(name), atMs: at_ms }));
    this.#timerRows = new Map(timers.map(({ name, row }) => [name, row]));
    return new Map(timers.map(({ name, atMs }) => [name, atMs]));
  }

  #loadOutbox(): Map<string, OutboxRow> {
    if (!this.#aside.has("outbox")) return new Map();
    const rows = this.#storage.sql
      .exec<{ id: string; message: Column; attempts: number; next_at_ms: number }>("SELECT * FROM outbox")
      .toArray();
    return new Map(
      rows.map(({ id, message, attempts, next_at_ms }): [string, OutboxRow] => {
        const opened = JSON.parse(this.#sealer.open(message, messagePlace(id))) as Message;
        return [id, { message: opened, attempts, nextAtMs: next_at_ms }];
      }),
    );
  }

  #fold(stored: Column): ExecutionState | undefined {
    let state = stored === "" ? undefined : this.#openSnapshot(stored);
    const keys = new Set(this.#keysOfLog);
    this.#sinceSnapshot = 0;
    for (const { content, events } of this.#rowsAfter(state?.seq ?? 0)) {
      const key = this.#sealer.keyOf(content);
      if (key !== undefined) keys.add(key);
      for (const event of events) state = evolve(state, event);
      this.#sinceSnapshot += 1;
    }
    this.#keysOfLog = keys;
    return state;
  }

  #openSnapshot(stored: Column): ExecutionState {
    const { keys, json } = parseCore(this.#sealer.open(stored, CORE));
    this.#sealer.require(keys);
    this.#keysOfLog = new Set(keys);
    return ExecutionState.parse(JSON.parse(json));
  }

  *#rowsAfter(seq: number): Generator<{ readonly content: Column; readonly events: readonly Event[] }> {
    const rows = this.#storage.sql.exec<{ last_seq: number; content: Column }>(
      "SELECT last_seq, content FROM log WHERE last_seq > ? ORDER BY last_seq",
      seq,
    );
    for (const { last_seq, content } of rows) {
      const raw = StoredEvents.parse(JSON.parse(this.#sealer.open(content, logPlace(last_seq))));
      yield { content, events: raw.map((event) => (isOurs(content, event) ? event : parseEvent(event))) };
    }
  }

  events(after: number, limit: number): Event[] {
    if (this.#schema === 0) return [];
    const found: Event[] = [];
    for (const { events } of this.#rowsAfter(after)) {
      for (const event of events) {
        if (event.seq > after) found.push(event);
        if (found.length === limit) return found;
      }
    }
    return found;
  }

  commit(commit: Commit): void {
    this.#loaded = undefined;
    const keysOfLog = this.#keysAfter(commit);
    const timerRows = new Map(this.#timerRows);
    const registry = this.#registryAfter(commit);
    const aside = this.#asideAfter(commit);
    const rows = batches(commit.events);
    const snapshot = commit.forgetLog || this.#sinceSnapshot + rows.length > MOST_SINCE_SNAPSHOT;
    const owed = registry ? JSON.stringify(registry) : null;
    this.#storage.transactionSync(() => {
      const { sql } = this.#storage;
      migrate(sql, this.#schema);
      for (const name of aside) if (!this.#aside.has(name)) makeAside(sql, name);
      if (commit.forgetLog) sql.exec("DELETE FROM log WHERE last_seq > 0");
      for (const { lastSeq, text } of rows) {
        sql.exec(
          "INSERT INTO log (last_seq, content) VALUES (?, ?)",
          lastSeq,
          this.#sealer.seal(text, logPlace(lastSeq)),
        );
      }
      if (snapshot || this.#schema < SCHEMA_VERSION) {
        const content = snapshot ? this.#sealer.seal(coreText(keysOfLog, commit.state), CORE) : "";
        sql.exec(
          "INSERT OR REPLACE INTO log (last_seq, content, schema, registry) VALUES (0, ?, ?, ?)",
          content,
          SCHEMA_VERSION,
          owed,
        );
      } else if (registry !== this.#registry) sql.exec("UPDATE log SET registry = ? WHERE last_seq = 0", owed);
      this.#writeTimers(commit, timerRows);
      this.#writeOutbox(commit);
      // Inside the transaction: setAlarm takes part in it.
      if (commit.alarmAtMs === null) void this.#storage.deleteAlarm();
      else if (commit.alarmAtMs !== undefined) void this.#storage.setAlarm(commit.alarmAtMs);
    });
    this.#schema = SCHEMA_VERSION;
    this.#sinceSnapshot = snapshot ? 0 : this.#sinceSnapshot + rows.length;
    this.#keysOfLog = keysOfLog;
    this.#timerRows = timerRows;
    this.#registry = registry;
    this.#aside = aside;
  }

  #registryAfter({ putMessages, removeMessages }: Commit): OutboxRow | undefined {
    return putMessages.get(REGISTRY) ?? (removeMessages.includes(REGISTRY) ? undefined : this.#registry);
  }

  #asideAfter({ setTimers, putMessages }: Commit): ReadonlySet<Aside> {
    const aside = new Set(this.#aside);
    if (setTimers.size > 0) aside.add("timers");
    if (putMessages.size > (putMessages.has(REGISTRY) ? 1 : 0)) aside.add("outbox");
    return aside;
  }

  #keysAfter({ events, forgetLog }: Commit): ReadonlySet<string> {
    const { keyId } = this.#sealer;
    const kept = forgetLog ? new Set<string>() : this.#keysOfLog;
    return keyId === undefined || events.length === 0 || kept.has(keyId) ? kept : new Set([...kept, keyId]);
  }

  #writeTimers({ clearTimers, setTimers }: Commit, rows: Map<string, Written>): void {
    const { sql } = this.#storage;
    for (const name of clearTimers) {
      const row = rows.get(name);
      if (row !== undefined) sql.exec("DELETE FROM timers WHERE name = ?", row);
      rows.delete(name);
    }
    for (const [name, atMs] of setTimers) {
      const row = rows.get(name) ?? this.#sealer.seal(name, TIMER);
      sql.exec("INSERT OR REPLACE INTO timers (name, at_ms) VALUES (?, ?)", row, atMs);
      rows.set(name, row);
    }
  }

  #writeOutbox({ removeMessages, putMessages }: Commit): void {
    const { sql } = this.#storage;
    for (const id of removeMessages) {
      if (id !== REGISTRY) sql.exec("DELETE FROM outbox WHERE id = ?", id);
    }
    for (const [id, { message, attempts, nextAtMs }] of putMessages) {
      if (id === REGISTRY) continue;
      sql.exec(
        "INSERT OR REPLACE INTO outbox (id, message, attempts, next_at_ms) VALUES (?, ?, ?, ?)",
        id,
        this.#sealer.seal(JSON.stringify(message), messagePlace(id)),
        attempts,
        nextAtMs,
      );
    }
  }

  sync(): Promise<void> {
    return this.#storage.sync();
  }
}

const CORE = "core";
const logPlace = (lastSeq: number) => `log ${lastSeq}`;
const messagePlace = (id: string) => `outbox ${id}`;

function isOurs(content: Column, event: unknown): event is Event {
  return typeof content !== "string" && (event as Partial<Event> | null)?.v === EVENT_VERSION;
}

/** A blob comes out as an `ArrayBuffer` and is bound again as bytes. */
function writable(stored: Column): Written {
  return typeof stored === "string" ? stored : new Uint8Array(stored);
}

/** The keys that the log needs stand before the state, on a line of their own, when there are any (R3). */
function coreText(keysOfLog: ReadonlySet<string>, state: ExecutionState): string {
  const json = JSON.stringify(state);
  return keysOfLog.size === 0 ? json : `${[...keysOfLog].join(",")}\n${json}`;
}

function parseCore(text: string): { readonly keys: readonly string[]; readonly json: string } {
  if (text.startsWith("{")) return { keys: [], json: text };
  const end = text.indexOf("\n");
  return { keys: text.slice(0, end).split(","), json: text.slice(end + 1) };
}

/** Rows of at most `MAX_ROW_BYTES`, cut between events (R1). A character is counted as three bytes at most. */
function batches(events: readonly Event[]): { lastSeq: number; text: string }[] {
  const made: { lastSeq: number; text: string }[] = [];
  let texts: string[] = [];
  let size = 0;
  let lastSeq = 0;
  const close = () => {
    if (texts.length > 0) made.push({ lastSeq, text: `[${texts.join(",")}]` });
    texts = [];
    size = 0;
  };
  for (const event of events) {
    const text = JSON.stringify(event);
    if (size > 0 && size + text.length > MAX_ROW_BYTES / 3) close();
    texts.push(text);
    size += text.length;
    lastSeq = event.seq;
  }
  close();
  return made;
}
