/** Executions whose time is over, found by the index of what changed: an ended one does not change any more. */
import { and, asc, eq, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { EndStatus } from "../../domain/execution/retention.ts";
import { END_STATUSES } from "../../domain/execution/retention.ts";
import { executions } from "../schema/schema.ts";

/** Tenants that have executions here: from each to the next, without reading what lies between. */
export async function tenantsWithExecutions(database: D1Database): Promise<string[]> {
  const found = await drizzle(database).all<{ tenant: string }>(sql`WITH RECURSIVE known (tenant) AS (
    SELECT min(tenant) FROM executions
    UNION ALL SELECT (SELECT min(tenant) FROM executions WHERE tenant > known.tenant) FROM known WHERE known.tenant IS NOT NULL)
    SELECT tenant FROM known WHERE tenant IS NOT NULL`);
  return found.map(({ tenant }) => tenant);
}

/** Where a look ended, so that the next one goes on from there. */
export interface Expired {
  readonly id: string;
  readonly updatedAtMs: number;
  readonly status: EndStatus;
}

/** Rows that one look passes over: those of a status that is kept longer. */
const LOOKED_AT = 2_500;

/**
 * Executions whose time is over, oldest first, strictly after `from`; where the look has to go on next time. `cuts`: of each
 * status, what ended before this instant is over.
 */
export async function expiredExecutions(
  database: D1Database,
  tenant: string,
  page: {
    readonly cuts: Readonly<Record<EndStatus, number>>;
    readonly from: Omit<Expired, "status"> | undefined;
    readonly limit: number;
  },
): Promise<{ readonly found: readonly Expired[]; readonly resumeAfter: Omit<Expired, "status"> | undefined }> {
  const { updatedAtMs, id, status, finishedAtMs } = executions;
  const { from, cuts, limit } = page;
  const looked = await drizzle(database)
    .select({ id, updatedAtMs, status, finishedAtMs })
    .from(executions)
    .where(
      and(
        eq(executions.tenant, tenant),
        lt(updatedAtMs, Math.max(...Object.values(cuts))),
        from && sql`(${updatedAtMs}, ${id}) > (${from.updatedAtMs}, ${from.id})`,
      ),
    )
    .orderBy(asc(updatedAtMs), asc(id))
    .limit(LOOKED_AT);
  const over = looked.flatMap((row): Expired[] => {
    const ended = END_STATUSES.find((one) => one === row.status);
    if (row.finishedAtMs === null || ended === undefined || row.updatedAtMs >= cuts[ended]) return [];
    return [{ id: row.id, updatedAtMs: row.updatedAtMs, status: ended }];
  });
  const found = over.slice(0, limit);
  const last = over.length >= limit ? found.at(-1) : looked.length === LOOKED_AT ? looked.at(-1) : undefined;
  return { found, resumeAfter: last && { id: last.id, updatedAtMs: last.updatedAtMs } };
}
