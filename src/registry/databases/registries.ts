/**
 * One index over several databases: each tenant's rows lie in one of them, and the deployment's own database says in which.
 * A D1 holds about ten million rows; tenants beyond that get databases of their own (bindings REGISTRY_1, REGISTRY_2, …).
 *
 * - Keys, tenants, settings, agents and plans lie in the deployment's own database (number 0) for all tenants.
 * - A tenant's place is remembered for 30 s an isolate. A move copies nothing before every isolate has heard of it.
 */
import { asc, eq, gt, isNotNull } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { tenants } from "../schema/schema.ts";

export interface RegistriesParts {
  /** By number; 0 is the deployment's own. */
  readonly databases: ReadonlyMap<number, D1Database>;
  /** Bytes that one database holds at most. */
  readonly maxBytes: number;
  readonly now: () => number;
}

export interface RegistryUsage {
  readonly registry: number;
  readonly bytes: number;
  /** 0 to 100. */
  readonly percent: number;
  /** True when it is nearly full: another one is to be bound, and tenants moved there. */
  readonly warns: boolean;
}

export interface TenantPlace {
  readonly tenant: string;
  readonly registry: number;
  /** The database that its rows come from, while they are moved. */
  readonly movingFrom: number | null;
  readonly movedAtMs: number | null;
  /** Where the move goes on, as the mover wrote it. */
  readonly moveCursor: string | null;
}

const WARN_PERCENT = 70;
const FULL_PERCENT = 90;
export const REMEMBERED_MS = 30_000;

export class Registries {
  readonly #parts: RegistriesParts;
  readonly #places = new Map<string, { readonly registry: number; readonly untilMs: number }>();

  constructor(parts: RegistriesParts) {
    this.#parts = parts;
  }

  get all(): readonly (readonly [number, D1Database])[] {
    return [...this.#parts.databases];
  }

  get #own(): D1Database {
    return this.at(0);
  }

  /** Throws for a number that no binding has: rows of its tenants are out of reach, and that is said. */
  at(registry: number): D1Database {
    const database = this.#parts.databases.get(registry);
    if (!database) throw new Error(`no database is bound as ${registry === 0 ? "REGISTRY" : `REGISTRY_${registry}`}`);
    return database;
  }

  /** The database of a tenant's rows. With one database it is known without asking. Rejects while 0 does not answer. */
  async of(tenant: string): Promise<D1Database> {
    if (this.#parts.databases.size === 1) return this.#own;
    const now = this.#parts.now();
    const known = this.#places.get(tenant);
    if (known && now < known.untilMs) return this.at(known.registry);
    const [row] = await drizzle(this.#own)
      .select({ registry: tenants.registry })
      .from(tenants)
      .where(eq(tenants.id, tenant))
      .limit(1);
    const registry = row?.registry ?? 0;
    this.#places.set(tenant, { registry, untilMs: now + REMEMBERED_MS });
    return this.at(registry);
  }

  /** How full each database is that answers, as the platform tells with each answer. Rejects when none does. */
  async usage(): Promise<RegistryUsage[]> {
    const asked = await Promise.allSettled(
      this.all.map(async ([registry, database]) => {
        const { meta } = await database.prepare("SELECT 1").run();
        const bytes = meta.size_after;
        const percent = Math.round((1_000 * bytes) / this.#parts.maxBytes) / 10;
        return { registry, bytes, percent, warns: percent >= WARN_PERCENT };
      }),
    );
    const answered = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const [first] = asked;
    if (answered.length === 0 && first?.status === "rejected") throw first.reason;
    return answered;
  }

  /** What the log is told each minute of the databases that are nearly full. */
  async warnings(): Promise<{ level: "warn"; message: string; registry: number; percent: number }[]> {
    const message = "a database of the index is nearly full";
    const full = (await this.usage()).filter(({ warns }) => warns);
    return full.map(({ registry, percent }) => ({ level: "warn", message, registry, percent }));
  }

  /** Where a tenant's rows go: where they are, else into the emptiest database that answers. `undefined`: all are nearly full. */
  async place(tenant: string): Promise<number | undefined> {
    const [row] = await drizzle(this.#own).select().from(tenants).where(eq(tenants.id, tenant)).limit(1);
    if (row) return row.registry;
    const usage = (await this.usage()).filter(({ percent }) => percent < FULL_PERCENT);
    return usage.sort((a, b) => a.percent - b.percent)[0]?.registry;
  }

  /** By name, behind `after`, at most `limit` of them. */
  async tenants({ after, limit }: { readonly after: string; readonly limit: number }): Promise<TenantPlace[]> {
    const behind = drizzle(this.#own).select().from(tenants).where(gt(tenants.id, after));
    return (await behind.orderBy(asc(tenants.id)).limit(limit)).map(placeOf);
  }

  /** `undefined`: there is no such tenant. */
  async placeOf(tenant: string): Promise<TenantPlace | undefined> {
    const [row] = await drizzle(this.#own).select().from(tenants).where(eq(tenants.id, tenant)).limit(1);
    return row && placeOf(row);
  }

  /** Moves that are not done. */
  async moves(): Promise<TenantPlace[]> {
    const rows = await drizzle(this.#own).select().from(tenants).where(isNotNull(tenants.movingFrom));
    return rows.map(placeOf);
  }

  /** From now on new rows go to `to`; the mover brings the others. `undefined`: there is no such tenant. */
  async beginMove(tenant: string, to: number): Promise<TenantPlace | undefined> {
    this.at(to);
    const db = drizzle(this.#own);
    const [row] = await db.select().from(tenants).where(eq(tenants.id, tenant)).limit(1);
    if (!row) return undefined;
    if (row.registry === to || row.movingFrom !== null) return placeOf(row);
    const moved = { registry: to, movingFrom: row.registry, movedAtMs: this.#parts.now(), moveCursor: null };
    await db.update(tenants).set(moved).where(eq(tenants.id, tenant));
    this.#places.delete(tenant);
    return { tenant, ...moved };
  }

  async noteMove(tenant: string, cursor: string | null, done: boolean): Promise<void> {
    const change = done ? { movingFrom: null, moveCursor: null } : { moveCursor: cursor };
    await drizzle(this.#own).update(tenants).set(change).where(eq(tenants.id, tenant));
  }
}

function placeOf(row: typeof tenants.$inferSelect): TenantPlace {
  const { id: tenant, registry, movingFrom, movedAtMs, moveCursor } = row;
  return { tenant, registry, movingFrom, movedAtMs, moveCursor };
}
