/** Queries over ids that do not say themselves that they were made, by name. */
import { and, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { chosenIds, executions } from "../schema/schema.ts";

/** Changes nothing when it is claimed already. */
export async function claimId(database: D1Database, tenant: string, id: string): Promise<void> {
  await drizzle(database).insert(chosenIds).values({ tenant, id }).onConflictDoNothing();
}

/** Claimed, or started without a claim while the index was away: then its row stands for it. */
export async function isClaimed(database: D1Database, tenant: string, id: string): Promise<boolean> {
  const found = await drizzle(database)
    .select({ id: chosenIds.id })
    .from(chosenIds)
    .where(and(eq(chosenIds.tenant, tenant), eq(chosenIds.id, id)))
    .unionAll(
      drizzle(database)
        .select({ id: executions.id })
        .from(executions)
        .where(and(eq(executions.tenant, tenant), eq(executions.id, id))),
    )
    .limit(1);
  return found.length > 0;
}
