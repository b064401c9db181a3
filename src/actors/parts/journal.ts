/**
 * One execution's rows in the object's own SQLite: the engine's `Store`. One transaction a commit, one row for its
 * events, nothing awaited inside.
 *
 * R1  A row holds at most 1.5 MB (the platform's limit is 2 MB, and the local runtime does not enforce it): a larger
 *     batch is split between events.
 */
import { z } from "zod";
import type { Message } from "../../domain/consequences.ts";
import type { Event } from "../../domain/event.ts";
import { parseEvent } from "../../domain/event.ts";
import { ExecutionState } from "../../domain/state.ts";
import type { Commit, Loaded, OutboxRow, Store } from "../../engine/ports.ts";
import { appliedMigrations, migrate, SCHEMA_VERSION } from "./migrations.ts";

const MAX_ROW_BYTES = 1_500_000;
const StoredEvents = z.array(z.unknown());

export class SqliteStore implements Store {
  readonly #storage: DurableObjectStorage;
  #schema: number;
  /** Set before `load`: looking at the alarm is asynchronous, and `load` is not. */
  alarmAtMs: number | undefined;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#schema = appliedMigrations(storage.sql);
  }

  load(): Loaded {
    const { alarmAtMs } = this;
    if (this.#schema === 0) return { state: undefined, timers: new Map(), outbox: new Map(), alarmAtMs };
    const { sql } = this.#storage;
    const [core] = sql.exec<{ state: string }>("SELECT state FROM core WHERE id = 1").toArray();
    const timers = sql.exec<{ name: string; at_ms: number }>("SELECT name, at_ms FROM timers").toArray();
    const outbox = sql
      .exec<{ id: string; message: string; attempts: number; next_at_ms: number }>("SELECT * FROM outbox")
      .toArray();
    return {
      state: core && ExecutionState.parse(JSON.parse(core.state)),
      timers: new Map(timers.map(({ name, at_ms }) => [name, at_ms])),
      outbox: new Map(
        outbox.map(({ id, message, attempts, next_at_ms }): [string, OutboxRow] => [
          id,
          { message: JSON.parse(message) as Message, attempts, nextAtMs: next_at_ms },
        ]),
      ),
      alarmAtMs,
    };
  }

  events(after: number, limit: number): Event[] {
    if (this.#schema === 0) return [];
    const found: Event[] = [];
    const rows = this.#storage.sql.exec<{ events: string }>(
      "SELECT events FROM log WHERE last_seq > ? ORDER BY last_seq",
      after,
    );
    for (const { events } of rows) {
      for (const raw of StoredEvents.parse(JSON.parse(events))) {
        const event = parseEvent(raw);
        if (event.seq > after) found.push(event);
        if (found.length === limit) return found;
      }
    }
    return found;
  }

  commit(commit: Commit): void {
    this.#storage.transactionSync(() => {
      const { sql } = this.#storage;
      migrate(sql, this.#schema);
      for (const batch of batches(commit.events)) {
        sql.exec("INSERT INTO log (last_seq, events) VALUES (?, ?)", batch.lastSeq, batch.text);
      }
      sql.exec(
        "INSERT INTO core (id, schema, state) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET schema = excluded.schema, state = excluded.state",
        SCHEMA_VERSION,
        JSON.stringify(commit.state),
      );
      for (const name of commit.clearTimers) sql.exec("DELETE FROM timers WHERE name = ?", name);
      for (const [name, atMs] of commit.setTimers)
        sql.exec("INSERT OR REPLACE INTO timers (name, at_ms) VALUES (?, ?)", name, atMs);
      for (const id of commit.removeMessages) sql.exec("DELETE FROM outbox WHERE id = ?", id);
      for (const [id, { message, attempts, nextAtMs }] of commit.putMessages) {
        sql.exec(
          "INSERT OR REPLACE INTO outbox (id, message, attempts, next_at_ms) VALUES (?, ?, ?, ?)",
          id,
          JSON.stringify(message),
          attempts,
          nextAtMs,
        );
      }
      // Inside the transaction: setAlarm takes part in it.
      if (commit.alarmAtMs === null) void this.#storage.deleteAlarm();
      else if (commit.alarmAtMs !== undefined) void this.#storage.setAlarm(commit.alarmAtMs);
    });
    this.#schema = SCHEMA_VERSION;
  }

  sync(): Promise<void> {
    return this.#storage.sync();
  }
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
