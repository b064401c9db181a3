/**
 * Plans in the deployment's own database: a head a plan, a row a version, and the version's document in parts. Rows are parsed
 * on the way out.
 *
 * - A version is stored whole or not at all: its rows are one batch, and the primary key of its version refuses a second one.
 * - What a person wrote is sealed at its place: tenant, plan, version, part.
 */
import type { SQL } from "drizzle-orm";
import { and, asc, desc, eq, lt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import * as z from "zod";
import type { NewPlanVersion } from "../../domain/plan/plan.ts";
import { Plan } from "../../domain/plan/plan.ts";
import type { Cursor, ListScope } from "../../domain/read-models/summary.ts";
import { after } from "../lists/sources.ts";
import type { TextSealer } from "../projection/sealed-rows.ts";
import { UNREADABLE } from "../projection/sealed-rows.ts";
import { planParts, plans, planUsage, planVersions } from "../schema/schema.ts";
import { isTaken, usageStatements } from "./version-rows.ts";

/** UTF-16 units of a part: sealed and in base64 it is 1 MiB at most, and a row holds 2 MB. */
const PART_LENGTH = 262_144;

const About = z.object({ goal: z.string(), digest: z.string() });
const Row = z.object({
  tenant: z.string(),
  id: z.string(),
  version: z.number(),
  about: z.string(),
  tasks: z.number(),
  subtasks: z.number(),
  updatedAtMs: z.number(),
  updatedBy: z.string(),
});
const Head = Row.extend({ owner: z.string(), createdAtMs: z.number() });

type Named = Pick<z.infer<typeof Head>, "tenant" | "id">;
/** What all versions of a plan share. */
type Shared = Named & Pick<z.infer<typeof Head>, "owner" | "createdAtMs">;

export class PlanRows {
  readonly #database: D1Database;
  readonly #sealer: TextSealer;

  constructor(database: D1Database, sealer: TextSealer) {
    this.#database = database;
    this.#sealer = sealer;
  }

  get #db() {
    return drizzle(this.#database);
  }

  async head(tenant: string, id: string) {
    const rows = await this.#db.select().from(plans).where(of(plans, { tenant, id })).limit(1);
    return rows[0] && this.#headOf(rows[0]);
  }

  async version(plan: Shared, version: number) {
    const wanted = and(of(planVersions, plan), eq(planVersions.version, version));
    const rows = await this.#db.select().from(planVersions).where(wanted).limit(1);
    return rows[0] && this.#versionOf(plan, rows[0]);
  }

  async versions(plan: Shared, page: { readonly limit: number; readonly before: number | undefined }) {
    const { limit, before } = page;
    const below = before === undefined ? undefined : lt(planVersions.version, before);
    const wanted = and(of(planVersions, plan), below);
    const rows = this.#db.select().from(planVersions).where(wanted).orderBy(desc(planVersions.version));
    return (await rows.limit(limit)).map((row) => this.#versionOf(plan, row));
  }

  async list({ tenant, owner }: ListScope, page: { readonly limit: number; readonly from: Cursor | undefined }) {
    const whose = and(eq(plans.tenant, tenant), owner === undefined ? undefined : eq(plans.owner, owner));
    const wanted = and(whose, page.from && after(page.from, plans));
    const rows = this.#db.select().from(plans).where(wanted).orderBy(desc(plans.createdAtMs), desc(plans.id));
    return (await rows.limit(page.limit)).map((row) => this.#headOf(row));
  }

  /** `open` throws where the key is not configured. */
  async document({ tenant, id, version }: Named & { readonly version: number }) {
    const wanted = and(of(planParts, { tenant, id }), eq(planParts.version, version));
    const parts = await this.#db.select().from(planParts).where(wanted).orderBy(asc(planParts.part));
    const textOf = ({ part, text }: (typeof parts)[number]) =>
      this.#sealer.openText(text, placeOf({ tenant, id }, version, part));
    return { open: () => Plan.parse(JSON.parse(parts.map(textOf).join(""))) };
  }

  /** Bytes of all documents of a tenant. */
  async usage(tenant: string): Promise<number> {
    const rows = await this.#db.select().from(planUsage).where(eq(planUsage.tenant, tenant)).limit(1);
    return rows[0]?.bytes ?? 0;
  }

  /** False when another writer has stored this version, and then nothing is stored. */
  async append(record: NewPlanVersion): Promise<boolean> {
    try {
      // First what another writer of the same version has taken: the batch ends there, and nothing of it stays.
      await this.#database.batch([this.#versionRow(record), ...this.#partRows(record), ...this.#headRows(record)]);
      return true;
    } catch (error) {
      if (isTaken(error, "plan_versions")) return false;
      throw error;
    }
  }

  async remove({ tenant, id }: Named): Promise<void> {
    const statements = [USAGE.giveBack, ...DELETES].map((sql) => this.#database.prepare(sql).bind(tenant, id));
    await this.#database.batch(statements);
  }

  #versionRow(record: NewPlanVersion): D1PreparedStatement {
    const { tenant, id, version, tasks, subtasks, bytes, updatedAtMs, updatedBy } = record;
    const about = this.#about(record, version);
    const values = [tenant, id, version, about, tasks, subtasks, bytes, updatedAtMs, updatedBy];
    return this.#database.prepare(VERSION).bind(...values);
  }

  #partRows(record: NewPlanVersion): D1PreparedStatement[] {
    const { tenant, id, version, text } = record;
    return piecesOf(text).map((piece, part) => {
      const sealed = this.#sealer.sealText(piece, placeOf(record, version, part));
      return this.#database.prepare(PART).bind(tenant, id, version, part, sealed);
    });
  }

  #headRows(record: NewPlanVersion): D1PreparedStatement[] {
    const { tenant, id, owner, version, tasks, subtasks, bytes, createdAtMs, updatedAtMs, updatedBy } = record;
    const about = this.#about(record, "newest");
    const values = [tenant, id, owner, version, about, tasks, subtasks, createdAtMs, updatedAtMs, updatedBy];
    return [this.#database.prepare(HEAD).bind(...values), this.#database.prepare(USAGE.add).bind(tenant, bytes)];
  }

  #about({ tenant, id, goal, digest }: NewPlanVersion, version: number | "newest"): string {
    return this.#sealer.sealText(JSON.stringify({ goal, digest }), placeOf({ tenant, id }, version));
  }

  #headOf(row: unknown) {
    const { about, ...head } = Head.parse(row);
    return { ...head, ...this.#opened(about, placeOf(head, "newest")) };
  }

  #versionOf({ owner, createdAtMs }: Shared, row: unknown) {
    const { about, ...version } = Row.parse(row);
    return { ...version, owner, createdAtMs, ...this.#opened(about, placeOf(version, version.version)) };
  }

  /** A text whose key is not configured is named as such: one row must not hold up a list. */
  #opened(about: string, place: string): z.infer<typeof About> {
    try {
      return About.parse(JSON.parse(this.#sealer.openText(about, place)));
    } catch {
      return { goal: UNREADABLE, digest: "" };
    }
  }
}

function of(table: typeof plans | typeof planVersions | typeof planParts, { tenant, id }: Named): SQL | undefined {
  return and(eq(table.tenant, tenant), eq(table.id, id));
}

function placeOf({ tenant, id }: Named, version: number | "newest", part?: number): string {
  return `plans ${tenant} ${id} ${version}${part === undefined ? "" : ` ${part}`}`;
}

const HEAD = `INSERT INTO plans (tenant, id, owner, version, about, tasks, subtasks, created_at_ms, updated_at_ms, updated_by)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (tenant, id) DO UPDATE SET version = excluded.version, about = excluded.about, tasks = excluded.tasks,
  subtasks = excluded.subtasks, updated_at_ms = excluded.updated_at_ms, updated_by = excluded.updated_by`;
const VERSION = `INSERT INTO plan_versions (tenant, id, version, about, tasks, subtasks, bytes, updated_at_ms, updated_by)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`;
const PART = "INSERT INTO plan_parts (tenant, id, version, part, text) VALUES (?1, ?2, ?3, ?4, ?5)";
const USAGE = usageStatements({ usage: "plan_usage", versions: "plan_versions" });
const DELETES = ["plan_parts", "plan_versions", "plans"].map(
  (table) => `DELETE FROM ${table} WHERE tenant = ?1 AND id = ?2`,
);

/** No piece ends in the middle of a character: half of one would be lost when it is encoded. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + PART_LENGTH);
    if (end < text.length && isFirstHalf(text.charCodeAt(end - 1))) end -= 1;
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
