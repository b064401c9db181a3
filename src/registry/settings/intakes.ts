/** Intake shards that have something to do, as settings of the first database: the cron handler wakes them (E8). */
import * as z from "zod";

const PREFIX = "intake:";
/** The character after the prefix's last one. */
const END = "intake;";
const Name = z.tuple([z.string(), z.number().int()]);

const nameOf = (tenant: string, shard: number) => `${PREFIX}${JSON.stringify([tenant, shard])}`;

export async function listIntake(
  database: D1Database,
  { tenant, shard }: { readonly tenant: string; readonly shard: number },
  hasWork: boolean,
): Promise<void> {
  const sql = hasWork
    ? "INSERT INTO settings (name, value) VALUES (?1, '') ON CONFLICT (name) DO NOTHING"
    : "DELETE FROM settings WHERE name = ?1";
  await database.prepare(sql).bind(nameOf(tenant, shard)).run();
}

/** Shards that are listed, at most so many. */
export async function listedIntakes(
  database: D1Database,
  limit: number,
): Promise<{ readonly tenant: string; readonly shard: number }[]> {
  const sql = "SELECT name FROM settings WHERE name >= ?1 AND name < ?2 ORDER BY name LIMIT ?3";
  const { results } = await database.prepare(sql).bind(PREFIX, END, limit).all<{ name: string }>();
  return results.map(({ name }) => {
    const [tenant, shard] = Name.parse(JSON.parse(name.slice(PREFIX.length)));
    return { tenant, shard };
  });
}
