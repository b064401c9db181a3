/** Open approvals: what the store has, under what is staged. Held in memory is only what the next commit writes. */
import type { ApprovalChange, OpenApproval, OpenApprovals } from "../../domain/execution/approval.ts";

export class ApprovalRows implements OpenApprovals {
  readonly #stored: OpenApprovals;
  #puts = new Map<string, OpenApproval>();
  #removals = new Set<string>();

  constructor(stored: OpenApprovals) {
    this.#stored = stored;
  }

  get(gateId: string): OpenApproval | undefined {
    return this.#puts.get(gateId) ?? (this.#removals.has(gateId) ? undefined : this.#stored.get(gateId));
  }

  first(limit: number): readonly OpenApproval[] {
    // As many more as may be gone by now.
    const stored = this.#stored.first(limit + this.#removals.size).filter(({ gateId }) => !this.#removals.has(gateId));
    return [...stored, ...this.#puts.values()].slice(0, limit);
  }

  /** Stages what an event changes. `open`: how many are open before it. */
  apply({ opened, closed }: ApprovalChange, open: number): void {
    const gone = closed === "all" ? this.first(open).map(({ gateId }) => gateId) : closed ? [closed.gateId] : [];
    for (const gateId of gone) if (!this.#puts.delete(gateId)) this.#removals.add(gateId);
    if (opened) this.#puts.set(opened.gateId, opened);
  }

  get changes(): {
    readonly putApprovals: ReadonlyMap<string, OpenApproval>;
    readonly removeApprovals: readonly string[];
  } {
    return { putApprovals: this.#puts, removeApprovals: [...this.#removals] };
  }

  /** The changes are on disk. */
  flush(): void {
    this.#puts = new Map();
    this.#removals = new Set();
  }
}
