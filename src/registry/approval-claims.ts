/**
 * Claims of approval ids: the primary key keeps an id unique in its tenant while it is claimed or open.
 *
 * Q2  A claim takes an id that is free: unknown, decided for another execution, or already claimed by this very one.
 */
import { z } from "zod";
import type { ApprovalClaim, ApprovalHolder } from "../domain/approval.ts";

const Holder = z.object({ executionId: z.string(), claimedUntilMs: z.number().nullable() });

/** Parameters 1 to 6 are the claim's, in both statements. */
const claiming = (
  free: string,
) => `INSERT INTO approvals (tenant, id, execution_id, owner, claimed_until_ms, requested_at_ms,
  seq, status, agent, fn, run_id, kind, name)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 'claimed', '', '', '', 'pause', 'approval')
ON CONFLICT (tenant, id) DO UPDATE SET execution_id = excluded.execution_id, owner = excluded.owner, seq = 0,
  status = 'claimed', claimed_until_ms = excluded.claimed_until_ms, requested_at_ms = excluded.requested_at_ms
WHERE ${free}`;

const CLAIM =
  claiming(`(approvals.status NOT IN ('claimed', 'pending') AND approvals.execution_id <> excluded.execution_id)
  OR (approvals.status = 'claimed' AND approvals.execution_id = excluded.execution_id)`);
const TAKE_OVER = claiming(
  "approvals.status = 'claimed' AND approvals.execution_id = ?7 AND approvals.claimed_until_ms = ?8",
);

const parametersOf = ({ tenant, id, executionId, owner, untilMs, nowMs }: ApprovalClaim) =>
  [tenant, id, executionId, owner, untilMs, nowMs] as const;

/** Takes the id if it is free (Q2); answers who holds it afterwards. */
export function claimApproval(database: D1Database, claim: ApprovalClaim): Promise<ApprovalHolder> {
  return holderAfter(database, claim, database.prepare(CLAIM).bind(...parametersOf(claim)));
}

/** Takes an id from a claim that never became a gate, if it is still that one's. */
export function takeOverClaim(
  database: D1Database,
  claim: ApprovalClaim,
  from: ApprovalHolder,
): Promise<ApprovalHolder> {
  const theirs = [from.executionId, from.claimedUntilMs];
  return holderAfter(database, claim, database.prepare(TAKE_OVER).bind(...parametersOf(claim), ...theirs));
}

async function holderAfter(
  database: D1Database,
  { tenant, id }: ApprovalClaim,
  statement: D1PreparedStatement,
): Promise<ApprovalHolder> {
  const [, found] = await database.batch([
    statement,
    database
      .prepare(
        `SELECT execution_id AS executionId, claimed_until_ms AS claimedUntilMs FROM approvals
WHERE tenant = ?1 AND id = ?2`,
      )
      .bind(tenant, id),
  ]);
  return Holder.parse(found?.results[0]);
}

/** Gives back what never became a gate. */
export async function releaseClaim(database: D1Database, claim: ApprovalClaim): Promise<void> {
  const { tenant, id, executionId, untilMs } = claim;
  await database
    .prepare(
      `DELETE FROM approvals WHERE tenant = ?1 AND id = ?2 AND execution_id = ?3 AND status = 'claimed'
AND claimed_until_ms = ?4`,
    )
    .bind(tenant, id, executionId, untilMs)
    .run();
}
