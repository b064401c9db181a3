/**
 * Queries over sessions, by name. A session is what shares a session id; its first execution is its place in a list.
 *
 * As in `listing.ts`, a page is looked for among the newest `WINDOW` rows; if that does not fill it, the answer says where
 * it stopped, and the next page goes on from there.
 */
import type { SQL } from "drizzle-orm";
import { and, desc, eq, isNotNull, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Listing, ListPage, ListScope } from "../domain/summary.ts";
import { ExecutionSummary } from "../domain/summary.ts";
import { after } from "./listing.ts";
import { ownAmong } from "./own-rows.ts";
import { executions } from "./schema.ts";

/** Rows that one page examines. */
const WINDOW = 250;

/** The first execution of each session, newest session first. The order never changes: a session's first stays its first. */
export async function firstOfSessions(database: D1Database, scope: ListScope, page: ListPage): Promise<Listing> {
  return firsts(database, {
    scope,
    page,
    group: executions.sessionId,
    driver: scope.owner === undefined ? undefined : eq(executions.owner, scope.owner),
    rest: isNotNull(executions.sessionId),
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
        sql`${executions.id} IN (SELECT (SELECT own.id FROM executions AS own WHERE own.tenant = ${scope.tenant}
          ${owner} AND own.session_id = wanted.value ORDER BY own.created_at_ms DESC, own.id DESC LIMIT 1)
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
    group: executions.runId,
    driver: eq(executions.sessionId, sessionId),
    rest: undefined,
    crowd: scope,
  });
}

interface Firsts {
  readonly scope: ListScope;
  readonly page: ListPage;
  readonly group: typeof executions.runId | typeof executions.sessionId;
  /** Has an index; the rows that it leaves are examined. */
  readonly driver: SQL | undefined;
  readonly rest: SQL | undefined;
  /** Whose rows are to be found among those that the driver leaves. */
  readonly crowd: ListScope;
}

/** Executions before which there is none of the same group. */
async function firsts(database: D1Database, { scope, page, group, driver, rest, crowd }: Firsts): Promise<Listing> {
  const column = sql.raw(group.name);
  const owner = scope.owner === undefined ? sql`` : sql`AND older.owner = ${scope.owner}`;
  const older = sql`SELECT 1 FROM executions AS older WHERE older.tenant = ${scope.tenant} ${owner}
    AND older.${column} = ${executions}.${column}
    AND (older.created_at_ms, older.id) < (${executions}.created_at_ms, ${executions}.id)`;
  const db = drizzle(database);
  const conditions = [eq(executions.tenant, scope.tenant), driver, page.from && after(page.from)];
  const among = await ownAmong(db, crowd, conditions);
  const examined = () =>
    db
      .select()
      .from(executions)
      .where(and(...among.conditions))
      .orderBy(desc(executions.createdAtMs), desc(executions.id));
  const newest = examined().limit(WINDOW).as("executions");
  const [rows, [end]] = await db.batch([
    db
      .select()
      .from(newest)
      .where(and(rest, sql`NOT EXISTS (${older})`))
      .orderBy(desc(newest.createdAtMs), desc(newest.id))
      .limit(page.limit),
    examined()
      .limit(1)
      .offset(WINDOW - 1),
  ]);
  const parsed = rows.map((row) => ExecutionSummary.parse(row));
  const stoppedAt = end ? ExecutionSummary.parse(end) : among.stoppedAt;
  return { rows: parsed, stoppedAt: parsed.length < page.limit ? stoppedAt : undefined };
}
