/**
 * Rows of open approvals: one an approval, written in the commit that opens or closes it, and read one at a time. Its id is plain, as
 * ids are; what is asked and who may decide is sealed for its row.
 *
 * A log from before there were such rows gives them back when it is loaded (`restore`); the next commit writes them.
 */
import type { OpenApprovals } from "../../domain/execution/approval.ts";
import { OpenApproval, openApprovalsOf } from "../../domain/execution/approval.ts";
import type { Commit } from "../../engine/ports.ts";
import type { Sealer } from "../../vault/vault.ts";
import type { Column, Statement } from "../storage/stored-rows.ts";

export class ApprovalTable implements OpenApprovals {
  readonly #sql: SqlStorage;
  readonly #sealer: Sealer;
  /** Whether the table was made. */
  readonly #exists: () => boolean;
  /** Out of the log, and not written yet: then there is no table. */
  #restored: ReadonlyMap<string, OpenApproval> = new Map();

  constructor(sql: SqlStorage, sealer: Sealer, exists: () => boolean) {
    this.#sql = sql;
    this.#sealer = sealer;
    this.#exists = exists;
  }

  restore(approvals: ReadonlyMap<string, OpenApproval>): void {
    this.#restored = approvals;
  }

  get(gateId: string): OpenApproval | undefined {
    return this.#restored.get(gateId) ?? this.#read("WHERE id = ?", gateId)[0];
  }

  first(limit: number): readonly OpenApproval[] {
    if (this.#restored.size > 0) return openApprovalsOf(this.#restored).first(limit);
    return this.#read("ORDER BY opened_seq LIMIT ?", limit);
  }

  #read(which: string, value: string | number): OpenApproval[] {
    if (!this.#exists()) return [];
    const rows = this.#sql.exec<{ id: string; content: Column }>(`SELECT id, content FROM gates ${which}`, value);
    return [...rows].map(({ id, content }) => OpenApproval.parse(JSON.parse(this.#sealer.open(content, placeOf(id)))));
  }

  /** Whether the commit needs the table. */
  isNeededBy({ putApprovals }: Commit): boolean {
    return this.#restored.size > 0 || (putApprovals !== undefined && putApprovals.size > 0);
  }

  statements({ putApprovals = new Map(), removeApprovals = [] }: Commit): Statement[] {
    const puts = [...this.#restored, ...putApprovals].map(([id, approval]): Statement => {
      const sealed = this.#sealer.seal(JSON.stringify(approval), placeOf(id));
      return [
        "INSERT OR REPLACE INTO gates (id, opened_seq, content) VALUES (?, ?, ?)",
        id,
        approval.openedSeq,
        sealed,
      ];
    });
    const removals = removeApprovals.filter((id) => !putApprovals.has(id));
    return [...puts, ...removals.map((id): Statement => ["DELETE FROM gates WHERE id = ?", id])];
  }

  /** The commit is on disk. */
  written(): void {
    this.#restored = new Map();
  }
}

const placeOf = (gateId: string) => `gate ${gateId}`;
