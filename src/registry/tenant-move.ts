/**
 * Brings a tenant's rows from one database to another, a page a call, while its executions go on. Called by the cron handler.
 *
 * - A page is copied only over older rows (`seq`): what was written to the new database meanwhile stays.
 * - Rows are removed from the old database after all of them were copied; a crash repeats a page, which changes nothing.
 */

import type { Registries, TenantPlace } from "./databases/registries.ts";
import { REMEMBERED_MS } from "./databases/registries.ts";
import { COPY_APPROVALS } from "./lists/approvals.ts";
import { removeRows as removeExecutionRows, upsertExecutions } from "./projection/projection.ts";

type Row = { readonly [column: string]: string | number | null };

interface Table {
  readonly name: string;
  /** The column that orders a tenant's rows, after `tenant`. */
  readonly key: string;
  readonly write: (database: D1Database, rows: readonly Row[]) => D1PreparedStatement[];
  /** Other rows go with them. */
  readonly remove?: (database: D1Database, rows: readonly Row[]) => D1PreparedStatement[];
}

const copied = (name: string, columns: string) => (database: D1Database, rows: readonly Row[]) => [
  database
    .prepare(
      `INSERT INTO ${name} (${columns}) SELECT ${columns
        .split(", ")
        .map((column) => `value ->> '$.${column}'`)
        .join(", ")} FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
    )
    .bind(JSON.stringify(rows)),
];

const TABLES: readonly Table[] = [
  { name: "executions", key: "id", write: upsertExecutions, remove: removeExecutionRows },
  {
    name: "approvals",
    key: "id",
    write: (database, rows) => [database.prepare(COPY_APPROVALS).bind(JSON.stringify(rows))],
  },
  { name: "chosen_ids", key: "id", write: copied("chosen_ids", "tenant, id") },
  {
    name: "tombstones",
    key: "id",
    write: copied(
      "tombstones",
      "tenant, id, owner, target, status, finished_at_ms, archived_at_ms, digest, archive, head",
    ),
  },
  {
    name: "schedules",
    key: "id",
    write: copied(
      "schedules",
      "tenant, id, owner, rev, status, reason, target, declared, spec, anchor_ms, created_at_ms, updated_at_ms",
    ),
  },
  { name: "parked", key: "id", write: copied("parked", "kind, tenant, id, seq, row, error, parked_at_ms") },
];

const PAGE = 500;

/** Goes on with a move for at most `pages` pages. True when the move is done. */
export async function continueMove(
  registries: Registries,
  { tenant, registry, movingFrom, movedAtMs, moveCursor }: TenantPlace,
  { nowMs, pages }: { readonly nowMs: number; readonly pages: number },
): Promise<boolean> {
  // Until then an isolate may still write to the old database.
  if (movingFrom === null || nowMs < (movedAtMs ?? 0) + 2 * REMEMBERED_MS) return false;
  const [from, to] = [registries.at(movingFrom), registries.at(registry)];
  let [phase, table, after] = cursorOf(moveCursor);
  for (let page = 0; page < pages; page += 1) {
    const moved = TABLES[table] ?? (TABLES[0] as Table);
    const { name, key, write } = moved;
    const sql = `FROM ${name} WHERE tenant = ?1 AND ${key} > ?2 ORDER BY ${key} LIMIT ${PAGE}`;
    const { results } = await from.prepare(`SELECT * ${sql}`).bind(tenant, after).all<Row>();
    if (results.length > 0) {
      if (phase === "copy") await to.batch(write(to, results));
      else await from.batch(removalOf(from, moved, results));
      after = String(results.at(-1)?.[key]);
    } else if (table + 1 < TABLES.length) [table, after] = [table + 1, ""];
    else if (phase === "copy") [phase, table, after] = ["remove", 0, ""];
    else {
      await registries.noteMove(tenant, null, true);
      return true;
    }
    await registries.noteMove(tenant, JSON.stringify([phase, table, after]), false);
  }
  return false;
}

type Phase = "copy" | "remove";

function cursorOf(text: string | null): [Phase, number, string] {
  return text === null ? ["copy", 0, ""] : (JSON.parse(text) as [Phase, number, string]);
}

function removalOf(database: D1Database, { name, key, remove }: Table, rows: readonly Row[]): D1PreparedStatement[] {
  if (remove) return remove(database, rows);
  const sql = `DELETE FROM ${name} WHERE (tenant, ${key}) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))`;
  return [database.prepare(sql).bind(JSON.stringify(rows.map((row) => [row.tenant ?? null, row[key] ?? null])))];
}
