/** Ids of approvals that programs chose: the index of a world without one. It never dies. */
import type { Origin } from "../../../../src/domain/execution/origin.ts";
import { lineageOf } from "../../../../src/domain/execution/reusable-result.ts";
import type { Result } from "../../../../src/domain/values/fault.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import type { ClaimedApproval } from "../../../../src/engine/ports.ts";

const CLAIM_MS = 30_000;

export class Claims {
  readonly #holders = new Map<
    string,
    { readonly executionId: string; readonly lineage: string; readonly reasked: boolean }
  >();

  take(origin: Origin, id: string, now: number): Result<ClaimedApproval> {
    const holder = this.#holders.get(id);
    const lineage = lineageOf(origin);
    if (holder && holder.lineage !== lineage) return refuse("approval_already_requested", `"${id}" is another's`);
    const reasked = holder !== undefined && (holder.reasked || holder.executionId !== origin.id);
    this.#holders.set(id, { executionId: origin.id, lineage, reasked });
    return accept({ untilMs: now + CLAIM_MS, reasked });
  }
}
