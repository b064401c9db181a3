/** Tenants, their keys, and what the deployment remembers about itself. Rows are parsed on the way out. */
import { and, desc, eq, isNull, lt, or } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import * as z from "zod";
import type { KeyRecord } from "../../domain/execution/key.ts";
import { Scope } from "../../domain/execution/principal.ts";
import type { Cursor } from "../../domain/read-models/summary.ts";
import { keys, settings, tenants } from "../schema/schema.ts";

const Scopes = z.string().transform((text, ctx) => {
  const parsed = z.array(Scope).safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  ctx.addIssue({ code: "custom", message: "is no list of scopes" });
  return z.NEVER;
});

const Limits = z
  .string()
  .transform((text) => z.array(z.object({ hash: z.string(), perMin: z.number() })).parse(JSON.parse(text)));

const Row = z.object({
  id: z.string(),
  hash: z.string(),
  tenant: z.string(),
  subject: z.string(),
  name: z.string(),
  prefix: z.string(),
  scopes: Scopes,
  rateLimitPerMin: z.number().nullable(),
  drawsOn: Limits,
  masked: z.boolean(),
  createdAtMs: z.number(),
  createdBy: z.string(),
  revokedAtMs: z.number().nullable(),
});

/** Makes the tenant too, when this is its first key. */
export async function insertKey(database: D1Database, record: KeyRecord, registry: number): Promise<void> {
  const db = drizzle(database);
  const { tenant, createdAtMs, scopes, drawsOn = [] } = record;
  await db.batch([
    db.insert(tenants).values({ id: tenant, createdAtMs, registry }).onConflictDoNothing(),
    db.insert(keys).values({ ...record, scopes: JSON.stringify(scopes), drawsOn: JSON.stringify(drawsOn) }),
  ]);
}

export async function findKey(database: D1Database, hash: string): Promise<KeyRecord | undefined> {
  const [row] = await drizzle(database).select().from(keys).where(eq(keys.hash, hash)).limit(1);
  return row && Row.parse(row);
}

/** Newest first, strictly after `from`. */
export async function listKeys(
  database: D1Database,
  tenant: string,
  page: { readonly limit: number; readonly from: Cursor | undefined },
): Promise<KeyRecord[]> {
  const { from } = page;
  const after =
    from &&
    or(lt(keys.createdAtMs, from.createdAtMs), and(eq(keys.createdAtMs, from.createdAtMs), lt(keys.id, from.id)));
  const rows = await drizzle(database)
    .select()
    .from(keys)
    .where(and(eq(keys.tenant, tenant), after))
    .orderBy(desc(keys.createdAtMs), desc(keys.id))
    .limit(page.limit);
  return rows.map((row) => Row.parse(row));
}

/** Keys of one subject that are not revoked, newest first. */
export async function keysInForceOf(database: D1Database, tenant: string, subject: string): Promise<KeyRecord[]> {
  const rows = await drizzle(database)
    .select()
    .from(keys)
    .where(and(eq(keys.tenant, tenant), eq(keys.subject, subject), isNull(keys.revokedAtMs)))
    .orderBy(desc(keys.createdAtMs), desc(keys.id));
  return rows.map((row) => Row.parse(row));
}

/** The key as it is afterwards, or `undefined` when there is none; a key that was revoked keeps its first time. */
export async function revokeKey(
  database: D1Database,
  { id, tenant }: { readonly id: string; readonly tenant: string | undefined },
  atMs: number,
): Promise<KeyRecord | undefined> {
  const db = drizzle(database);
  const named = and(eq(keys.id, id), tenant === undefined ? undefined : eq(keys.tenant, tenant));
  const [, rows] = await db.batch([
    db
      .update(keys)
      .set({ revokedAtMs: atMs })
      .where(and(named, isNull(keys.revokedAtMs))),
    db.select().from(keys).where(named),
  ]);
  return rows[0] && Row.parse(rows[0]);
}

/** Returns whether this deployment has any key. Without its tables it has none: no operator has run the migrations yet. */
export async function hasKeys(database: D1Database): Promise<boolean> {
  try {
    const rows = await drizzle(database).select({ id: keys.id }).from(keys).limit(1);
    return rows.length > 0;
  } catch (error) {
    if (isMissingTable(error)) return false;
    throw error;
  }
}

/** The setting as it was first made: of several isolates that try at once, one wins and all read its value. */
export async function settingOrFirst(database: D1Database, name: string, first: string): Promise<string> {
  const db = drizzle(database);
  const [, rows] = await db.batch([
    db.insert(settings).values({ name, value: first }).onConflictDoNothing(),
    db.select().from(settings).where(eq(settings.name, name)),
  ]);
  return rows[0]?.value ?? first;
}

function isMissingTable(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return /no such table/.test(`${error} ${cause}`);
}
