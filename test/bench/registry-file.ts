/** D1's own SQLite file, read only and from outside. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { StatementSync } from "node:sqlite";
import { DatabaseSync } from "node:sqlite";

export class RegistryFile {
  readonly #database: DatabaseSync;
  readonly #count: StatementSync;

  private constructor(path: string) {
    this.#database = new DatabaseSync(path, { readOnly: true });
    this.#count = this.#database.prepare(
      "SELECT count(*) AS n FROM executions WHERE tenant = ? AND run_id = ? AND status = ?",
    );
  }

  static open(folder: string): RegistryFile {
    const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".sqlite"));
    for (const path of paths) {
      try {
        return new RegistryFile(join(folder, path));
      } catch {
        // Miniflare keeps files of its own beside the database.
      }
    }
    throw new Error(`no registry below ${folder}`);
  }

  /** Executions of a tenant's run that have this status by now. */
  count(tenant: string, { runId, status }: { readonly runId: string; readonly status: string }): number {
    return Number(this.#count.get(tenant, runId, status)?.n);
  }

  /** When each of a tenant's run was accepted and began. */
  waits(tenant: string, runId: string): { readonly createdAtMs: number; readonly startedAtMs: number }[] {
    const sql = `SELECT created_at_ms AS createdAtMs, started_at_ms AS startedAtMs FROM executions
WHERE tenant = ? AND run_id = ? AND started_at_ms IS NOT NULL`;
    const rows = this.#database.prepare(sql).all(tenant, runId);
    return rows.map((row) => ({ createdAtMs: Number(row.createdAtMs), startedAtMs: Number(row.startedAtMs) }));
  }

  close(): void {
    this.#database.close();
  }
}
