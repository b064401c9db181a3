import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_splitSqlQuery } from "wrangler";
import type { WorkerConfig } from "./bindings.ts";

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

interface Migration {
  readonly config: WorkerConfig;
  readonly stateDir: string;
  /** Called while the runtime of the migrations is there. */
  readonly onRuntime: () => void;
}

/**
 * Migrates every database of a state folder, in a runtime of its own in which no program runs. Miniflare's calls of a
 * database stop this thread until the runtime answers; a runtime that writes more log lines meanwhile than a pipe holds
 * would wait for this thread, and both would wait for ever.
 */
export async function migrateAll({ config, stateDir, onRuntime }: Migration): Promise<void> {
  const { d1Databases, compatibilityDate } = config.options;
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      d1Databases,
      compatibilityDate,
      modules: true,
      script: "export default {}",
      host: "127.0.0.1",
      port: 0,
      resourcePersistencePath: stateDir,
      log: new Log(LogLevel.WARN),
      cf: false,
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  );
  try {
    await miniflare.ready;
    onRuntime();
    for (const { binding, migrations } of config.databases)
      await applyMigrations(await miniflare.getD1Database(binding), migrations);
  } finally {
    await miniflare.dispose();
  }
}
