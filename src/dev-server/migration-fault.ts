/**
 * Whether each class of a Durable Object that is bound has its migration. Cloudflare refuses a deployment without one; the
 * local runtime serves it, with storage that has no SQL, and each execution would fail.
 */
interface Migration {
  readonly tag: string;
  readonly new_classes?: readonly string[] | undefined;
  readonly new_sqlite_classes?: readonly string[] | undefined;
  readonly renamed_classes?: readonly { readonly from: string; readonly to: string }[] | undefined;
  readonly deleted_classes?: readonly string[] | undefined;
}

/** The parts of wrangler's configuration that say which classes there are. */
export interface Classes {
  readonly bindings: readonly { readonly class_name: string; readonly script_name?: string | undefined }[];
  readonly migrations: readonly Migration[];
}

/** Errand's own keep what they know in SQLite. */
const NEEDS_SQL = /^(?:Execution|Intake|Limiter|Memory|NodeDirectory|Projector|Schedule)Actor$/;

/** One sentence with the lines to paste; undefined where every class has a migration. */
export function migrationFault(file: string, { bindings, migrations }: Classes): string | undefined {
  const withSql = new Map<string, boolean>();
  for (const { new_classes: plain = [], new_sqlite_classes: sqlite = [], ...later } of migrations) {
    for (const name of plain) withSql.set(name, false);
    for (const name of sqlite) withSql.set(name, true);
    for (const { from, to } of later.renamed_classes ?? []) {
      withSql.set(to, withSql.get(from) ?? false);
      withSql.delete(from);
    }
    for (const name of later.deleted_classes ?? []) withSql.delete(name);
  }
  const own = bindings.filter(({ script_name }) => script_name === undefined).map(({ class_name }) => class_name);
  const plain = own.find((name) => withSql.get(name) === false && NEEDS_SQL.test(name));
  if (plain !== undefined)
    return `${file}: ${plain} is in new_classes of its migration, and it stores with SQLite: move it to new_sqlite_classes.`;
  const missing = [...new Set(own.filter((name) => !withSql.has(name)))];
  if (missing.length === 0) return undefined;
  const names = missing.map((name) => JSON.stringify(name)).join(", ");
  return `${file}: no migration names ${missing.join(", ")}. Add at its end:\n\n[[migrations]]\ntag = "${freeTag(migrations)}"\nnew_sqlite_classes = [${names}]\n\nand start again.`;
}

function freeTag(migrations: readonly Migration[]): string {
  const used = migrations.map(({ tag }) => Number(/^v(\d+)$/.exec(tag)?.[1] ?? 0));
  return `v${Math.max(0, ...used) + 1}`;
}
