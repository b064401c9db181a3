/**
 * One page of executions, newest first, in a time that does not grow with the table.
 *
 * Q1  One filter drives: the one that leaves fewest rows and has an index that ends in (created_at_ms, id). So a page is
 *     read off the index in order, and nothing is sorted.
 * Q2  The other filters and the free text are looked for in the newest `WINDOW` rows that the driving one leaves. If that
 *     does not fill the page, the answer says where it stopped, and the next page goes on from there: nothing is lost.
 * Q3  Several statuses are as many ordered reads, merged.
 */
import type { SQL } from "drizzle-orm";
import { and, desc, eq, gte, inArray, lt, or, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { drizzle } from "drizzle-orm/d1";
import type { ExecutionFilter, Listing, ListPage, Position } from "../domain/summary.ts";
import { ExecutionSummary } from "../domain/summary.ts";
import { executions } from "./schema.ts";

/** Rows that one read examines for a filter that no index serves. */
const WINDOW = 1_000;
/** So much of an id says which one is meant. */
const TELLING_PREFIX = /^exec_[A-Za-z0-9_-]{8,}$/;

export async function listExecutions(database: D1Database, filter: ExecutionFilter, page: ListPage): Promise<Listing> {
  const { drivers, rest } = planOf(filter);
  const db = drizzle(database);
  const reads = await Promise.all(
    drivers.map((driver) => read(db, { among: [...within(filter, page), driver], rest, page })),
  );
  // Beyond the newest stop some read has not looked: what others found there belongs to a later page.
  const stoppedAt = reads.flatMap((one) => (one.stoppedAt ? [one.stoppedAt] : [])).sort(byAge)[0];
  const rows = reads
    .flatMap((one) => one.rows)
    .filter((row) => !stoppedAt || byAge(row, stoppedAt) <= 0)
    .sort(byAge)
    .slice(0, page.limit);
  return { rows, stoppedAt: rows.length < page.limit ? stoppedAt : undefined };
}

interface Read {
  readonly among: readonly (SQL | undefined)[];
  readonly rest: readonly SQL[];
  readonly page: ListPage;
}

async function read(db: DrizzleD1Database, { among, rest, page }: Read): Promise<Listing> {
  const examined = db
    .select()
    .from(executions)
    .where(and(...among))
    .orderBy(desc(executions.createdAtMs), desc(executions.id));
  if (rest.length === 0) return { rows: parsed(await examined.limit(page.limit)), stoppedAt: undefined };
  // Under the table's own name, so that the conditions fit both.
  const newest = examined.limit(WINDOW).as("executions");
  const [rows, [end]] = await db.batch([
    db
      .select()
      .from(newest)
      .where(and(...rest))
      .orderBy(desc(newest.createdAtMs), desc(newest.id))
      .limit(page.limit),
    db
      .select({ createdAtMs: executions.createdAtMs, id: executions.id })
      .from(executions)
      .where(and(...among))
      .orderBy(desc(executions.createdAtMs), desc(executions.id))
      .limit(1)
      .offset(WINDOW - 1),
  ]);
  return { rows: parsed(rows), stoppedAt: rows.length < page.limit ? end : undefined };
}

/** What drives (one condition a read) and what is only looked for. */
function planOf(filter: ExecutionFilter): { readonly drivers: readonly (SQL | undefined)[]; readonly rest: SQL[] } {
  const { runId, parentId, sessionId, actorId, owner, agent, fn, statuses, reasons, text } = filter;
  const equal = <T>(column: Parameters<typeof eq>[0], value: T | undefined) =>
    value === undefined ? undefined : eq(column, value);
  const named = text !== undefined && TELLING_PREFIX.test(text);
  const target = agent === undefined ? undefined : and(eq(executions.agent, agent), equal(executions.fn, fn));
  // Ends well, or any status, is nearly everything; the other statuses are few.
  const rare = statuses !== undefined && !statuses.includes("succeeded") && statuses.length > 0;
  // Most telling first.
  const telling = [
    named ? and(gte(executions.id, text), lt(executions.id, `${text}~`)) : undefined,
    equal(executions.runId, runId),
    equal(executions.parentId, parentId),
    equal(executions.sessionId, sessionId),
    equal(executions.actorId, actorId),
  ].filter((condition) => condition !== undefined);
  const broad = [equal(executions.owner, owner), target].filter((condition) => condition !== undefined);
  const byStatus = telling.length === 0 && (rare || broad.length === 0) ? statuses : undefined;
  const others = [...telling, ...broad];
  const driver = byStatus ? undefined : others.shift();
  const rest: SQL[] = others;
  if (reasons) rest.push(inArray(executions.reason, [...reasons]));
  if (text !== undefined && !named) rest.push(holding(text));
  if (byStatus) return { drivers: [...new Set(byStatus)].map((status) => eq(executions.status, status)), rest };
  if (statuses) rest.push(inArray(executions.status, [...statuses]));
  return { drivers: [driver], rest };
}

function within({ tenant, sinceMs, untilMs }: ExecutionFilter, { from }: ListPage): (SQL | undefined)[] {
  return [
    eq(executions.tenant, tenant),
    sinceMs === undefined ? undefined : gte(executions.createdAtMs, sinceMs),
    untilMs === undefined ? undefined : lt(executions.createdAtMs, untilMs),
    from && after(from),
  ];
}

/** A part of the id, the target or the error, in any case (of ASCII letters). */
function holding(text: string): SQL {
  const part = text.toLowerCase();
  const holds = (value: SQL) => sql`instr(lower(${value}), ${part}) > 0`;
  return (
    or(
      holds(sql`${executions.id}`),
      holds(sql`${executions.agent} || '.' || ${executions.fn}`),
      holds(sql`${executions.errorMessage}`),
    ) ?? sql`false`
  );
}

/** A comparison of pairs, because SQLite reads it off an index; an `or` of two comparisons it does not. */
export function after({ createdAtMs, id }: Position): SQL {
  return sql`(${executions.createdAtMs}, ${executions.id}) < (${createdAtMs}, ${id})`;
}

function parsed(rows: readonly unknown[]): ExecutionSummary[] {
  return rows.map((row) => ExecutionSummary.parse(row));
}

function byAge(a: Position, b: Position): number {
  return b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}
