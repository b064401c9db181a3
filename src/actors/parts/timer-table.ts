/** Rows of timers: one a timer, written in the commit that sets or clears it. Names are sealed, instants are plain. */
import type { Commit } from "../../engine/ports.ts";
import type { Sealer } from "../../vault/vault.ts";
import type { Column, Statement, Written } from "./stored-rows.ts";
import { writable } from "./stored-rows.ts";

const TIMER = "timer";

export class TimerTable {
  readonly #sql: SqlStorage;
  readonly #sealer: Sealer;
  /** A name is sealed anew each time, so its row is found by what is stored, not by the name. */
  readonly #rows = new Map<string, Written>();

  constructor(sql: SqlStorage, sealer: Sealer) {
    this.#sql = sql;
    this.#sealer = sealer;
  }

  load(): Map<string, number> {
    const timers = new Map<string, number>();
    for (const { name, at_ms } of this.#sql.exec<{ name: Column; at_ms: number }>("SELECT name, at_ms FROM timers")) {
      const opened = this.#sealer.open(name, TIMER);
      this.#rows.set(opened, writable(name));
      timers.set(opened, at_ms);
    }
    return timers;
  }

  /** What a commit writes; `apply` once it is written. */
  changes({ clearTimers, setTimers }: Commit): { readonly statements: Statement[]; readonly apply: () => void } {
    const rows = new Map<string, Written | undefined>();
    const statements: Statement[] = [];
    for (const name of clearTimers) {
      const row = this.#rows.get(name);
      if (row !== undefined) statements.push(["DELETE FROM timers WHERE name = ?", row]);
      rows.set(name, undefined);
    }
    for (const [name, atMs] of setTimers) {
      const row = (rows.has(name) ? undefined : this.#rows.get(name)) ?? this.#sealer.seal(name, TIMER);
      statements.push(["INSERT OR REPLACE INTO timers (name, at_ms) VALUES (?, ?)", row, atMs]);
      rows.set(name, row);
    }
    return { statements, apply: () => this.#apply(rows) };
  }

  #apply(rows: ReadonlyMap<string, Written | undefined>): void {
    for (const [name, row] of rows) {
      if (row === undefined) this.#rows.delete(name);
      else this.#rows.set(name, row);
    }
  }
}
