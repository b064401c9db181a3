/**
 * What the projector writes: rows of executions and of approvals, a batch in one transaction; and where rows go that the
 * index would not take, so that they hold up no other row and are seen.
 */
import * as z from "zod";
import type { ApprovalRow } from "./lists/approvals.ts";
import { UPSERT_APPROVALS } from "./lists/approvals.ts";
import type { ExecutionRow } from "./projection/projection.ts";
import { isArchived, removeExecutions, upsertExecutions } from "./projection/projection.ts";
import type { TextSealer } from "./projection/sealed-rows.ts";
import { openRow, sealRow } from "./projection/sealed-rows.ts";
import { keepTombstones } from "./projection/tombstones.ts";

export type IndexEntry =
  | { readonly kind: "execution"; readonly row: ExecutionRow }
  | { readonly kind: "approval"; readonly row: ApprovalRow };

export function sealEntry(entry: IndexEntry, sealer: TextSealer): IndexEntry {
  return entry.kind === "execution" ? { kind: "execution", row: sealRow(entry.row, sealer) } : entry;
}

export function openEntry(entry: IndexEntry, sealer: TextSealer): IndexEntry {
  return entry.kind === "execution" ? { kind: "execution", row: openRow(entry.row, sealer) } : entry;
}

/** Entries of one name say the same of different moments: of several in a batch only the newest is needed. */
export function nameOf({ kind, row }: IndexEntry): string {
  return JSON.stringify([kind, row.tenant, row.id, kind === "approval" ? row.execution_id : ""]);
}

export function executionName(tenant: string, id: string): string {
  return JSON.stringify(["execution", tenant, id, ""]);
}

export async function projectEntries(database: D1Database, entries: readonly IndexEntry[]): Promise<void> {
  const all = entries.flatMap(({ kind, row }) => (kind === "execution" ? [row] : []));
  const executions = all.filter((row) => !isArchived(row));
  const archived = all.filter(isArchived);
  const approvals = entries.flatMap(({ kind, row }) => (kind === "approval" ? [row] : []));
  const statements = [
    ...(executions.length > 0 ? upsertExecutions(database, executions) : []),
    ...(approvals.length > 0 ? [database.prepare(UPSERT_APPROVALS).bind(JSON.stringify(approvals))] : []),
    ...(archived.length > 0 ? [...keepTombstones(database, archived), ...removeExecutions(database, archived)] : []),
  ];
  if (statements.length > 0) await database.batch(statements);
}

/** A row that no list shows: its tenant has no name. Writing and removing it tells whether the table takes rows. */
const PROBE = { tenant: "", id: "probe", owner: "", agent: "", fn: "", kind: "", status: "", run_id: "" };
const PROBE_NUMBERS = { seq: 0, created_at_ms: 0, turns: 0, tokens: 0, cost_usd: 0 };

/**
 * Why the index takes no rows now; `undefined` when it takes them. It is asked by a write, because a database that is full,
 * or open for reading only, answers every question. Nothing stays of it.
 */
export async function indexTrouble(database: D1Database): Promise<string | undefined> {
  const row = { ...PROBE, ...PROBE_NUMBERS, updated_at_ms: Date.now() };
  const columns = Object.keys(row);
  const places = columns.map((_, at) => `?${at + 1}`);
  const write = `INSERT INTO executions (${columns.join(", ")}) VALUES (${places.join(", ")})
ON CONFLICT (tenant, id) DO UPDATE SET seq = executions.seq + 1`;
  const remove = "DELETE FROM executions WHERE tenant = ''";
  try {
    await database.batch([
      database.prepare("SELECT (SELECT 1 FROM approvals), (SELECT 1 FROM parked)"),
      database.prepare(write).bind(...Object.values(row)),
      database.prepare(remove),
    ]);
    return undefined;
  } catch (error) {
    return troubleOf(String(error));
  }
}

function troubleOf(error: string): string {
  if (/no such table/.test(error)) return "its tables are missing: run `wrangler d1 migrations apply`";
  if (/full|exceeded|SQLITE_FULL/i.test(error)) return "it is full";
  return "it takes no writes, or does not answer";
}

/** Puts a row aside that the index refuses although it answers otherwise. */
export async function deadLetter(database: D1Database, { kind, row }: IndexEntry, why: unknown): Promise<void> {
  await database
    .prepare(
      `INSERT INTO parked (kind, tenant, id, seq, row, error, parked_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (kind, tenant, id) DO UPDATE SET seq = excluded.seq, row = excluded.row, error = excluded.error,
  parked_at_ms = excluded.parked_at_ms WHERE excluded.seq >= parked.seq`,
    )
    .bind(
      kind,
      String(row.tenant),
      String(row.id),
      Number(row.seq),
      JSON.stringify(row),
      String(why).slice(0, 500),
      Date.now(),
    )
    .run();
}

/** What health says of the index. */
export async function indexReport(database: D1Database): Promise<{ trouble: string | undefined; parked: number }> {
  const trouble = await indexTrouble(database);
  if (trouble !== undefined) return { trouble, parked: 0 };
  return { trouble, parked: (await database.prepare("SELECT count(*) AS n FROM parked").first<number>("n")) ?? 0 };
}

const Parked = z.object({
  kind: z.enum(["execution", "approval"]),
  tenant: z.string(),
  id: z.string(),
  seq: z.number(),
  row: z
    .string()
    .transform((text) => z.record(z.string(), z.union([z.string(), z.number(), z.null()])).parse(JSON.parse(text))),
});

/** Tries rows that were put aside once more, and forgets those that a newer row has overtaken. How many are back. */
export async function redrive(database: D1Database, limit: number): Promise<number> {
  for (const kind of ["execution", "approval"]) {
    await database
      .prepare(
        `DELETE FROM parked WHERE kind = ?1 AND EXISTS (SELECT 1 FROM ${kind}s AS known
WHERE known.tenant = parked.tenant AND known.id = parked.id AND known.seq >= parked.seq)`,
      )
      .bind(kind)
      .run();
  }
  const { results } = await database.prepare("SELECT * FROM parked ORDER BY parked_at_ms LIMIT ?1").bind(limit).all();
  let back = 0;
  for (const { kind, tenant, id, seq, row } of results.map((found) => Parked.parse(found))) {
    try {
      await projectEntries(database, [{ kind, row }]);
    } catch {
      continue;
    }
    await database
      .prepare("DELETE FROM parked WHERE kind = ?1 AND tenant = ?2 AND id = ?3 AND seq = ?4")
      .bind(kind, tenant, id, seq)
      .run();
    back += 1;
  }
  return back;
}
