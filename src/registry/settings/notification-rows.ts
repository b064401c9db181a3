/** Where owners of executions, and tenants as a whole, are notified: a row each in the deployment's own database. */
import { and, eq, inArray } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import * as z from "zod";
import { notifications } from "../schema/schema.ts";

const Row = z.object({ tenant: z.string(), owner: z.string(), target: z.string(), updatedAtMs: z.number() });

interface Whose {
  readonly tenant: string;
  /** Empty: the tenant as a whole. */
  readonly owner: string;
}

const of = ({ tenant, owner }: Whose) => and(eq(notifications.tenant, tenant), eq(notifications.owner, owner));

export function notificationRows(database: D1Database) {
  const db = () => drizzle(database);
  return {
    /** Finds the settings that are there. */
    find: async (tenant: string, owners: readonly string[]) => {
      const wanted = and(eq(notifications.tenant, tenant), inArray(notifications.owner, [...owners]));
      return (await db().select().from(notifications).where(wanted)).map((row) => Row.parse(row));
    },
    put: async (whose: Whose, target: string, updatedAtMs: number) => {
      const row = { tenant: whose.tenant, owner: whose.owner, target, updatedAtMs };
      await db()
        .insert(notifications)
        .values(row)
        .onConflictDoUpdate({ target: [notifications.tenant, notifications.owner], set: { target, updatedAtMs } });
    },
    remove: async (whose: Whose) => {
      await db().delete(notifications).where(of(whose));
    },
  };
}
