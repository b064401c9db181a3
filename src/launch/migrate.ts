import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Miniflare } from "miniflare";
import { unstable_splitSqlQuery } from "wrangler";

type Database = Awaited<ReturnType<Miniflare["getD1Database"]>>;

/** The table of `wrangler d1 migrations apply`, column for column, so that both agree on what is done. */
const TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations(
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`;

/** Applies the `.sql` files of a folder that the database has not seen, oldest first. Returns how many. */
export async function applyMigrations(database: Database, folder: string): Promise<number> {
  const entries = await readdir(folder).catch(() => []);
  const names = entries.filter((name) => name.endsWith(".sql")).sort();
  if (names.length === 0) return 0;

  await database.prepare(TABLE).run();
  const { results } = await database.prepare("SELECT name FROM d1_migrations").all<{ name: string }>();
  const done = new Set(results.map((row) => row.name));
  const missing = names.filter((name) => !done.has(name));
  for (const name of missing) {
    const statements = unstable_splitSqlQuery(await readFile(join(folder, name), "utf8"));
    // One batch is one transaction: a migration and its mark are both there or neither.
    await database.batch([
      ...statements.map((statement) => database.prepare(statement)),
      database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name),
    ]);
  }
  return missing.length;
}
