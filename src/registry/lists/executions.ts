/** Queries over the index of executions, by name. Rows are parsed on the way out: storage is a boundary. */
import { and, asc, count, eq, gte, inArray } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { ListScope } from "../../domain/read-models/summary.ts";
import { ExecutionSummary } from "../../domain/read-models/summary.ts";
import { executions } from "../schema/schema.ts";
import { LIVE, mine } from "./runs.ts";

/** Rows that changed at or after `version` (ms), oldest first. */
export async function changedExecutions(
  database: D1Database,
  filter: ListScope,
  version: number,
): Promise<ExecutionSummary[]> {
  const rows = await drizzle(database)
    .select()
    .from(executions)
    .where(and(...mine(filter), gte(executions.updatedAtMs, version)))
    .orderBy(asc(executions.updatedAtMs))
    .limit(1_000);
  return rows.map((row) => ExecutionSummary.parse(row));
}

/** How many executions of a tenant have not ended, counted up to `most`: read off the index of the status, and nothing else. */
export async function openExecutionsOf(database: D1Database, tenant: string, most: number): Promise<number> {
  const db = drizzle(database);
  const open = db
    .select({ id: executions.id })
    .from(executions)
    .where(and(eq(executions.tenant, tenant), inArray(executions.status, [...LIVE])))
    .limit(most)
    .as("open");
  const [counted] = await db.select({ open: count() }).from(open);
  return counted?.open ?? 0;
}
