/** The D1 tables. `drizzle-kit generate` writes the migrations from this file; generating again changes nothing. */
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** One row an execution: what lists and searches need. The execution itself lives in its actor. */
export const executions = sqliteTable(
  "executions",
  {
    tenant: text("tenant").notNull(),
    id: text("id").notNull(),
    /** Seq of the event this row was made of: an older row never overwrites a newer one. */
    seq: integer("seq").notNull(),
    owner: text("owner").notNull(),
    agent: text("agent").notNull(),
    fn: text("fn").notNull(),
    kind: text("kind").notNull(),
    status: text("status").notNull(),
    reason: text("reason"),
    runId: text("run_id").notNull(),
    parentId: text("parent_id"),
    sessionId: text("session_id"),
    actorId: text("actor_id"),
    createdAtMs: integer("created_at_ms").notNull(),
    startedAtMs: integer("started_at_ms"),
    finishedAtMs: integer("finished_at_ms"),
    updatedAtMs: integer("updated_at_ms").notNull(),
    errorCode: text("error_code"),
    errorMessage: text("error_message"),
    turns: integer("turns").notNull(),
    tokens: integer("tokens").notNull(),
    costUsd: real("cost_usd").notNull(),
    /** When its alarm is due; the sweeper looks for those that overslept. Null once ended. */
    nextWakeAtMs: integer("next_wake_at_ms"),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    index("executions_newest").on(table.tenant, table.createdAtMs),
    index("executions_run").on(table.tenant, table.runId),
    index("executions_changed").on(table.tenant, table.updatedAtMs),
    index("executions_wake").on(table.nextWakeAtMs),
  ],
);

/** Whose things are apart from everybody else's. Made with its first key. */
export const tenants = sqliteTable("tenants", {
  id: text("id").primaryKey(),
  createdAtMs: integer("created_at_ms").notNull(),
});

/** One row a key. The key itself is nowhere: `hash` is its SHA-256, `prefix` the few letters that people tell it by. */
export const keys = sqliteTable(
  "keys",
  {
    hash: text("hash").primaryKey(),
    id: text("id").notNull(),
    tenant: text("tenant")
      .notNull()
      .references(() => tenants.id),
    subject: text("subject").notNull(),
    name: text("name").notNull(),
    prefix: text("prefix").notNull(),
    /** JSON array of scopes. */
    scopes: text("scopes").notNull(),
    rateLimitPerMin: integer("rate_limit_per_min"),
    createdAtMs: integer("created_at_ms").notNull(),
    createdBy: text("created_by").notNull(),
    revokedAtMs: integer("revoked_at_ms"),
  },
  (table) => [uniqueIndex("keys_id").on(table.id), index("keys_newest").on(table.tenant, table.createdAtMs)],
);

/** What a deployment remembers about itself, by name. */
export const settings = sqliteTable("settings", {
  name: text("name").primaryKey(),
  value: text("value").notNull(),
});
