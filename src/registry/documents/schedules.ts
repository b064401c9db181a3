/** The index of schedules: what lists show, and which there are. What a schedule is asked to do stays in its object. */
import type { SQL } from "drizzle-orm";
import { and, desc, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { ScheduleFilter } from "../../domain/schedule/row.ts";
import { ScheduleRow } from "../../domain/schedule/row.ts";
import type { ReadableRegistries } from "../databases/read-replicas.ts";
import { readIn } from "../databases/read-replicas.ts";
import { after } from "../lists/sources.ts";
import type { TextSealer } from "../projection/sealed-rows.ts";
import { UNREADABLE } from "../projection/sealed-rows.ts";
import { schedules } from "../schema/schema.ts";

/** Newest first, strictly after `from`. */
async function listSchedules(database: D1Database, filter: ScheduleFilter): Promise<ScheduleRow[]> {
  const { tenant, owner, status, target, from, limit } = filter;
  const conditions: (SQL | undefined)[] = [
    eq(schedules.tenant, tenant),
    owner === undefined ? undefined : eq(schedules.owner, owner),
    status === undefined ? undefined : eq(schedules.status, status),
    target === undefined ? undefined : eq(schedules.target, target),
    from && after(from, schedules),
  ];
  const rows = await drizzle(database)
    .select()
    .from(schedules)
    .where(and(...conditions))
    .orderBy(desc(schedules.createdAtMs), desc(schedules.id))
    .limit(limit);
  return rows.map((row) => ScheduleRow.parse(row));
}

const reasonPlace = ({ tenant, id }: Pick<ScheduleRow, "tenant" | "id">) =>
  `schedules ${JSON.stringify([tenant, id])} reason`;

/** A person wrote it, or a refusal did that names an input. */
function openReason(row: ScheduleRow, sealer: TextSealer): ScheduleRow {
  if (row.reason === null) return row;
  try {
    return { ...row, reason: sealer.openText(row.reason, reasonPlace(row)) };
  } catch {
    return { ...row, reason: UNREADABLE };
  }
}

/** An older revision changes nothing. */
export async function putSchedule(database: D1Database, opened: ScheduleRow, sealer: TextSealer): Promise<void> {
  const { reason } = opened;
  const row = { ...opened, reason: reason === null ? null : sealer.sealText(reason, reasonPlace(opened)) };
  const { tenant: _tenant, id: _id, createdAtMs: _created, ...changing } = row;
  await drizzle(database)
    .insert(schedules)
    .values(row)
    .onConflictDoUpdate({
      target: [schedules.tenant, schedules.id],
      set: { ...changing, createdAtMs: row.createdAtMs },
      setWhere: sql`excluded.rev >= ${schedules.rev}`,
    });
}

export async function removeSchedule(database: D1Database, tenant: string, id: string): Promise<void> {
  await drizzle(database)
    .delete(schedules)
    .where(and(eq(schedules.tenant, tenant), eq(schedules.id, id)));
}

export function scheduleIndex(registries: ReadableRegistries, sealer: TextSealer) {
  return {
    list: async (filter: ScheduleFilter) => {
      const rows = await readIn(registries, filter, (database) => listSchedules(database, filter));
      return rows.map((row) => openReason(row, sealer));
    },
    has: async ({ tenant, id }: { readonly tenant: string; readonly id: string }) => {
      const found = await drizzle(await registries.of(tenant))
        .select({ id: schedules.id })
        .from(schedules)
        .where(and(eq(schedules.tenant, tenant), eq(schedules.id, id)))
        .limit(1);
      return found.length > 0;
    },
    count: async (tenant: string, most: number) => {
      const query = "SELECT count(*) AS n FROM (SELECT 1 FROM schedules WHERE tenant = ?1 LIMIT ?2)";
      const database = await registries.of(tenant);
      return (await database.prepare(query).bind(tenant, most).first<number>("n")) ?? 0;
    },
  };
}
