/**
 * Rows of open gates: one a gate, written in the commit that opens or closes it, and read one at a time. Its id is plain, as
 * ids are; what is asked and who may decide is sealed for its row.
 */

import type { OpenGates } from "../../domain/gate.ts";
import { OpenGate } from "../../domain/gate.ts";
import type { Commit } from "../../engine/ports.ts";
import type { Sealer } from "../../vault/vault.ts";
import type { Column, Statement } from "./stored-rows.ts";

export class GateTable implements OpenGates {
  readonly #sql: SqlStorage;
  readonly #sealer: Sealer;
  /** Whether the table was made. */
  readonly #exists: () => boolean;

  constructor(sql: SqlStorage, sealer: Sealer, exists: () => boolean) {
    this.#sql = sql;
    this.#sealer = sealer;
    this.#exists = exists;
  }

  get(gateId: string): OpenGate | undefined {
    return this.#read("WHERE id = ?", gateId)[0];
  }

  first(limit: number): readonly OpenGate[] {
    return this.#read("ORDER BY opened_seq LIMIT ?", limit);
  }

  #read(which: string, value: string | number): OpenGate[] {
    if (!this.#exists()) return [];
    const rows = this.#sql.exec<{ id: string; content: Column }>(`SELECT id, content FROM gates ${which}`, value);
    return [...rows].map(({ id, content }) => OpenGate.parse(JSON.parse(this.#sealer.open(content, placeOf(id)))));
  }

  statements({ putGates = new Map(), removeGates = [] }: Commit): Statement[] {
    const removals = removeGates.map((id): Statement => ["DELETE FROM gates WHERE id = ?", id]);
    const puts = [...putGates].map(([id, gate]): Statement => {
      const sealed = this.#sealer.seal(JSON.stringify(gate), placeOf(id));
      return ["INSERT OR REPLACE INTO gates (id, opened_seq, content) VALUES (?, ?, ?)", id, gate.openedSeq, sealed];
    });
    return [...removals, ...puts];
  }
}

const placeOf = (gateId: string) => `gate ${gateId}`;
