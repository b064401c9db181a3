/**
 * The index of approvals, by name: the inbox, and the way from an approval's id to its execution.
 *
 * - A record is written only over an older one of the same execution: repeats, stragglers and a former holder of the id
 *   change nothing.
 */
import type { SQL } from "drizzle-orm";
import { and, desc, eq, inArray, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type {
  ApprovalClaim,
  ApprovalFilter,
  ApprovalHolder,
  ApprovalListing,
  ApprovalRecord,
} from "../../domain/read-models/approval-record.ts";
import { ApprovalRecord as Approval } from "../../domain/read-models/approval-record.ts";
import type { Cursor, ListPage } from "../../domain/read-models/summary.ts";
import type { ReadableRegistries } from "../databases/read-replicas.ts";
import { readIn } from "../databases/read-replicas.ts";
import type { ColumnValues, EveryField } from "../schema/columns.ts";
import { columnNames, toColumns } from "../schema/columns.ts";
import { approvals } from "../schema/schema.ts";
import { claimApproval, releaseClaim, takeOverClaim } from "./approval-claims.ts";
import { byAge } from "./listing.ts";

/** A record by column name, as it travels to the projector and into `json_each`. */
export type ApprovalRow = ColumnValues;

export function approvalRow(record: ApprovalRecord): ApprovalRow {
  return toColumns(approvals, record satisfies ProjectedApproval);
}

/** Columns that only the index knows of: claims, and who may ask again. */
const OWN_FIELDS = ["claimedUntilMs", "lineage", "reasked"] as const;
type ProjectedApproval = Omit<EveryField<typeof approvals>, (typeof OWN_FIELDS)[number]>;
const COLUMNS = columnNames(approvals, OWN_FIELDS);
const UPDATED = COLUMNS.filter((name) => !["tenant", "id", "execution_id"].includes(name));

/** Many records in one statement and one bound parameter, like the executions'. */
export const UPSERT_APPROVALS = `INSERT INTO approvals (${COLUMNS.join(", ")})
SELECT ${COLUMNS.map((name) => `value ->> '$.${name}'`).join(", ")} FROM json_each(?1) WHERE true
ON CONFLICT (tenant, id) DO UPDATE SET claimed_until_ms = NULL,
  ${UPDATED.map((name) => `${name} = excluded.${name}`).join(", ")}
WHERE excluded.seq > approvals.seq AND excluded.execution_id = approvals.execution_id`;

const ALL = columnNames(approvals);

/** Rows of another database, with what only the index knows of them: claims, and who may ask again. */
export const COPY_APPROVALS = `INSERT INTO approvals (${ALL.join(", ")})
SELECT ${ALL.map((name) => `value ->> '$.${name}'`).join(", ")} FROM json_each(?1) WHERE true
ON CONFLICT (tenant, id) DO UPDATE SET ${ALL.slice(2)
  .map((name) => `${name} = excluded.${name}`)
  .join(", ")}
WHERE excluded.seq > approvals.seq`;

/** The execution that an approval belongs to, or belonged to last. */
async function executionOfApproval(database: D1Database, tenant: string, id: string): Promise<string | undefined> {
  const [row] = await drizzle(database)
    .select({ executionId: approvals.executionId })
    .from(approvals)
    .where(and(eq(approvals.tenant, tenant), eq(approvals.id, id)));
  return row?.executionId;
}

/** Rows that one page examines for what no index serves. */
const WINDOW = 150;

/** Newest request first; as in `listing.ts`, several statuses are as many reads, and what is rare is looked for in a window. */
async function listApprovals(database: D1Database, filter: ApprovalFilter, page: ListPage): Promise<ApprovalListing> {
  const reads = await Promise.all(filter.statuses.map((status) => readApprovals(database, { filter, page, status })));
  const resumeAfter = reads.flatMap((read) => read.resumeAfter ?? []).sort(byAge)[0];
  const rows = reads
    .flatMap((read) => read.rows)
    .filter((row) => !resumeAfter || byAge(cursorOf(row), resumeAfter) <= 0)
    .sort((a, b) => byAge(cursorOf(a), cursorOf(b)))
    .slice(0, page.limit);
  return { rows, resumeAfter: rows.length < page.limit ? resumeAfter : undefined };
}

interface Read {
  readonly filter: ApprovalFilter;
  readonly page: ListPage;
  readonly status: ApprovalFilter["statuses"][number];
}

async function readApprovals(database: D1Database, { filter, page, status }: Read): Promise<ApprovalListing> {
  const { tenant, agent, sessionId } = filter;
  const owner = filter.owner ?? (status === "pending" ? undefined : filter.ownerOfClosed);
  const { from, limit } = page;
  const db = drizzle(database);
  const equal = (column: Parameters<typeof eq>[0], value: string | undefined): SQL | undefined =>
    value === undefined ? undefined : eq(column, value);
  const examined = () =>
    db
      .select()
      .from(approvals)
      .where(
        and(
          eq(approvals.tenant, tenant),
          equal(approvals.owner, owner),
          eq(approvals.status, status),
          from && sql`(${approvals.requestedAtMs}, ${approvals.id}) < (${from.createdAtMs}, ${from.id})`,
        ),
      )
      .orderBy(desc(approvals.requestedAtMs), desc(approvals.id));
  // An index serves all that was asked: no row is looked at that is not shown.
  if (agent === undefined && sessionId === undefined)
    return { rows: (await examined().limit(limit)).map((row) => Approval.parse(row)), resumeAfter: undefined };
  const newest = examined().limit(WINDOW).as("approvals");
  // Of a row that does not fit only what tells that is read.
  const fitting = db
    .select({ id: newest.id })
    .from(newest)
    .where(and(equal(approvals.agent, agent), equal(approvals.sessionId, sessionId)))
    .orderBy(desc(newest.requestedAtMs), desc(newest.id))
    .limit(limit);
  const [rows, [end]] = await db.batch([
    db
      .select()
      .from(approvals)
      // In no order: all reads are put in order together.
      .where(and(eq(approvals.tenant, tenant), inArray(approvals.id, fitting))),
    examined()
      .limit(1)
      .offset(WINDOW - 1),
  ]);
  const parsed = rows.map((row) => Approval.parse(row));
  return { rows: parsed, resumeAfter: parsed.length < limit && end ? cursorOf(Approval.parse(end)) : undefined };
}

function cursorOf({ requestedAtMs, id }: ApprovalRecord): Cursor {
  return { createdAtMs: requestedAtMs, id };
}

/** The index of approvals that operations call: these queries, bound to the databases. */
export function approvalIndex(registries: ReadableRegistries) {
  const of = (tenant: string) => registries.of(tenant);
  return {
    list: (filter: ApprovalFilter, page: ListPage) => {
      const reading = { tenant: filter.tenant, session: page.session };
      return readIn(registries, reading, (database) => listApprovals(database, filter, page));
    },
    executionOf: async (tenant: string, id: string) => executionOfApproval(await of(tenant), tenant, id),
    claim: async (claim: ApprovalClaim) => claimApproval(await of(claim.tenant), claim),
    takeOver: async (claim: ApprovalClaim, from: ApprovalHolder) => takeOverClaim(await of(claim.tenant), claim, from),
    release: async (claim: ApprovalClaim) => releaseClaim(await of(claim.tenant), claim),
  };
}
