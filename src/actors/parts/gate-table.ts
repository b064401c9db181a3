/**
 * Rows of open gates: one a gate, written in the commit that opens or closes it, and read one at a time. Its id is plain, as
 * ids are; what is asked and who may decide is sealed for its row.
 *
 * A log from before there were such rows gives them back when it is loaded (`restore`); the next commit writes them.
 */
import type { OpenGates } from "../../domain/gate.ts";
import { OpenGate, openGatesOf } from "../../domain/gate.ts";
import type { Commit } from "../../engine/ports.ts";
import type { Sealer } from "../../vault/vault.ts";
import type { Column, Statement } from "./stored-rows.ts";

export class GateTable implements OpenGates {
  readonly #sql: SqlStorage;
  readonly #sealer: Sealer;
  /** Whether the table was made. */
  readonly #exists: () => boolean;
  /** Out of the log, and not written yet: then there is no table. */
  #restored: ReadonlyMap<string, OpenGate> = new Map();

  constructor(sql: SqlStorage, sealer: Sealer, exists: () => boolean) {
    this.#sql = sql;
    this.#sealer = sealer;
    this.#exists = exists;
  }

  restore(gates: ReadonlyMap<string, OpenGate>): void {
    this.#restored = gates;
  }

  get(gateId: string): OpenGate | undefined {
    return this.#restored.get(gateId) ?? this.#read("WHERE id = ?", gateId)[0];
  }

  first(limit: number): readonly OpenGate[] {
    if (this.#restored.size > 0) return openGatesOf(this.#restored).first(limit);
    return this.#read("ORDER BY opened_seq LIMIT ?", limit);
  }

  #read(which: string, value: string | number): OpenGate[] {
    if (!this.#exists()) return [];
    const rows = this.#sql.exec<{ id: string; content: Column }>(`SELECT id, content FROM gates ${which}`, value);
    return [...rows].map(({ id, content }) => OpenGate.parse(JSON.parse(this.#sealer.open(content, placeOf(id)))));
  }

  /** Whether the commit needs the table. */
  isNeededBy({ putGates }: Commit): boolean {
    return this.#restored.size > 0 || (putGates !== undefined && putGates.size > 0);
  }

  statements({ putGates = new Map(), removeGates = [] }: Commit): Statement[] {
    const puts = [...this.#restored, ...putGates].map(([id, gate]): Statement => {
      const sealed = this.#sealer.seal(JSON.stringify(gate), placeOf(id));
      return ["INSERT OR REPLACE INTO gates (id, opened_seq, content) VALUES (?, ?, ?)", id, gate.openedSeq, sealed];
    });
    const removals = removeGates.filter((id) => !putGates.has(id));
    return [...puts, ...removals.map((id): Statement => ["DELETE FROM gates WHERE id = ?", id])];
  }

  /** The commit is on disk. */
  written(): void {
    this.#restored = new Map();
  }
}

const placeOf = (gateId: string) => `gate ${gateId}`;
