/** The D1 tables. `drizzle-kit generate` writes the migrations from this file; generating again changes nothing. */
import { isNotNull } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

// The kit reads this file alone.
export { experiments, manifests, manifestUsage, manifestVersions } from "./manifest-schema.ts";
export { notifications } from "./notification-schema.ts";
export { planParts, plans, planUsage, planVersions } from "./plan-schema.ts";
export { schedules } from "./schedule-schema.ts";

/**
 * One row an execution: what lists and searches need. The execution itself lives in its actor. WITHOUT ROWID, as the
 * migration says (drizzle-kit has no word for it): the table is the b-tree of its primary key, and a row is written once.
 */
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
    inputTokens: integer("input_tokens"),
    outputTokens: integer("output_tokens"),
    cacheReadTokens: integer("cache_read_tokens"),
    cacheWriteTokens: integer("cache_write_tokens"),
    /**
     * When it owes a wake: the sweeper looks for those that are overdue. Null for one that waits for people, signals or
     * children only, and once ended; the largest number for one that waits for other code.
     */
    nextWakeAtMs: integer("next_wake_at_ms"),
    /** Of the chain over its log, after the event `seq`. */
    chainHead: text("chain_head"),
    /** The schedule that fired. */
    scheduleId: text("schedule_id"),
    /** Search attributes: a JSON array of `name=value`, each of which is a link too. Null where it never had any. */
    attributes: text("attributes"),
    version: text("version"),
    /** Of an execution of a plan: how far it was, as JSON. Null of others, and of rows that are older than this column. */
    planProgress: text("plan_progress"),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    // What a list is filtered by, then its order: a page is read off one index and nothing is sorted. An entry of an index
    // is a row written, and each execution has one in all but the last: so there are seven, and no further ones. The owner
    // stands last where a user's own rows are looked for among others': what is not the user's is passed over in the index,
    // and never read. An agent is read off `target`, a function at a time; what is live off `status`, a status at a time.
    index("executions_newest").on(table.tenant, table.createdAtMs, table.id),
    index("executions_owner").on(table.tenant, table.owner, table.createdAtMs, table.id),
    index("executions_status").on(table.tenant, table.status, table.createdAtMs, table.id, table.owner),
    index("executions_target").on(table.tenant, table.agent, table.fn, table.createdAtMs, table.id),
    index("executions_run").on(table.tenant, table.runId, table.createdAtMs, table.id, table.owner),
    index("executions_changed").on(table.tenant, table.updatedAtMs),
    index("executions_wake").on(table.nextWakeAtMs).where(isNotNull(table.nextWakeAtMs)),
  ],
);

/**
 * Executions by what only some of them have: a session, an actor, a parent, a schedule, a search attribute with its value. One
 * row each, so that an execution without them pays for none. The key ends in the order of a list, and the owner lies in the same b-tree. WITHOUT ROWID.
 */
export const executionLinks = sqliteTable(
  "execution_links",
  {
    tenant: text("tenant").notNull(),
    kind: text("kind", { enum: ["session", "actor", "parent", "schedule", "attribute"] }).notNull(),
    name: text("name").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    id: text("id").notNull(),
    owner: text("owner").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.kind, table.name, table.createdAtMs, table.id] })],
);

/**
 * One row an approval, by the id that people decide it by: what the inbox lists, and the way from an approval to its
 * execution. What is to be approved stays in the execution's own log.
 *
 * `claimed`: an id of a caller's own choosing is taken and its approval not open yet. The primary key keeps it with one
 * execution, and those that follow it, for as long as the row is there.
 */
export const approvals = sqliteTable(
  "approvals",
  {
    tenant: text("tenant").notNull(),
    id: text("id").notNull(),
    executionId: text("execution_id").notNull(),
    /** Seq of the event this row was made of; 0 for a claim. */
    seq: integer("seq").notNull(),
    status: text("status").notNull(),
    owner: text("owner").notNull(),
    agent: text("agent").notNull(),
    fn: text("fn").notNull(),
    runId: text("run_id").notNull(),
    sessionId: text("session_id"),
    kind: text("kind").notNull(),
    name: text("name").notNull(),
    requestedAtMs: integer("requested_at_ms").notNull(),
    expiresAtMs: integer("expires_at_ms"),
    decidedAtMs: integer("decided_at_ms"),
    decidedBy: text("decided_by"),
    /** Until when a claim may still become a gate. */
    claimedUntilMs: integer("claimed_until_ms"),
    /** For an id that a caller or a program chose: the first of the executions that follow each other. */
    lineage: text("lineage"),
    /** 1 when the id had named an approval before, of an execution that this one follows. */
    reasked: integer("reasked").notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    index("approvals_inbox").on(table.tenant, table.status, table.requestedAtMs, table.id),
    // They go when their execution does.
    index("approvals_execution").on(table.tenant, table.executionId),
    index("approvals_owner").on(table.tenant, table.owner, table.status, table.requestedAtMs, table.id),
  ],
);

/** Rows that the index refused, with its error. They hold up no other row; health counts them; the sweeper tries again. */
export const deadLetters = sqliteTable(
  "parked",
  {
    kind: text("kind").notNull(),
    tenant: text("tenant").notNull(),
    id: text("id").notNull(),
    seq: integer("seq").notNull(),
    row: text("row").notNull(),
    error: text("error").notNull(),
    parkedAtMs: integer("parked_at_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.tenant, table.id] })],
);

/** Tenants. The data of one tenant is apart from that of all others. A tenant is made with its first key. */
export const tenants = sqliteTable("tenants", {
  id: text("id").primaryKey(),
  createdAtMs: integer("created_at_ms").notNull(),
  /** The database of its rows: 0 is this one, 1 is bound as REGISTRY_1. */
  registry: integer("registry").notNull().default(0),
  /** The database that its rows come from, while they are moved. */
  movingFrom: integer("moving_from"),
  movedAtMs: integer("moved_at_ms"),
  moveCursor: text("move_cursor"),
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
    /** JSON array: limits of the keys that made it, which its requests count towards too. */
    drawsOn: text("draws_on").notNull().default("[]"),
    /** True for a viewer's key: its holder reads masked text only. */
    masked: integer("masked", { mode: "boolean" }).notNull().default(false),
    createdAtMs: integer("created_at_ms").notNull(),
    createdBy: text("created_by").notNull(),
    revokedAtMs: integer("revoked_at_ms"),
  },
  (table) => [uniqueIndex("keys_id").on(table.id), index("keys_newest").on(table.tenant, table.createdAtMs, table.id)],
);

/**
 * One row an agent that this deployment has had in its code: since when it is as it is. What it does is in the code alone.
 */
export const agents = sqliteTable("agents", {
  id: text("id").primaryKey(),
  /** `local`: part of this deployment's code. */
  kind: text("kind").notNull(),
  version: text("version").notNull(),
  /** JSON array of names and kinds, sorted by name. */
  functions: text("functions").notNull(),
  /** First seen. */
  createdAtMs: integer("created_at_ms").notNull(),
  /** Since when it serves with this version and these functions, without a gap. */
  updatedAtMs: integer("updated_at_ms").notNull(),
  /** Since when it is no longer in the code. */
  retiredAtMs: integer("retired_at_ms"),
});

/** What a deployment remembers about itself, by name. */
export const settings = sqliteTable("settings", {
  name: text("name").primaryKey(),
  value: text("value").notNull(),
});

/** Ids that callers chose for their executions, once they were taken: no other name is ever looked for. */
export const chosenIds = sqliteTable(
  "chosen_ids",
  { tenant: text("tenant").notNull(), id: text("id").notNull() },
  (table) => [primaryKey({ columns: [table.tenant, table.id] })],
);

/** What is left of executions whose objects are gone and of which the archive does not speak: never listed, read by id. */
export const tombstones = sqliteTable(
  "tombstones",
  {
    tenant: text("tenant").notNull(),
    id: text("id").notNull(),
    owner: text("owner").notNull(),
    target: text("target").notNull(),
    status: text("status").notNull(),
    finishedAtMs: integer("finished_at_ms").notNull(),
    archivedAtMs: integer("archived_at_ms").notNull(),
    /** Of the request of a named one: the same request hears 410, another one 422. */
    digest: text("digest"),
    /** The object of the file store that has its log. */
    archive: text("archive"),
    /** Of the chain over that log, after its last event. */
    head: text("head"),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.id] })],
);
