/** The table of schedules; `schema.ts` hands it on, because that is the file that `drizzle-kit generate` reads. */
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** One row a schedule: what lists show. When it fires next is computed of `spec`, so a firing writes no row. */
export const schedules = sqliteTable(
  "schedules",
  {
    tenant: text("tenant").notNull(),
    id: text("id").notNull(),
    owner: text("owner").notNull(),
    /** Counts the changes of the schedule: an older row never overwrites a newer one. */
    rev: integer("rev").notNull(),
    status: text("status").notNull(),
    reason: text("reason"),
    target: text("target").notNull(),
    /** By the code of the deployment. */
    declared: integer("declared", { mode: "boolean" }).notNull(),
    /** JSON: when it fires, and what becomes of instants that overlap or were missed. */
    spec: text("spec").notNull(),
    /** What an interval is counted from. */
    anchorMs: integer("anchor_ms").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    index("schedules_newest").on(table.tenant, table.createdAtMs, table.id),
    index("schedules_owner").on(table.tenant, table.owner, table.createdAtMs, table.id),
  ],
);
