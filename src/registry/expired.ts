/** Executions whose time is over, found by the index of what changed: an ended one does not change any more. */
import { and, asc, eq, isNotNull, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { executions } from "./schema.ts";

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
}

/** Ended before `endedBeforeMs`, oldest first, strictly after `from`. */
export async function expiredExecutions(
  database: D1Database,
  tenant: string,
  page: { readonly endedBeforeMs: number; readonly from: Expired | undefined; readonly limit: number },
): Promise<Expired[]> {
  const { updatedAtMs, id } = executions;
  const { from } = page;
  return drizzle(database)
    .select({ id, updatedAtMs })
    .from(executions)
    .where(
      and(
        eq(executions.tenant, tenant),
        lt(updatedAtMs, page.endedBeforeMs),
        isNotNull(executions.finishedAtMs),
        from && sql`(${updatedAtMs}, ${id}) > (${from.updatedAtMs}, ${from.id})`,
      ),
    )
    .orderBy(asc(updatedAtMs), asc(id))
    .limit(page.limit);
}
