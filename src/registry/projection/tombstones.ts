/** Queries over what is left of executions whose objects are gone, by name. */
import { and, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { Tombstone } from "../../domain/read-models/tombstone.ts";
import { tombstones } from "../schema/schema.ts";
import type { ExecutionRow } from "./projection.ts";

const COLUMNS = "tenant id owner target status finished_at_ms archived_at_ms digest archive head".split(" ");

/** Keeps those of the rows that the archive does not speak for: named executions, and ones without an archive. */
export function keepTombstones(database: D1Database, rows: readonly ExecutionRow[]): D1PreparedStatement[] {
  const kept = rows.filter(({ named, archive }) => named === 1 || archive === null);
  if (kept.length === 0) return [];
  const values = COLUMNS.map((name) => `value ->> '$.${name}'`).join(", ");
  const sql = `INSERT INTO tombstones (${COLUMNS.join(", ")}) SELECT ${values} FROM json_each(?1) WHERE true
ON CONFLICT DO NOTHING`;
  return [database.prepare(sql).bind(JSON.stringify(kept))];
}

export async function findTombstone(database: D1Database, tenant: string, id: string): Promise<Tombstone | undefined> {
  const [row] = await drizzle(database)
    .select()
    .from(tombstones)
    .where(and(eq(tombstones.tenant, tenant), eq(tombstones.id, id)))
    .limit(1);
  if (!row) return undefined;
  const { digest, archive, head, ...rest } = row;
  return Tombstone.parse({
    ...rest,
    ...(digest === null ? {} : { digest }),
    ...(archive === null ? {} : { archive }),
    ...(head === null ? {} : { head }),
  });
}
