/**
 * The same events as rows: an execution's state becomes one row of the index, and a batch of rows one statement.
 *
 * - A row is written only over an older one (`excluded.seq > seq`): repeats and stragglers change nothing. Of one seq
 *   only the instant of the next wake may be another.
 * - An execution whose log was removed leaves the index too; its tombstone is its own actor's.
 */
import { isProgramChanged } from "../../domain/decide/program.ts";
import { parseExecutionId } from "../../domain/execution/execution-id.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { PlanProgress } from "../../domain/read-models/plan-progress.ts";
import { summaryOfState } from "../../domain/read-models/run-member.ts";
import { ExecutionSummary } from "../../domain/read-models/summary.ts";
import type { ColumnValues, EveryField } from "../schema/columns.ts";
import { columnNames, fromColumns, toColumns } from "../schema/columns.ts";
import { executions } from "../schema/schema.ts";

/** A row by column name, as it travels to the projector and into `json_each`. */
export type ExecutionRow = ColumnValues;

/** No column: says that the row goes. */
const ARCHIVED = "archived_at_ms";

export const isArchived = (row: ExecutionRow): boolean => row[ARCHIVED] !== undefined;

/** No instant: an execution whose program changed owes a try to the next deployment, whenever that answers. */
export const OWED_TO_A_DEPLOYMENT = Number.MAX_SAFE_INTEGER;

interface Beside {
  /** Of the chain over the log, after the state's last event. */
  readonly head?: string | undefined;
  /** Of an execution of a plan. */
  readonly plan?: PlanProgress | undefined;
}

/** `owedWakeAtMs`: when the execution has to wake by itself; `undefined` when it waits for others only. */
export function executionRow(
  state: ExecutionState,
  owedWakeAtMs: number | undefined,
  { head, plan }: Beside = {},
): ExecutionRow {
  const row: EveryField<typeof executions> = {
    ...summaryOfState(state),
    nextWakeAtMs: owed(state, owedWakeAtMs),
    chainHead: head ?? null,
    planProgress: plan === undefined ? null : JSON.stringify(plan),
  };
  return {
    ...toColumns(executions, row),
    ...(state.archivedAtMs === undefined ? {} : buried(state, state.archivedAtMs)),
  };
}

function owed(state: ExecutionState, owedWakeAtMs: number | undefined): number | null {
  if (isTerminal(state.status)) return null;
  return owedWakeAtMs ?? (isProgramChanged(state) ? OWED_TO_A_DEPLOYMENT : null);
}

/** What a tombstone is made of, beside the row's own columns. */
function buried({ origin, archive, archiveHead }: ExecutionState, archivedAtMs: number): ExecutionRow {
  return {
    [ARCHIVED]: archivedAtMs,
    target: `${origin.agent}.${origin.fn}`,
    named: origin.named ? 1 : 0,
    digest: origin.digest,
    archive: archive ?? null,
    head: archiveHead ?? null,
  };
}

const COLUMNS = columnNames(executions);
/**
 * What never changes about an execution: not written again, so its indexes are not either. The schedule and the version are
 * written again, because a row may be older than these columns, which no index has.
 */
const FIXED = new Set("tenant id owner agent fn kind run_id parent_id session_id actor_id created_at_ms".split(" "));
const UPDATED = COLUMNS.filter((name) => !FIXED.has(name));

/** Older code, which serves beside this one for some minutes, does not know these. */
const LATER = new Set(["schedule_id", "attributes", "version", "plan_progress"]);

function newer(name: string): string {
  return LATER.has(name) ? `coalesce(excluded.${name}, executions.${name})` : `excluded.${name}`;
}

/**
 * Many rows in one statement and one bound parameter (D1 takes 100): the whole batch travels as JSON. The text of a row is
 * made once: asked for directly, `json_each` makes it anew for each column, which is half of what the statement costs.
 */
const UPSERT = `WITH given AS MATERIALIZED (SELECT json(value) AS value FROM json_each(?1))
INSERT INTO executions (${COLUMNS.join(", ")})
SELECT ${COLUMNS.map((name) => `value ->> '$.${name}'`).join(", ")} FROM given WHERE true
ON CONFLICT (tenant, id) DO UPDATE SET ${UPDATED.map((name) => `${name} = ${newer(name)}`).join(", ")}
WHERE excluded.seq > executions.seq
  OR (excluded.seq = executions.seq AND excluded.next_wake_at_ms IS NOT executions.next_wake_at_ms)`;

/** What a row is found by that only some have: written with the row, and never again. */
const LINKED = [
  ["session", "session_id"],
  ["actor", "actor_id"],
  ["parent", "parent_id"],
  ["schedule", "schedule_id"],
] as const;

const LINK = `INSERT INTO execution_links (tenant, kind, name, created_at_ms, id, owner)
${LINKED.map(
  ([kind, column]) => `SELECT value ->> '$.tenant', '${kind}', value ->> '$.${column}', value ->> '$.created_at_ms',
  value ->> '$.id', value ->> '$.owner' FROM json_each(?1) WHERE value ->> '$.${column}' IS NOT NULL`,
).join(" UNION ALL\n")} ON CONFLICT DO NOTHING`;

/** Links of attributes that a newer row no longer has. Before the rows are written: only the older row tells of them. */
const UNLINK_ATTRIBUTES = `DELETE FROM execution_links WHERE (tenant, kind, name, created_at_ms, id) IN (
SELECT own.tenant, 'attribute', had.value, own.created_at_ms, own.id
FROM json_each(?1) AS given CROSS JOIN executions AS own
  ON own.tenant = given.value ->> '$.tenant' AND own.id = given.value ->> '$.id' AND own.seq < given.value ->> '$.seq'
JOIN json_each(own.attributes) AS had
WHERE had.value NOT IN (SELECT kept.value FROM json_each(given.value ->> '$.attributes') AS kept))`;

/** After the rows are written: an older row that came late links nothing. */
const LINK_ATTRIBUTES = `INSERT INTO execution_links (tenant, kind, name, created_at_ms, id, owner)
SELECT own.tenant, 'attribute', has.value, own.created_at_ms, own.id, own.owner
FROM json_each(?1) AS given CROSS JOIN executions AS own
  ON own.tenant = given.value ->> '$.tenant' AND own.id = given.value ->> '$.id'
JOIN json_each(own.attributes) AS has
WHERE true ON CONFLICT DO NOTHING`;

export async function project(database: D1Database, rows: readonly ExecutionRow[]): Promise<void> {
  await database.batch(upsertExecutions(database, rows));
}

/** Statements for one transaction. */
export function upsertExecutions(database: D1Database, rows: readonly ExecutionRow[]): D1PreparedStatement[] {
  const linked = rows.filter((row) => LINKED.some(([, column]) => typeof row[column] === "string"));
  const found = JSON.stringify(rows.filter(({ attributes }) => typeof attributes === "string"));
  const ofAttributes = (sql: string) => (found === "[]" ? [] : [database.prepare(sql).bind(found)]);
  return [
    ...ofAttributes(UNLINK_ATTRIBUTES),
    database.prepare(UPSERT).bind(JSON.stringify(rows)),
    ...ofAttributes(LINK_ATTRIBUTES),
    ...(linked.length > 0 ? [database.prepare(LINK).bind(JSON.stringify(linked))] : []),
  ];
}

/** What an execution leaves in the index, its approvals included. */
export function removeExecutions(database: D1Database, rows: readonly ExecutionRow[]): D1PreparedStatement[] {
  const names = JSON.stringify(rows.map(({ tenant, id }) => [tenant, id]));
  // An id that does not say itself that it was made stays known when its row goes.
  const silent = rows.filter(({ id }) => parseExecutionId(String(id))?.check === undefined);
  const chosen = JSON.stringify(silent.map(({ tenant, id }) => [tenant, id]));
  const claims = `INSERT INTO chosen_ids (tenant, id) SELECT value ->> 0, value ->> 1 FROM json_each(?1) WHERE true
ON CONFLICT DO NOTHING`;
  return [
    ...(chosen === "[]" ? [] : [database.prepare(claims).bind(chosen)]),
    ...removeRows(database, rows),
    database.prepare(`DELETE FROM approvals WHERE (tenant, execution_id) IN ${AMONG}`).bind(names),
  ];
}

const AMONG = "(SELECT value ->> 0, value ->> 1 FROM json_each(?1))";
const OWN = "CROSS JOIN executions AS own ON own.tenant = named.value ->> 0 AND own.id = named.value ->> 1";
const LINKS_OF = `DELETE FROM execution_links WHERE (tenant, kind, name, created_at_ms, id) IN (SELECT * FROM (
SELECT own.tenant, 'attribute', has.value, own.created_at_ms, own.id FROM json_each(?1) AS named
  ${OWN} JOIN json_each(own.attributes) AS has UNION ALL
${LINKED.map(
  ([
    kind,
    column,
  ]) => `SELECT own.tenant, '${kind}', own.${column}, own.created_at_ms, own.id FROM json_each(?1) AS named
  ${OWN} WHERE own.${column} IS NOT NULL`,
).join(" UNION ALL\n")}))`;

/** The rows and what they are found by. Of what a row is found by only the row itself tells. */
export function removeRows(database: D1Database, rows: readonly ExecutionRow[]): D1PreparedStatement[] {
  const names = JSON.stringify(rows.map(({ tenant, id }) => [tenant, id]));
  return [LINKS_OF, `DELETE FROM executions WHERE (tenant, id) IN ${AMONG}`].map((sql) =>
    database.prepare(sql).bind(names),
  );
}

/** The row as lists show it, before or after it was written. */
export function summaryOf(row: ExecutionRow): ExecutionSummary {
  return ExecutionSummary.parse(fromColumns(executions, row));
}
