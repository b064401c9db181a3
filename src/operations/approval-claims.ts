/**
 * Ids of approvals that callers choose: unique in their tenant while they are open. An id is claimed in the index before
 * its gate opens, and the claim holds for a short time only.
 *
 * C1  After a claim is over its execution opens nothing under it (`decide` looks at the clock), so a claim whose gate never
 *     opened can be taken over, whatever died between the two.
 * C2  The index may not know of a gate yet: before a claim is taken over, its execution is asked.
 */
import type { ApprovalClaim, ApprovalHolder } from "../domain/approval.ts";
import type { Caller } from "../domain/caller.ts";
import { systemCaller } from "../domain/caller.ts";
import type { Result } from "../domain/fault.ts";
import { accept, refuse } from "../domain/fault.ts";
import type { ApprovalIndex, ExecutionDoor } from "./ports.ts";

const CLAIM_MS = 30_000;
/** Clocks of two machines differ by less. */
const CLOCK_SLACK_MS = 30_000;

export interface ClaimParts {
  readonly door: ExecutionDoor;
  readonly index: ApprovalIndex;
  readonly now: () => number;
}

/** The claim under which the gate may open, until its `untilMs`. */
export async function claimId(
  { door, index, now }: ClaimParts,
  { tenant }: Caller,
  wanted: { readonly id: string; readonly executionId: string; readonly owner: string },
): Promise<Result<ApprovalClaim>> {
  const nowMs = now();
  const claim: ApprovalClaim = { tenant, ...wanted, nowMs, untilMs: nowMs + CLAIM_MS };
  const isOurs = (holder: ApprovalHolder) =>
    holder.executionId === claim.executionId && holder.claimedUntilMs === claim.untilMs;
  const holder = await index.claim(claim);
  if (isOurs(holder)) return accept(claim);
  const over = holder.claimedUntilMs !== null && holder.claimedUntilMs + CLOCK_SLACK_MS < nowMs;
  if (over && !(await isOpen(door, systemCaller(tenant), { ...holder, id: claim.id }))) {
    const taken = await index.takeOver(claim, holder);
    if (isOurs(taken)) return accept(claim);
  }
  return refuse(
    "approval_already_requested",
    `approval_request_id: "${claim.id}" is open, or was decided on this execution; choose another id`,
  );
}

/** An execution that cannot be reached may have it. */
export async function isOpen(
  door: ExecutionDoor,
  caller: Caller,
  { executionId, id }: { readonly executionId: string; readonly id: string },
): Promise<boolean> {
  const view = await door.view(caller, executionId);
  if (!view.ok) return view.code !== "not_found";
  return view.value.openGates.some(({ gateId }) => gateId === id);
}
