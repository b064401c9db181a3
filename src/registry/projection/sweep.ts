/**
 * What the sweeper reads of the index, and the little that it writes there. Both questions are answered off the one index
 * that holds only rows that owe something.
 */
import * as z from "zod";
import type { Owing, WakeMove } from "../../domain/read-models/owing.ts";
import { OWED_TO_A_DEPLOYMENT } from "./projection.ts";

const Owed = z.object({ tenant: z.string(), id: z.string(), owedAtMs: z.number() });

/** Executions that owed a wake before `before`, the longest overdue first, after `from`. */
export async function overdueExecutions(
  database: D1Database,
  { before, from }: { readonly before: number; readonly from?: Owing | undefined },
  limit: number,
): Promise<Owing[]> {
  return owing(database, { least: 0, before, from }, limit);
}

/** Executions that are blocked until other code answers, after `from`, which changed at or after `since`. */
export async function awaitingDeployment(
  database: D1Database,
  { since, from }: { readonly since: number; readonly from?: Owing | undefined },
  limit: number,
): Promise<Owing[]> {
  const least = OWED_TO_A_DEPLOYMENT;
  return owing(database, { least, before: least + 1, from, since }, limit);
}

interface Range {
  readonly least: number;
  readonly before: number;
  readonly from?: Owing | undefined;
  readonly since?: number;
}

async function owing(database: D1Database, { least, before, from, since }: Range, limit: number): Promise<Owing[]> {
  const after = from ?? { owedAtMs: least, tenant: "", id: "" };
  const changed = since === undefined ? "" : "AND updated_at_ms >= ?6";
  const sql = `SELECT tenant, id, next_wake_at_ms AS owedAtMs FROM executions
WHERE next_wake_at_ms IS NOT NULL AND next_wake_at_ms < ?1 AND (next_wake_at_ms, tenant, id) > (?2, ?3, ?4) ${changed}
ORDER BY next_wake_at_ms, tenant, id LIMIT ?5`;
  const values = [before, after.owedAtMs, after.tenant, after.id, limit, ...(since === undefined ? [] : [since])];
  const { results } = await database
    .prepare(sql)
    .bind(...values)
    .all();
  return results.map((row) => Owed.parse(row));
}

/** Notes what executions said they owe. A row that its execution has written anew meanwhile stays as it is. */
export async function noteWakes(database: D1Database, moves: readonly WakeMove[]): Promise<void> {
  if (moves.length === 0) return;
  const sql = `UPDATE executions SET next_wake_at_ms = said.value ->> 'to' FROM json_each(?1) AS said
WHERE executions.tenant = said.value ->> 'tenant' AND executions.id = said.value ->> 'id'
  AND executions.next_wake_at_ms = said.value ->> 'owedAtMs'`;
  await database.prepare(sql).bind(JSON.stringify(moves)).run();
}

/** What a sweep left for the next one, under a name of the sweeper's. */
export async function sweepNote(database: D1Database, name: string): Promise<unknown> {
  const text = await database
    .prepare("SELECT value FROM settings WHERE name = ?1")
    .bind(`sweep_${name}`)
    .first<string>("value");
  return text === null ? undefined : JSON.parse(text);
}

export async function keepSweepNote(database: D1Database, name: string, note: unknown): Promise<void> {
  await database
    .prepare(
      "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(`sweep_${name}`, JSON.stringify(note ?? null))
    .run();
}
