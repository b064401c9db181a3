/**
 * Rows of timers: one a timer, written in the commit that sets or clears it. Instants and classes are plain. A name may hold
 * anything that a program says, so it is sealed; its row is found by a keyed digest of it.
 *
 * - Most executions have a few: these are read once and kept in memory, and no question about them is a query. Beyond
 *   `MOST_KEPT` they are read one at a time.
 * - A row keeps the digest that it was written under. After a rotation it is looked for under that of every known key.
 * - The index over instants is made with the first timer beyond `MOST_KEPT`: below that a look at all of them costs less
 *   than a second row for each.
 */
import type { TimerClass } from "../../domain/execution/hold.ts";
import { timerClassOf } from "../../domain/execution/hold.ts";
import type { Commit, StoredTimers, Timer } from "../../engine/ports.ts";
import type { Sealer } from "../../vault/vault.ts";
import type { Column, Statement } from "../storage/stored-rows.ts";

const MOST_KEPT = 64;
/** They are kept again when so few are left: a number of them that goes up and down does not read them each time. */
const KEPT_AGAIN = MOST_KEPT / 2;
const MAKE_INDEX = "CREATE INDEX IF NOT EXISTS timers_due ON timers (class, at_ms)";
const TIMER = "timer";
const CODES: Readonly<Record<TimerClass, number>> = { always: 0, gate: 1, other: 2, external: 3 };

type Row = { name: Column; at_ms: number };

interface Kept {
  readonly id: string;
  readonly atMs: number;
}

export class TimerTable implements StoredTimers {
  readonly #sql: SqlStorage;
  readonly #sealer: Sealer;
  /** Whether the table was made. */
  readonly #exists: () => boolean;
  /** All rows, by name; `undefined` until they are asked for, `many` when they are too many to be kept. */
  #kept: ReadonlyMap<string, Kept> | "many" | undefined;
  #isIndexed = false;

  constructor(sql: SqlStorage, sealer: Sealer, exists: () => boolean) {
    this.#sql = sql;
    this.#sealer = sealer;
    this.#exists = exists;
  }

  get isEmpty(): boolean {
    const few = this.#few();
    return few !== undefined && few.size === 0;
  }

  /** All of them where they are few. */
  #few(): ReadonlyMap<string, Kept> | undefined {
    this.#kept ??= this.#exists() ? this.#read(MOST_KEPT) : new Map();
    return this.#kept === "many" ? undefined : this.#kept;
  }

  #read(most: number): ReadonlyMap<string, Kept> | "many" {
    const query = `SELECT id, name, at_ms FROM timers LIMIT ${most + 1}`;
    const rows = this.#sql.exec<Row & { id: string }>(query).toArray();
    if (rows.length > most) return "many";
    return new Map(rows.map(({ id, name, at_ms: atMs }) => [this.#sealer.open(name, TIMER), { id, atMs }]));
  }

  has(name: string): boolean {
    return this.#few()?.has(name) ?? this.#idsOf(name).length > 0;
  }

  /** Under which it is stored. */
  #idsOf(name: string): string[] {
    const few = this.#few();
    if (few) return [few.get(name)?.id ?? []].flat();
    const digests = this.#sealer.digestsOf(name);
    const query = `SELECT id FROM timers WHERE id IN (${digests.map(() => "?").join(", ")})`;
    return [...this.#sql.exec<{ id: string }>(query, ...digests)].map(({ id }) => id);
  }

  *behind(timerClass: TimerClass, afterMs: number, limit: number): Generator<Timer> {
    const few = this.#few();
    if (few) {
      const behind = timersOf(few).filter(({ name, atMs }) => atMs > afterMs && timerClassOf(name) === timerClass);
      yield* behind.sort((a, b) => a.atMs - b.atMs).slice(0, limit);
      return;
    }
    const query = "SELECT name, at_ms FROM timers WHERE class = ? AND at_ms > ? ORDER BY at_ms LIMIT ?";
    for (const row of this.#sql.exec<Row>(query, CODES[timerClass], afterMs, limit)) yield this.#opened(row);
  }

  *until(untilMs: number): Generator<Timer> {
    const few = this.#few();
    if (few) return yield* timersOf(few).filter(({ atMs }) => atMs <= untilMs);
    const last = Math.min(untilMs, Number.MAX_SAFE_INTEGER);
    const query = "SELECT name, at_ms FROM timers WHERE class IN (0, 1, 2, 3) AND at_ms <= ?";
    for (const row of this.#sql.exec<Row>(query, last)) yield this.#opened(row);
  }

  #opened({ name, at_ms: atMs }: Row): Timer {
    return { name: this.#sealer.open(name, TIMER), atMs };
  }

  /** What a commit writes; `apply` once it is written. */
  changes({ clearTimers, setTimers }: Commit): { readonly statements: Statement[]; readonly apply: () => void } {
    if (clearTimers.length === 0 && setTimers.size === 0) return { statements: [], apply: () => {} };
    const few = this.#few();
    const after = few && new Map(few);
    const remove = (id: string): Statement => ["DELETE FROM timers WHERE id = ?", id];
    const statements = clearTimers.flatMap((name) => this.#idsOf(name).map(remove));
    for (const name of clearTimers) after?.delete(name);
    for (const [name, atMs] of setTimers) {
      const [id = name] = this.#sealer.digestsOf(name);
      statements.push(...this.#idsOf(name).flatMap((old) => (old === id ? [] : [remove(old)])));
      const put = "INSERT OR REPLACE INTO timers (id, class, at_ms, name) VALUES (?, ?, ?, ?)";
      statements.push([put, id, CODES[timerClassOf(name)], atMs, this.#sealer.seal(name, TIMER)]);
      after?.set(name, { id, atMs });
    }
    const isMany = after === undefined || after.size > MOST_KEPT;
    const indexes = isMany && !this.#isIndexed;
    if (indexes) statements.push([MAKE_INDEX]);
    return {
      statements,
      apply: () => {
        this.#kept = after === undefined ? this.#read(KEPT_AGAIN) : isMany ? "many" : after;
        this.#isIndexed ||= indexes;
      },
    };
  }
}

function timersOf(few: ReadonlyMap<string, Kept>): Timer[] {
  return [...few].map(([name, { atMs }]) => ({ name, atMs }));
}
