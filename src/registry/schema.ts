/** The D1 tables. `drizzle-kit generate` writes the migrations from this file; generating again changes nothing. */
import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";

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
    index("executions_wake").on(table.nextWakeAtMs),
  ],
);
