/** The table of notifications. A part of `schema.ts`. */
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Where owners of executions are notified; with an empty owner, where a tenant is. `target` is sealed. WITHOUT ROWID. */
export const notifications = sqliteTable(
  "notifications",
  {
    tenant: text("tenant").notNull(),
    owner: text("owner").notNull(),
    target: text("target").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.owner] })],
);
