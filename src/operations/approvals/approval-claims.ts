/**
 * Ids of approvals that callers and programs choose. An id is claimed in the index before its approval opens, and the claim
 * holds for a short time only.
 *
 * - After a claim is over its execution opens nothing under it (`decide` looks at the clock), so a claim whose approval never
 *   opened can be taken over, whichever process died between the two.
 * - The index may not know of an approval yet: before an id is taken over, its execution is asked.
 * - An id that was asked under once belongs to that execution and to those that follow it, while it is kept.
 */
import type { Origin } from "../../domain/execution/origin.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { systemPrincipal } from "../../domain/execution/principal.ts";
import { lineageOf } from "../../domain/execution/reusable-result.ts";
import type { ApprovalClaim, ApprovalHolder } from "../../domain/read-models/approval-record.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { ApprovalIndex, ExecutionClient } from "../ports.ts";

const CLAIM_MS = 30_000;
/** Clocks of two machines differ by less. */
const CLOCK_SLACK_MS = 30_000;

export interface ClaimParts {
  readonly client: Pick<ExecutionClient, "approvals">;
  readonly index: Pick<ApprovalIndex, "claim" | "takeOver">;
  readonly now: () => number;
}

export interface Claimed {
  /** The approval may open until its `untilMs`. */
  readonly claim: ApprovalClaim;
  /** The id had named an approval of an execution that this one follows. */
  readonly reasked: boolean;
}

type Claimer = Pick<Origin, "id" | "tenant" | "owner" | "restartedFrom">;

export async function claimId(
  { client, index, now }: ClaimParts,
  id: string,
  origin: Claimer,
): Promise<Result<Claimed>> {
  const { tenant, owner, id: executionId } = origin;
  const nowMs = now();
  const claim: ApprovalClaim = {
    ...{ tenant, id, executionId, owner },
    lineage: lineageOf(origin),
    nowMs,
    untilMs: nowMs + CLAIM_MS,
  };
  const isOurs = (holder: ApprovalHolder) =>
    holder.executionId === executionId && holder.claimedUntilMs === claim.untilMs;
  const holder = await index.claim(claim);
  if (isOurs(holder)) return accept({ claim, reasked: holder.reasked });
  const isOver = holder.claimedUntilMs !== null && holder.claimedUntilMs + CLOCK_SLACK_MS < nowMs;
  // One that is followed has ended: what it claimed and did not open it never will.
  const isFollowed = holder.executionId !== executionId && holder.lineage === claim.lineage;
  if ((isOver || isFollowed) && !(await isOpen(client, systemPrincipal(tenant), { ...holder, id }))) {
    const taken = await index.takeOver(claim, holder);
    if (isOurs(taken)) return accept({ claim, reasked: taken.reasked });
  }
  return refuse(
    "approval_already_requested",
    `approval_request_id: "${id}" was asked under already; each id names one approval, so choose another`,
  );
}

/** An execution that cannot be reached may have it. */
export async function isOpen(
  client: Pick<ExecutionClient, "approvals">,
  caller: Principal,
  { executionId, id }: { readonly executionId: string; readonly id: string },
): Promise<boolean> {
  const found = await client.approvals(caller, executionId, [id]);
  return found.ok
    ? found.value.some(({ status }) => status === "pending")
    : found.code !== "not_found" && found.code !== "gone";
}
