/** The tables of plans. A part of `schema.ts`. */
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * One row a plan: its newest version, as lists show it. `about` is sealed: the goal, and a digest of the content by which the
 * same plan that is stored again is known. In the deployment's own database for all tenants, because here alone is what a
 * plan says. WITHOUT ROWID.
 */
export const plans = sqliteTable(
  "plans",
  {
    tenant: text("tenant").notNull(),
    id: text("id").notNull(),
    owner: text("owner").notNull(),
    version: integer("version").notNull(),
    about: text("about").notNull(),
    tasks: integer("tasks").notNull(),
    subtasks: integer("subtasks").notNull(),
    /** Of the first version. */
    createdAtMs: integer("created_at_ms").notNull(),
    /** Of the newest version. */
    updatedAtMs: integer("updated_at_ms").notNull(),
    updatedBy: text("updated_by").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    index("plans_newest").on(table.tenant, table.createdAtMs, table.id),
    index("plans_owner").on(table.tenant, table.owner, table.createdAtMs, table.id),
  ],
);

/** One row a version of a plan. WITHOUT ROWID. */
export const planVersions = sqliteTable(
  "plan_versions",
  {
    tenant: text("tenant").notNull(),
    id: text("id").notNull(),
    version: integer("version").notNull(),
    about: text("about").notNull(),
    tasks: integer("tasks").notNull(),
    subtasks: integer("subtasks").notNull(),
    /** Of its document. */
    bytes: integer("bytes").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
    updatedBy: text("updated_by").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.id, table.version] })],
);

/** The document of a version, sealed, in parts that fit a row. */
export const planParts = sqliteTable(
  "plan_parts",
  {
    tenant: text("tenant").notNull(),
    id: text("id").notNull(),
    version: integer("version").notNull(),
    part: integer("part").notNull(),
    text: text("text").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.id, table.version, table.part] })],
);

/** Bytes of all documents of a tenant. */
export const planUsage = sqliteTable("plan_usage", {
  tenant: text("tenant").primaryKey(),
  bytes: integer("bytes").notNull(),
});
