/** Queries over the index of executions, by name. Rows are parsed on the way out: storage is a boundary. */
import type { SQL } from "drizzle-orm";
import { and, asc, desc, eq, gte, inArray, isNotNull, like, lt, or } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { z } from "zod";
import { Status } from "../domain/status.ts";
import type { ExecutionFilter, ExecutionSummary, Position } from "../domain/summary.ts";
import { FunctionKind } from "../domain/target.ts";
import { executions } from "./schema.ts";

const Row = z.object({
  tenant: z.string(),
  id: z.string(),
  owner: z.string(),
  seq: z.number(),
  agent: z.string(),
  fn: z.string(),
  kind: FunctionKind,
  status: Status,
  reason: z.string().nullable(),
  runId: z.string(),
  parentId: z.string().nullable(),
  sessionId: z.string().nullable(),
  actorId: z.string().nullable(),
  createdAtMs: z.number(),
  startedAtMs: z.number().nullable(),
  finishedAtMs: z.number().nullable(),
  updatedAtMs: z.number(),
  errorCode: z.string().nullable(),
  errorMessage: z.string().nullable(),
  turns: z.number(),
  tokens: z.number(),
  costUsd: z.number(),
});

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
  return rows.map((row) => Row.parse(row));
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

function after({ createdAtMs, id }: Position): SQL | undefined {
  return or(
    lt(executions.createdAtMs, createdAtMs),
    and(eq(executions.createdAtMs, createdAtMs), lt(executions.id, id)),
  );
}
