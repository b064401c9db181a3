/**
 * Queries over sessions, by name. A session is what shares a session id; its first execution is its place in a list.
 *
 * As in `listing.ts`, a page is looked for among the newest `WINDOW` rows; if that does not fill it, the answer says where
 * it stopped, and the next page goes on from there.
 */
import type { SQL } from "drizzle-orm";
import { and, desc, eq, isNotNull, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Listing, ListPage, ListScope } from "../../domain/read-models/summary.ts";
import { ExecutionSummary } from "../../domain/read-models/summary.ts";
import { executions } from "../schema/schema.ts";
import { ownRows } from "./own-rows.ts";
import type { Source } from "./sources.ts";
import { after, executionsBy, linksBy, placeOf, rowsOf } from "./sources.ts";

/** Rows that one page examines. */
const WINDOW = 250;

/** The first execution of each session, newest session first. The order never changes: a session's first stays its first. */
export async function firstOfSessions(database: D1Database, scope: ListScope, page: ListPage): Promise<Listing> {
  return firsts(database, {
    scope,
    page,
    olderIn: "session",
    source: executionsBy(scope.owner === undefined ? undefined : eq(executions.owner, scope.owner)),
    residual: isNotNull(executions.sessionId),
    crowd: { tenant: scope.tenant },
  });
}

/** The newest execution of each session. */
export async function lastOfSessions(
  database: D1Database,
  scope: ListScope,
  sessionIds: readonly string[],
): Promise<ExecutionSummary[]> {
  const owner = scope.owner === undefined ? sql`` : sql`AND own.owner = ${scope.owner}`;
  const rows = await drizzle(database)
    .select()
    .from(executions)
    .where(
      and(
        eq(executions.tenant, scope.tenant),
        sql`${executions.id} IN (SELECT (SELECT own.id FROM execution_links AS own WHERE own.tenant = ${scope.tenant}
          ${owner} AND own.kind = 'session' AND own.name = wanted.value ORDER BY own.created_at_ms DESC, own.id DESC LIMIT 1)
          FROM json_each(${JSON.stringify(sessionIds)}) AS wanted)`,
      ),
    );
  return rows.map((row) => ExecutionSummary.parse(row));
}

/** The first execution of each run of a session, newest run first. */
export async function firstOfRunsIn(
  database: D1Database,
  scope: ListScope,
  { sessionId, page }: { readonly sessionId: string; readonly page: ListPage },
): Promise<Listing> {
  return firsts(database, {
    scope,
    page,
    olderIn: "run",
    source: linksBy("session", sessionId),
    residual: undefined,
    crowd: scope,
  });
}

interface Firsts {
  readonly scope: ListScope;
  readonly page: ListPage;
  /** What they share. */
  readonly olderIn: "run" | "session";
  /** Its rows are examined. */
  readonly source: Source;
  readonly residual: SQL | undefined;
  /** Whose rows are to be found among those of the source. */
  readonly crowd: ListScope;
}

/** What a row is looked for among: those of its own run, or of its own session. */
const OLDER = {
  run: sql`executions AS older WHERE older.run_id = ${executions.runId}`,
  session: sql`execution_links AS older WHERE older.kind = 'session' AND older.name = ${executions.sessionId}`,
} as const;

/** Executions before which there is none of the same group. */
async function firsts(
  database: D1Database,
  { scope, page, olderIn, source, residual, crowd }: Firsts,
): Promise<Listing> {
  const owner = scope.owner === undefined ? sql`` : sql`AND older.owner = ${scope.owner}`;
  const older = sql`SELECT 1 FROM ${OLDER[olderIn]} AND older.tenant = ${scope.tenant} ${owner}
    AND (older.created_at_ms, older.id) < (${executions}.created_at_ms, ${executions}.id)`;
  const db = drizzle(database);
  const { table, condition } = source;
  const conditions = [eq(table.tenant, scope.tenant), condition, page.from && after(page.from, table)];
  const driving = await ownRows(db, crowd, { source, conditions });
  const newest = rowsOf(db, source, driving.conditions).limit(WINDOW).as("executions");
  const [rows, [end]] = await db.batch([
    db
      .select()
      .from(newest)
      .where(and(residual, sql`NOT EXISTS (${older})`))
      .orderBy(desc(newest.createdAtMs), desc(newest.id))
      .limit(page.limit),
    placeOf(db, source, { conditions: driving.conditions, nth: WINDOW }),
  ]);
  const parsed = rows.map((row) => ExecutionSummary.parse(row));
  const resumeAfter = end ?? driving.resumeAfter;
  return { rows: parsed, resumeAfter: parsed.length < page.limit ? resumeAfter : undefined };
}
