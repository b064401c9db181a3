/** Queries over the index of executions, by name. Rows are parsed on the way out: storage is a boundary. */
import type { SQL } from "drizzle-orm";
import { and, asc, desc, eq, gte, inArray, isNotNull, like, lt, or } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { ExecutionFilter, Position } from "../domain/summary.ts";
import { ExecutionSummary } from "../domain/summary.ts";
import { executions } from "./schema.ts";

/** Newest first, strictly after `from`: a page stays the same when newer executions arrive. */
export async function listExecutions(
  database: D1Database,
  filter: ExecutionFilter,
  page: { readonly limit: number; readonly from: Position | undefined },
): Promise<ExecutionSummary[]> {
  const rows = await drizzle(database)
    .select()
    .from(executions)
    .where(and(...conditions(filter), page.from && after(page.from)))
    .orderBy(desc(executions.createdAtMs), desc(executions.id))
    .limit(page.limit);
  return rows.map((row) => ExecutionSummary.parse(row));
}

/** Rows that changed at or after `version` (ms), oldest first. */
export async function changedExecutions(
  database: D1Database,
  filter: Pick<ExecutionFilter, "tenant" | "owner">,
  version: number,
): Promise<ExecutionSummary[]> {
  const rows = await drizzle(database)
    .select()
    .from(executions)
    .where(and(...conditions(filter), gte(executions.updatedAtMs, version)))
    .orderBy(asc(executions.updatedAtMs))
    .limit(1_000);
  return rows.map((row) => ExecutionSummary.parse(row));
}

/** Executions whose alarm should have gone off: the net under lost alarms. Oldest first. */
export async function oversleptExecutions(
  database: D1Database,
  before: number,
  limit: number,
): Promise<{ tenant: string; id: string }[]> {
  return drizzle(database)
    .select({ tenant: executions.tenant, id: executions.id })
    .from(executions)
    .where(and(isNotNull(executions.nextWakeAtMs), lt(executions.nextWakeAtMs, before)))
    .orderBy(asc(executions.nextWakeAtMs))
    .limit(limit);
}

function conditions(filter: ExecutionFilter): (SQL | undefined)[] {
  const { statuses, agent, fn, runId, sessionId, actorId, parentId, owner, sinceMs, untilMs, text } = filter;
  return [
    eq(executions.tenant, filter.tenant),
    owner === undefined ? undefined : eq(executions.owner, owner),
    statuses === undefined ? undefined : inArray(executions.status, [...statuses]),
    agent === undefined ? undefined : eq(executions.agent, agent),
    fn === undefined ? undefined : eq(executions.fn, fn),
    runId === undefined ? undefined : eq(executions.runId, runId),
    sessionId === undefined ? undefined : eq(executions.sessionId, sessionId),
    actorId === undefined ? undefined : eq(executions.actorId, actorId),
    parentId === undefined ? undefined : eq(executions.parentId, parentId),
    sinceMs === undefined ? undefined : gte(executions.createdAtMs, sinceMs),
    untilMs === undefined ? undefined : lt(executions.createdAtMs, untilMs),
    text === undefined ? undefined : matching(text),
    filter.reasons === undefined ? undefined : inArray(executions.reason, [...filter.reasons]),
  ];
}

function matching(text: string): SQL | undefined {
  const pattern = `%${text.replaceAll(/[\\%_]/g, "")}%`;
  return or(
    like(executions.id, pattern),
    like(executions.agent, pattern),
    like(executions.fn, pattern),
    like(executions.errorMessage, pattern),
  );
}

export function after({ createdAtMs, id }: Position): SQL | undefined {
  return or(
    lt(executions.createdAtMs, createdAtMs),
    and(eq(executions.createdAtMs, createdAtMs), lt(executions.id, id)),
  );
}
