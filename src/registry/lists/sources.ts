/**
 * Where the rows of a list are read off, newest first: an index of `executions`, or the links of a session, an actor, a
 * parent or a schedule. Used by the lists; both kinds are one ordered b-tree, so a page is read in order and nothing is sorted.
 */
import type { SQL } from "drizzle-orm";
import { and, desc, eq, getTableColumns, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { Cursor } from "../../domain/read-models/summary.ts";
import type { plans, schedules } from "../schema/schema.ts";
import { executionLinks, executions } from "../schema/schema.ts";

export type LinkKind = (typeof executionLinks.$inferSelect)["kind"];

/** The columns that both kinds have: conditions on whose rows and which place are made of these. */
export type PlaceColumns =
  | Pick<typeof executions, "tenant" | "createdAtMs" | "id" | "owner">
  | Pick<typeof executionLinks, "tenant" | "createdAtMs" | "id" | "owner">;

/** What the other lists that are read newest first have. */
type OtherColumns = Pick<typeof plans | typeof schedules, "createdAtMs" | "id">;

export interface Source {
  readonly table: typeof executions | typeof executionLinks;
  /** What its index is sought by, after the tenant; `undefined`: all rows of the tenant. */
  readonly condition: SQL | undefined;
}

export const executionsBy = (condition: SQL | undefined): Source => ({ table: executions, condition });

export function linksBy(kind: LinkKind, name: string): Source {
  const condition = and(eq(executionLinks.kind, kind), eq(executionLinks.name, name));
  return { table: executionLinks, condition };
}

/** Rows of executions, newest first. */
export function rowsOf(db: DrizzleD1Database, { table }: Source, conditions: readonly (SQL | undefined)[]) {
  const columns = getTableColumns(executions);
  if (table === executions)
    return db
      .select(columns)
      .from(executions)
      .where(and(...conditions))
      .orderBy(desc(executions.createdAtMs), desc(executions.id));
  // A cross join is read from left to right. The columns of the order are those of the links: so what reads this knows it.
  const { tenant, createdAtMs, id, owner } = executionLinks;
  return db
    .select({ ...columns, tenant, createdAtMs, id, owner })
    .from(executionLinks)
    .crossJoin(executions)
    .where(and(...conditions, eq(executions.tenant, executionLinks.tenant), eq(executions.id, executionLinks.id)))
    .orderBy(desc(executionLinks.createdAtMs), desc(executionLinks.id));
}

/** The place of the n-th of these rows, read off the index alone. */
export function placeOf(
  db: DrizzleD1Database,
  { table }: Source,
  { conditions, nth }: { readonly conditions: readonly (SQL | undefined)[]; readonly nth: number },
) {
  return db
    .select({ createdAtMs: table.createdAtMs, id: table.id })
    .from(table)
    .where(and(...conditions))
    .orderBy(desc(table.createdAtMs), desc(table.id))
    .limit(1)
    .offset(nth - 1);
}

/**
 * True of most rows: else SQLite takes two bounds of time for more telling than any filter, and reads the whole tenant
 * between them.
 */
export function common(condition: SQL): SQL {
  return sql`likelihood(${condition}, 0.99)`;
}

/** A comparison of pairs, because SQLite reads it off an index; an `or` of two comparisons it does not. */
export function after({ createdAtMs, id }: Cursor, columns: PlaceColumns | OtherColumns = executions): SQL {
  return common(sql`(${columns.createdAtMs}, ${columns.id}) < (${createdAtMs}, ${id})`);
}
