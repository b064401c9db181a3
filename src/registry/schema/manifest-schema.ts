/** Tables of stored manifests, in the deployment's own database for all tenants: here alone is what a manifest says. */
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** One row an agent. */
export const manifests = sqliteTable(
  "manifests",
  {
    tenant: text("tenant").notNull(),
    id: text("id").notNull(),
    owner: text("owner").notNull(),
    /** The `seq` of the version that was stored last. */
    versions: integer("versions").notNull(),
    /** The version that runs when none is named. */
    current: text("current").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    index("manifests_owner").on(table.tenant, table.owner, table.id),
  ],
);

/** One row a version. `about` and `document` are sealed; the document stands last, so that lists do not read it. */
export const manifestVersions = sqliteTable(
  "manifest_versions",
  {
    tenant: text("tenant").notNull(),
    id: text("id").notNull(),
    version: text("version").notNull(),
    /** In the order in which they were stored, from 1. */
    seq: integer("seq").notNull(),
    status: text("status").notNull(),
    /** Of the document, before it is sealed. */
    bytes: integer("bytes").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
    updatedBy: text("updated_by").notNull(),
    about: text("about").notNull(),
    document: text("document").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id, table.version] }),
    uniqueIndex("manifest_versions_order").on(table.tenant, table.id, table.seq),
  ],
);

/** One row an experiment: which versions of a target run, and how often each. */
export const experiments = sqliteTable(
  "experiments",
  {
    tenant: text("tenant").notNull(),
    target: text("target").notNull(),
    /** JSON: `[{version, weight}]`. */
    versions: text("versions").notNull(),
    /** Since when these weights are so. */
    sinceMs: integer("since_ms").notNull(),
    updatedBy: text("updated_by").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.target] })],
);

/** Bytes of all documents of a tenant. */
export const manifestUsage = sqliteTable("manifest_usage", {
  tenant: text("tenant").primaryKey(),
  bytes: integer("bytes").notNull(),
});
