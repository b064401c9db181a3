/**
 * Migrates the databases of a state folder, in a runtime of their own in which no program runs. The launcher speaks to it
 * by requests: Miniflare's stand-ins for databases would stop this thread until the runtime has answered.
 *
 * - A migration and its mark are both there or neither (one batch is one transaction).
 * - What has been applied is asked of the database, unless its file is the one that the note of the last time names.
 */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { buildFolder } from "./build/build.ts";
import { statementsOf } from "./split-migrations.ts";
import { readJson, writeWhole } from "./whole-file.ts";
import type { WorkerConfig } from "./worker-config.ts";

/** The table of `wrangler d1 migrations apply`, column for column, so that both agree on what is done. */
const TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations(
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`;

/** The whole program of the runtime of migrations: a batch for a database, from whom knows the word. */
const BATCHES = `export default { async fetch(request, env) {
  if (request.headers.get("authorization") !== env.WORD) return new Response(null, { status: 403 });
  const { binding, statements } = await request.json();
  const database = env[binding];
  try {
    const batch = statements.map(({ sql, values }) => database.prepare(sql).bind(...values));
    return Response.json((await database.batch(batch)).map(({ results }) => results));
  } catch (error) {
    return new Response(error.message, { status: 400 });
  }
} }`;

interface Statement {
  readonly sql: string;
  readonly values: readonly string[];
}

/** Runs a batch in one transaction; returns the rows of each statement. */
type Batch = (statements: readonly Statement[]) => Promise<readonly Record<string, unknown>[][]>;

const plain = (sql: string): Statement => ({ sql, values: [] });

interface Files {
  readonly folder: string;
  /** Where wrangler's answers are kept. */
  readonly cache: string;
}

/** Applies the `.sql` files of a folder that the database has not seen, oldest first. Returns how many. */
async function applyMigrations(batch: Batch, { folder, cache }: Files): Promise<number> {
  const names = migrationsIn(folder);
  if (names.length === 0) return 0;
  const [, rows = []] = await batch([plain(TABLE), plain("SELECT name FROM d1_migrations")]);
  const done = new Set(rows.map(({ name }) => String(name)));
  const unknown = [...done].filter((name) => !names.includes(name));
  if (unknown.length > 0) console.error(newerSentence(folder, unknown));
  const missing = names.filter((name) => !done.has(name));
  if (missing.length === 0) return 0;
  const files = missing.map((name) => join(folder, name));
  for (const [index, statements] of (await statementsOf(files, cache)).entries()) {
    const name = missing[index] ?? "";
    const mark = { sql: "INSERT INTO d1_migrations (name) VALUES (?)", values: [name] };
    await batch([...statements.map(plain), mark]).catch((error: unknown) => {
      throw new Error(`The migration ${join(folder, name)} fails: ${error instanceof Error ? error.message : error}`);
    });
  }
  return missing.length;
}

/** Said and not refused: most migrations add what an earlier version does not look at. */
function newerSentence(folder: string, unknown: readonly string[]): string {
  return `The state folder was used by another version of this project: its database has had ${unknown.join(", ")}, which is not in ${folder}. Go back to that version, or set STATE_DIR to another folder, if something fails.`;
}

function migrationsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort();
}

interface Migration {
  readonly config: WorkerConfig;
  readonly stateDir: string;
}

/** Migrates every database of a state folder. Returns how many migrations were applied. */
export async function migrateAll({ config, stateDir }: Migration): Promise<number> {
  const migrations = digestOf(config);
  const note = join(stateDir, "migrated.json");
  const noted = readJson<Note>(note);
  if (noted?.migrations === migrations && noted.files.length > 0 && noted.files.every(isThere)) return 0;

  const word = randomBytes(16).toString("hex");
  const { d1Databases, compatibilityDate } = config.options;
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      d1Databases,
      compatibilityDate,
      modules: true,
      script: BATCHES,
      bindings: { WORD: word },
      host: "127.0.0.1",
      port: 0,
      resourcePersistencePath: stateDir,
      log: new Log(LogLevel.WARN),
      cf: false,
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  );
  let applied = 0;
  try {
    await miniflare.ready;
    for (const { binding, migrations } of config.databases) {
      const files = { folder: migrations, cache: buildFolder(config.root) };
      applied += await applyMigrations(batchOf(miniflare, { binding, word }), files);
    }
  } finally {
    await miniflare.dispose();
  }
  writeWhole(note, JSON.stringify({ migrations, files: databaseFiles(stateDir) } satisfies Note));
  return applied;
}

function batchOf(miniflare: Miniflare, { binding, word }: { readonly binding: string; readonly word: string }): Batch {
  return async (statements) => {
    const answer = await miniflare.dispatchFetch("http://localhost/", {
      method: "POST",
      headers: { authorization: word },
      body: JSON.stringify({ binding, statements }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Record<string, unknown>[][];
  };
}

/** Which migrations the databases of a state folder have, and which files those databases are. */
interface Note {
  readonly migrations: string;
  readonly files: readonly { readonly path: string; readonly inode: number }[];
}

function digestOf({ databases, options }: WorkerConfig): string {
  const hash = createHash("sha256").update(JSON.stringify(options.d1Databases ?? {}));
  for (const { binding, migrations } of databases) {
    hash.update(`${binding}\n`);
    for (const name of migrationsIn(migrations)) hash.update(`${name}\n`).update(readFileSync(join(migrations, name)));
  }
  return hash.digest("hex");
}

/** Where Miniflare keeps its databases; should it move them, nothing is found and the databases are asked each time. */
function databaseFiles(stateDir: string): Note["files"] {
  const folder = join(stateDir, "d1/miniflare-D1DatabaseObject");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sqlite"))
    .map((name) => ({ path: join(folder, name), inode: statSync(join(folder, name)).ino }));
}

function isThere({ path, inode }: Note["files"][number]): boolean {
  return statSync(path, { throwIfNoEntry: false })?.ino === inode;
}
