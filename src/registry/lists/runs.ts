/** Queries over runs, by name. A run is what shares a run id. */
import type { SQL } from "drizzle-orm";
import { and, asc, desc, eq, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { drizzle } from "drizzle-orm/d1";
import * as z from "zod";
import { isTerminal, Status } from "../../domain/execution/status.ts";
import type { RunDigest } from "../../domain/read-models/run-tree.ts";
import type { ListScope } from "../../domain/read-models/summary.ts";
import { ExecutionSummary } from "../../domain/read-models/summary.ts";
import { executions } from "../schema/schema.ts";
import { byAge } from "./listing.ts";

/** Newest live executions that are looked at for each run that is wanted. */
const LIVE_PER_RUN = 10;
/** The statuses that are no end. What is live is read off the index of the status, a status at a time. */
export const LIVE: readonly Status[] = Status.options.filter((status) => !isTerminal(status));

export async function executionsOfRun(
  database: D1Database,
  scope: ListScope,
  { runId, limit }: { readonly runId: string; readonly limit: number },
): Promise<ExecutionSummary[]> {
  const rows = await drizzle(database)
    .select()
    .from(executions)
    .where(and(...mine(scope), eq(executions.runId, runId)))
    .orderBy(asc(executions.createdAtMs), asc(executions.id))
    .limit(limit);
  return rows.map((row) => ExecutionSummary.parse(row));
}

/** Executions of these ids that the index knows. The ids travel as one parameter: D1 takes 100. */
export async function executionsById(
  database: D1Database,
  scope: ListScope,
  ids: readonly string[],
): Promise<ExecutionSummary[]> {
  const rows = await drizzle(database)
    .select()
    .from(executions)
    .where(and(...mine(scope), sql`${executions.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`));
  return rows.map((row) => ExecutionSummary.parse(row));
}

/** Ids of runs in which something goes on, by their newest live execution. */
export async function liveRuns(
  database: D1Database,
  scope: ListScope,
  {
    sessionId,
    agent,
    limit,
  }: { readonly sessionId: string | undefined; readonly agent: string | undefined; readonly limit: number },
): Promise<string[]> {
  const db = drizzle(database);
  const { createdAtMs, id, runId, status } = executions;
  // The plus says that the owner's own index is not meant: the owner stands last in that of the status.
  const own = scope.owner === undefined ? undefined : sql`+${executions.owner} = ${scope.owner}`;
  const read = (one: Status) =>
    db
      .select({ createdAtMs, id, runId })
      .from(executions)
      .where(
        and(
          eq(executions.tenant, scope.tenant),
          eq(status, one),
          own,
          sessionId === undefined ? undefined : eq(executions.sessionId, sessionId),
          agent === undefined ? undefined : sql`+${executions.agent} = ${agent}`,
        ),
      )
      .orderBy(desc(createdAtMs), desc(id))
      .limit(limit * LIVE_PER_RUN);
  const live = await Promise.all(LIVE.map(read));
  const newest = live
    .flat()
    .sort(byAge)
    .slice(0, limit * LIVE_PER_RUN);
  return [...new Set(newest.map((row) => row.runId))].slice(0, limit);
}

const Count = z.object({ runId: z.string(), status: Status, count: z.number(), latestAtMs: z.number() });

/** What each run is made of, in the order of the ids. Reads every row of these runs' index, and no other. */
export async function runDigests(
  database: D1Database,
  scope: ListScope,
  runIds: readonly string[],
): Promise<RunDigest[]> {
  if (runIds.length === 0) return [];
  const db = drizzle(database);
  const wanted = sql`(SELECT value FROM json_each(${JSON.stringify(runIds)}))`;
  const counts = db
    .select({
      runId: executions.runId,
      status: executions.status,
      count: sql`count(*)`,
      latestAtMs: sql`max(${executions.updatedAtMs})`,
    })
    .from(executions)
    .where(and(...mine(scope), sql`${executions.runId} IN ${wanted}`))
    .groupBy(executions.runId, executions.status);
  const [counted, first] = await db.batch([counts, firstOfRuns(db, scope, runIds)]);
  const byRun = Map.groupBy(
    counted.map((row) => Count.parse(row)),
    ({ runId }) => runId,
  );
  const firstByRun = new Map(first.map((row) => [row.runId, ExecutionSummary.parse(row)]));
  return runIds.flatMap((runId) => {
    const root = firstByRun.get(runId);
    const rows = byRun.get(runId);
    if (!root || !rows) return [];
    const latestAtMs = Math.max(...rows.map((row) => row.latestAtMs));
    return [{ runId, root, counts: Object.fromEntries(rows.map(({ status, count }) => [status, count])), latestAtMs }];
  });
}

/** The earliest execution of each run: its root, because a parent is older than its children. */
function firstOfRuns(db: DrizzleD1Database, scope: ListScope, runIds: readonly string[]) {
  const owner = scope.owner === undefined ? sql`` : sql`AND own.owner = ${scope.owner}`;
  return db
    .select()
    .from(executions)
    .where(
      and(
        eq(executions.tenant, scope.tenant),
        sql`${executions.id} IN (SELECT (SELECT own.id FROM executions AS own WHERE own.tenant = ${scope.tenant} ${owner}
          AND own.run_id = wanted.value ORDER BY own.created_at_ms, own.id LIMIT 1)
          FROM json_each(${JSON.stringify(runIds)}) AS wanted)`,
      ),
    );
}

/** What of the index is the caller's. */
export function mine({ tenant, owner }: ListScope): (SQL | undefined)[] {
  return [eq(executions.tenant, tenant), owner === undefined ? undefined : eq(executions.owner, owner)];
}
