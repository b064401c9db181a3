/**
 * One page of executions, newest first, in a time that does not grow with the table.
 *
 * - One filter drives: the one that leaves fewest rows and has an index that ends in (created_at_ms, id). So a page is
 *   read off the index in order, and nothing is sorted.
 * - The other filters and the free text are looked for in the newest `WINDOW` rows that the driving one leaves (of a
 *   user, own rows only: own-rows.ts). If that does not fill the page, the answer says where it stopped.
 * - Several statuses are as many ordered reads, merged; so are the functions of an agent.
 * - The beginning of an id is looked up by the primary key while few ids begin so; else it is a text like any other.
 * - The words of an error are sealed, and a database cannot look into them: those of the window are opened here.
 * - A text is looked for in what the reader sees: a viewer sees the words of an error masked, so they are masked before.
 */
import type { SQL } from "drizzle-orm";
import { and, desc, eq, gte, inArray, isNotNull, lt, not, or, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { drizzle } from "drizzle-orm/d1";
import { attributeText } from "../../domain/execution/search-attributes.ts";
import type { Cursor, ExecutionFilter, Listing, ListPage, ListScope } from "../../domain/read-models/summary.ts";
import { ExecutionSummary } from "../../domain/read-models/summary.ts";
import { messageForOthers } from "../../domain/values/exceptions.ts";
import type { TextSealer } from "../projection/sealed-rows.ts";
import { openSummary } from "../projection/sealed-rows.ts";
import { executions } from "../schema/schema.ts";
import { attributeBounds, hasAttribute } from "./attributes.ts";
import type { Driving } from "./own-rows.ts";
import { ownRows } from "./own-rows.ts";
import type { LinkKind, PlaceColumns, Source } from "./sources.ts";
import { after, common, executionsBy, linksBy, placeOf, rowsOf } from "./sources.ts";

/** Rows that one read examines for a filter that no index serves: a third of a millisecond (measured 2026-11-21). */
const WINDOW = 150;
/** An agent with more functions is looked for among all rows: so many reads for one page are too many. */
const MOST_FUNCTIONS = 50;
/** More ids than this with one beginning, and the beginning tells nothing. */
const FEW = 200;
/** The least of an id that says which one is meant. */
const TELLING_PREFIX = /^exec_[A-Za-z0-9_-]{8,}$/;

interface Index {
  readonly database: D1Database;
  readonly sealer: TextSealer;
}

export async function listExecutions(
  { database, sealer }: Index,
  filter: ExecutionFilter,
  page: ListPage,
): Promise<Listing> {
  const db = drizzle(database);
  const named = await readNamed(db, filter, page);
  if (named) return named;
  const { text, seenAs } = filter;
  const { sources, residual, crowd } = await withFunctions(db, filter, planOf(filter));
  const wanted = text === undefined ? undefined : { text, seenAs, sealer };
  const reads = await Promise.all(
    sources.map(async (source) => {
      const conditions = [...within(filter, page, source.table), source.condition];
      const driving = await ownRows(db, crowd, { source, conditions });
      return read(db, { driving, residual, page, wanted });
    }),
  );
  // Beyond the newest stop some read has not looked: what others found there belongs to a later page.
  const resumeAfter = reads.flatMap((one) => (one.resumeAfter ? [one.resumeAfter] : [])).sort(byAge)[0];
  const rows = reads
    .flatMap((one) => one.rows)
    .filter((row) => !resumeAfter || byAge(row, resumeAfter) <= 0)
    .sort(byAge)
    .slice(0, page.limit);
  return { rows, resumeAfter: rows.length < page.limit ? resumeAfter : undefined };
}

/** Executions whose id begins so; `undefined` when that is no beginning of an id, or one of too many. */
async function readNamed(db: DrizzleD1Database, filter: ExecutionFilter, page: ListPage): Promise<Listing | undefined> {
  const { tenant, text } = filter;
  if (text === undefined || !TELLING_PREFIX.test(text)) return undefined;
  const begin = and(eq(executions.tenant, tenant), gte(executions.id, text), lt(executions.id, `${text}~`));
  const few = db.select().from(executions).where(begin).limit(FEW).as("executions");
  const { same, residual } = planOf(filter);
  const own = filter.owner === undefined ? undefined : eq(executions.owner, filter.owner);
  const [rows, more] = await db.batch([
    db
      .select()
      .from(few)
      .where(and(...within(filter, page, executions), own, or(...same), ...residual)),
    db.select({ id: executions.id }).from(executions).where(begin).limit(1).offset(FEW),
  ]);
  if (more.length > 0) return undefined;
  return { rows: parsed(rows).sort(byAge).slice(0, page.limit), resumeAfter: undefined };
}

interface Wanted {
  readonly text: string;
  readonly seenAs: ExecutionFilter["seenAs"];
  readonly sealer: TextSealer;
}

interface Read {
  readonly driving: Driving;
  readonly residual: readonly SQL[];
  readonly page: ListPage;
  readonly wanted: Wanted | undefined;
}

async function read(db: DrizzleD1Database, { driving, residual, page, wanted }: Read): Promise<Listing> {
  const { source, conditions } = driving;
  const examined = rowsOf(db, source, conditions);
  if (residual.length === 0 && !wanted) {
    const rows = parsed(await examined.limit(page.limit));
    return { rows, resumeAfter: rows.length < page.limit ? driving.resumeAfter : undefined };
  }
  // Under the table's own name, so that the conditions fit both.
  const newest = examined.limit(WINDOW).as("executions");
  const [rows, unread, [end]] = await db.batch([
    db
      .select()
      .from(newest)
      .where(and(...residual, wanted && holding(wanted)))
      .orderBy(desc(newest.createdAtMs), desc(newest.id))
      .limit(page.limit),
    db
      .select()
      .from(newest)
      .where(and(...residual, wanted ? hasUnreadError(wanted) : sql`false`)),
    placeOf(db, source, { conditions, nth: WINDOW }),
  ]);
  const opened = parsed(unread).filter((row) => wanted && isInError(row, wanted));
  const found = new Map([...parsed(rows), ...opened].map((row) => [row.id, row]));
  const all = [...found.values()].sort(byAge).slice(0, page.limit);
  return { rows: all, resumeAfter: all.length < page.limit ? (end ?? driving.resumeAfter) : undefined };
}

interface Plan {
  /** One a read. */
  readonly sources: readonly Source[];
  /** What the sources are sought by, as conditions on a row: any one of them. */
  readonly same: readonly (SQL | undefined)[];
  readonly residual: SQL[];
  /** The user whose rows are to be found among those that the sources leave; no user where all of these are the user's. */
  readonly crowd: ListScope;
  /** The agent whose functions are to be the sources, one each. */
  readonly agent?: string;
}

/** A filter that may drive: what it says of a row, and where its rows are read off. */
interface Driver {
  readonly condition: SQL;
  readonly source: Source;
}

const by = (condition: SQL): Driver => ({ condition, source: executionsBy(condition) });

/** Most telling first. */
function selectiveConditions({
  runId,
  parentId,
  sessionId,
  actorId,
  scheduleId,
  attributes = [],
}: ExecutionFilter): Driver[] {
  const links: readonly (readonly [LinkKind, Parameters<typeof eq>[0], string | undefined])[] = [
    ["parent", executions.parentId, parentId],
    ["session", executions.sessionId, sessionId],
    ["schedule", executions.scheduleId, scheduleId],
    ["actor", executions.actorId, actorId],
  ];
  const linked = links.flatMap(([kind, column, name]) =>
    name === undefined ? [] : [{ condition: eq(column, name), source: linksBy(kind, name) }],
  );
  const attributed = attributes.flatMap(({ name, equals }) => {
    if (equals === undefined) return [];
    const text = attributeText(name, equals);
    return [{ condition: hasAttribute(text), source: linksBy("attribute", text) }];
  });
  return [...(runId === undefined ? [] : [by(eq(executions.runId, runId))]), ...linked, ...attributed];
}

function targetOf({ agent, fn }: ExecutionFilter): Driver | undefined {
  if (agent === undefined) return undefined;
  const ofAgent = eq(executions.agent, agent);
  return by(fn === undefined ? ofAgent : (and(ofAgent, eq(executions.fn, fn)) ?? ofAgent));
}

/** What drives (one source a read) and what is only looked for. */
function planOf(filter: ExecutionFilter): Plan {
  const { tenant, owner, agent, fn, statuses } = filter;
  const [selective, target] = [selectiveConditions(filter), targetOf(filter)];
  // Ends well, or any status, is nearly everything; the other statuses are few.
  const rare = statuses !== undefined && !statuses.includes("succeeded") && statuses.length > 0;
  const own = owner === undefined ? undefined : by(eq(executions.owner, owner));
  const byStatus = selective.length === 0 && (rare || (!own && !target)) ? statuses : undefined;
  const others = [...selective, ...(own ? [own] : []), ...(target ? [target] : [])];
  const driver = byStatus ? undefined : others.shift();
  const residual = others.filter((one) => one !== own).map(({ condition }) => condition);
  residual.push(...attributeBounds(filter.attributes));
  const crowd = driver === own || owner === undefined ? { tenant } : { tenant, owner };
  if (byStatus) {
    const same = [...new Set(byStatus)].map((status) => eq(executions.status, status));
    return { sources: same.map(executionsBy), same, residual, crowd };
  }
  if (statuses) residual.push(inArray(executions.status, [...statuses]));
  const sources = [driver?.source ?? executionsBy(undefined)];
  const byAgent = driver !== undefined && driver === target && fn === undefined;
  return { sources, same: [driver?.condition], residual, crowd, ...(byAgent && agent !== undefined ? { agent } : {}) };
}

/** The rows of one function stand in order in their index, those of an agent do not: as many reads as it has functions. */
async function withFunctions(db: DrizzleD1Database, { tenant }: ExecutionFilter, plan: Plan): Promise<Plan> {
  const { agent } = plan;
  if (agent === undefined) return plan;
  const ofAgent = eq(executions.agent, agent);
  const functions = await functionsOf(db, tenant, agent);
  if (functions.length > MOST_FUNCTIONS)
    return { ...plan, sources: [executionsBy(undefined)], residual: [ofAgent, ...plan.residual] };
  return { ...plan, sources: functions.map((fn) => executionsBy(and(ofAgent, eq(executions.fn, fn)))) };
}

/** Functions of which the index has executions: from each to the next, without reading what lies between. */
async function functionsOf(db: DrizzleD1Database, tenant: string, agent: string): Promise<string[]> {
  const next = sql`SELECT min(fn) FROM executions WHERE tenant = ${tenant} AND agent = ${agent}`;
  const found = await db.all<{ fn: string }>(sql`WITH RECURSIVE known (fn) AS (${next}
    UNION ALL SELECT (${next} AND fn > known.fn) FROM known WHERE known.fn IS NOT NULL)
    SELECT fn FROM known WHERE fn IS NOT NULL LIMIT ${MOST_FUNCTIONS + 1}`);
  return found.map(({ fn }) => fn);
}

function within(
  { tenant, sinceMs, untilMs }: ExecutionFilter,
  { from }: ListPage,
  columns: PlaceColumns,
): (SQL | undefined)[] {
  // Beyond a cursor everything is older than `until`; of two upper bounds SQLite would seek by either.
  const implied = from !== undefined && untilMs !== undefined && from.createdAtMs < untilMs;
  return [
    eq(columns.tenant, tenant),
    sinceMs === undefined ? undefined : common(gte(columns.createdAtMs, sinceMs)),
    untilMs === undefined || implied ? undefined : common(lt(columns.createdAtMs, untilMs)),
    from && after(from, columns),
  ];
}

/** What is sealed begins with this character, and nothing else does. */
const IS_SEALED = sql`unicode(${executions.errorMessage}) = 1`;

/** A part of the id, the target or the error, in any case (of ASCII letters). Errors that must be read first are not here. */
function holding({ text, seenAs }: Wanted): SQL | undefined {
  const part = text.toLowerCase();
  const holds = (value: SQL) => sql`instr(lower(${value}), ${part}) > 0`;
  return or(
    holds(sql`${executions.id}`),
    holds(sql`${executions.agent} || '.' || ${executions.fn}`),
    seenAs ? undefined : and(not(IS_SEALED), holds(sql`${executions.errorMessage}`)),
  );
}

/** Rows whose error's words are looked into here: what the database has is not what their reader sees. */
function hasUnreadError({ seenAs }: Wanted): SQL {
  return seenAs ? isNotNull(executions.errorMessage) : IS_SEALED;
}

function isInError(row: ExecutionSummary, { text, seenAs, sealer }: Wanted): boolean {
  const opened = openSummary(row, sealer);
  const errorMessage = seenAs ? messageForOthers(opened.errorCode, opened.errorMessage) : opened.errorMessage;
  return errorMessage !== null && (seenAs?.(errorMessage) ?? errorMessage).toLowerCase().includes(text.toLowerCase());
}

function parsed(rows: readonly unknown[]): ExecutionSummary[] {
  return rows.map((row) => ExecutionSummary.parse(row));
}

export function byAge(a: Cursor, b: Cursor): number {
  return b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}
