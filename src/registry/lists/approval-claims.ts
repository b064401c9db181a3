/**
 * Claims of approval ids: the primary key keeps an id with one execution in its tenant.
 *
 * - A claim takes an id that is free: unknown; already claimed by this very execution; or closed (decided, expired,
 *   withdrawn) on one that it follows. To all others an id that was ever asked under is not free while it is kept: a
 *   decision of the first one, sent again, must not decide theirs.
 */
import * as z from "zod";
import type { ApprovalClaim, ApprovalHolder } from "../../domain/read-models/approval-record.ts";

const Holder = z.object({
  executionId: z.string(),
  lineage: z.string().nullable(),
  reasked: z.number().transform((reasked) => reasked === 1),
  claimedUntilMs: z.number().nullable(),
});

/** Parameters 1 to 7 are the claim's, in both statements. */
const claiming = (
  free: string,
) => `INSERT INTO approvals (tenant, id, execution_id, owner, claimed_until_ms, requested_at_ms, lineage,
  seq, status, agent, fn, run_id, kind, name)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 'claimed', '', '', '', 'pause', 'approval')
ON CONFLICT (tenant, id) DO UPDATE SET execution_id = excluded.execution_id, owner = excluded.owner, seq = 0,
  reasked = CASE WHEN approvals.status = 'claimed' THEN approvals.reasked ELSE 1 END, lineage = excluded.lineage,
  status = 'claimed', claimed_until_ms = excluded.claimed_until_ms, requested_at_ms = excluded.requested_at_ms
WHERE ${free}`;

const CLAIM = claiming(`(approvals.status = 'claimed' AND approvals.execution_id = excluded.execution_id)
  OR (approvals.status NOT IN ('claimed', 'pending') AND approvals.execution_id <> excluded.execution_id
    AND approvals.lineage = excluded.lineage)`);
/** Of one that it follows the index may not have heard yet that its approval is closed. */
const TAKE_OVER = claiming(`approvals.execution_id = ?8 AND (
  (approvals.status = 'claimed' AND approvals.claimed_until_ms = ?9
    AND (approvals.reasked = 0 OR approvals.lineage = excluded.lineage))
  OR (approvals.status = 'pending' AND approvals.lineage = excluded.lineage))`);

const parametersOf = ({ tenant, id, executionId, owner, untilMs, nowMs, lineage }: ApprovalClaim) =>
  [tenant, id, executionId, owner, untilMs, nowMs, lineage] as const;

/** Takes the id if it is free; answers who holds it afterwards. */
export function claimApproval(database: D1Database, claim: ApprovalClaim): Promise<ApprovalHolder> {
  return holderAfter(database, claim, database.prepare(CLAIM).bind(...parametersOf(claim)));
}

/** Takes an id whose holder has no open approval under it, if it is still that one's. */
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
        `SELECT execution_id AS executionId, lineage, reasked, claimed_until_ms AS claimedUntilMs FROM approvals
WHERE tenant = ?1 AND id = ?2`,
      )
      .bind(tenant, id),
  ]);
  return Holder.parse(found?.results[0]);
}

const OF_CLAIM = "WHERE tenant = ?1 AND id = ?2 AND execution_id = ?3 AND status = 'claimed' AND claimed_until_ms = ?4";

/** Gives back what never became an approval: an id that had named an approval before stays with those that follow it. */
export async function releaseClaim(database: D1Database, claim: ApprovalClaim): Promise<void> {
  const { tenant, id, executionId, untilMs } = claim;
  const parameters = [tenant, id, executionId, untilMs] as const;
  await database.batch([
    database.prepare(`DELETE FROM approvals ${OF_CLAIM} AND reasked = 0`).bind(...parameters),
    database
      .prepare(`UPDATE approvals SET status = 'withdrawn', claimed_until_ms = NULL ${OF_CLAIM}`)
      .bind(...parameters),
  ]);
}
