/**
 * Rows of timers: one a timer, written in the commit that sets or clears it, and read one at a time. Instants and classes are
 * plain. A name may hold anything that a program says, so it is sealed; its row is found by a keyed digest of it.
 *
 * - A row keeps the digest that it was written under. After a rotation it is looked for under that of every known key.
 * - The index over instants is made with the first timer beyond `MOST_WITHOUT_INDEX`: below that a look at all of them costs
 *   less than a second row for each.
 */
import type { TimerClass } from "../../domain/execution/hold.ts";
import { timerClassOf } from "../../domain/execution/hold.ts";
import type { Commit, StoredTimers, Timer } from "../../engine/ports.ts";
import type { Sealer } from "../../vault/vault.ts";
import type { Column, Statement } from "../storage/stored-rows.ts";

const MOST_WITHOUT_INDEX = 64;
const MAKE_INDEX = "CREATE INDEX IF NOT EXISTS timers_due ON timers (class, at_ms)";
const TIMER = "timer";
const CODES: Readonly<Record<TimerClass, number>> = { always: 0, gate: 1, other: 2, external: 3 };

type Row = { name: Column; at_ms: number };

export class TimerTable implements StoredTimers {
  readonly #sql: SqlStorage;
  readonly #sealer: Sealer;
  /** Whether the table was made. */
  readonly #exists: () => boolean;
  /** So many rows at most; `undefined` until it is asked for. */
  #most: number | undefined;
  #isIndexed = false;

  constructor(sql: SqlStorage, sealer: Sealer, exists: () => boolean) {
    this.#sql = sql;
    this.#sealer = sealer;
    this.#exists = exists;
  }

  get isEmpty(): boolean {
    return this.#mostRows() === 0;
  }

  #mostRows(): number {
    if (!this.#exists()) return 0;
    const counted = `SELECT count(*) AS n FROM (SELECT 1 FROM timers LIMIT ${MOST_WITHOUT_INDEX + 1})`;
    this.#most ??= this.#sql.exec<{ n: number }>(counted).one().n;
    return this.#most;
  }

  has(name: string): boolean {
    return !this.isEmpty && this.#idsOf(name).length > 0;
  }

  /** Under which it is stored. */
  #idsOf(name: string): string[] {
    const digests = this.#sealer.digestsOf(name);
    const query = `SELECT id FROM timers WHERE id IN (${digests.map(() => "?").join(", ")})`;
    return [...this.#sql.exec<{ id: string }>(query, ...digests)].map(({ id }) => id);
  }

  *behind(timerClass: TimerClass, atMs: number, limit: number): Generator<Timer> {
    if (this.isEmpty) return;
    const query = "SELECT name, at_ms FROM timers WHERE class = ? AND at_ms > ? ORDER BY at_ms LIMIT ?";
    for (const row of this.#sql.exec<Row>(query, CODES[timerClass], atMs, limit)) yield this.#opened(row);
  }

  *until(atMs: number): Generator<Timer> {
    if (this.isEmpty) return;
    const last = Math.min(atMs, Number.MAX_SAFE_INTEGER);
    const query = "SELECT name, at_ms FROM timers WHERE class IN (0, 1, 2, 3) AND at_ms <= ?";
    for (const row of this.#sql.exec<Row>(query, last)) yield this.#opened(row);
  }

  #opened({ name, at_ms: atMs }: Row): Timer {
    return { name: this.#sealer.open(name, TIMER), atMs };
  }

  /** What a commit writes; `apply` once it is written. */
  changes({ clearTimers, setTimers }: Commit): { readonly statements: Statement[]; readonly apply: () => void } {
    const rows = this.#mostRows();
    const most = rows + setTimers.size;
    const stored = (name: string) => (rows === 0 ? [] : this.#idsOf(name));
    const remove = (id: string): Statement => ["DELETE FROM timers WHERE id = ?", id];
    const statements = clearTimers.flatMap((name) => stored(name).map(remove));
    for (const [name, atMs] of setTimers) {
      const [id = name] = this.#sealer.digestsOf(name);
      statements.push(...stored(name).flatMap((old) => (old === id ? [] : [remove(old)])));
      const put = "INSERT OR REPLACE INTO timers (id, class, at_ms, name) VALUES (?, ?, ?, ?)";
      statements.push([put, id, CODES[timerClassOf(name)], atMs, this.#sealer.seal(name, TIMER)]);
    }
    const indexes = most > MOST_WITHOUT_INDEX && !this.#isIndexed;
    if (indexes) statements.push([MAKE_INDEX]);
    const isChanged = statements.length > 0;
    return {
      statements,
      apply: () => {
        if (isChanged) this.#most = undefined;
        this.#isIndexed ||= indexes;
      },
    };
  }
}
