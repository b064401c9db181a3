/**
 * Stored manifests in the deployment's own database: a head an agent, a row a version. Rows are parsed on the way out.
 *
 * - A version is stored whole or not at all: its rows are one batch, and the key of its version, like its number, refuses a
 *   second one.
 * - Which version is the current one is decided in the statement that changes a status, so two changes cannot cross.
 * - What a person wrote is sealed at its place: tenant, agent, version.
 */
import { and, asc, desc, eq, gt, lt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import * as z from "zod";
import { Manifest } from "../../domain/manifest/manifest.ts";
import type {
  ManifestHead,
  ManifestSummary,
  ManifestVersion,
  NewManifestVersion,
} from "../../domain/manifest/stored-manifest.ts";
import { PREFERRED } from "../../domain/manifest/stored-manifest.ts";
import type { ListScope } from "../../domain/read-models/summary.ts";
import type { TextSealer } from "../projection/sealed-rows.ts";
import { UNREADABLE } from "../projection/sealed-rows.ts";
import { manifests, manifestUsage, manifestVersions } from "../schema/schema.ts";
import { isTaken, usageStatements } from "./version-rows.ts";

const About = z.object({
  description: z.string(),
  reasoningMode: Manifest.shape.reasoning_mode,
  tags: z.array(z.string()),
});
const Head = z.object({
  tenant: z.string(),
  id: z.string(),
  owner: z.string(),
  versions: z.number(),
  current: z.string(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
});
const Version = z.object({
  tenant: z.string(),
  id: z.string(),
  version: z.string(),
  seq: z.number(),
  status: z.enum(["draft", "active", "deprecated", "archived"]),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  updatedBy: z.string(),
  about: z.string(),
});

type Named = Pick<ManifestHead, "tenant" | "id">;
type VersionRow = ManifestVersion & { readonly seq: number };

const VERSION_COLUMNS = {
  tenant: manifestVersions.tenant,
  id: manifestVersions.id,
  version: manifestVersions.version,
  seq: manifestVersions.seq,
  status: manifestVersions.status,
  createdAtMs: manifestVersions.createdAtMs,
  updatedAtMs: manifestVersions.updatedAtMs,
  updatedBy: manifestVersions.updatedBy,
  about: manifestVersions.about,
};

export class ManifestRows {
  readonly #database: D1Database;
  readonly #sealer: TextSealer;

  constructor(database: D1Database, sealer: TextSealer) {
    this.#database = database;
    this.#sealer = sealer;
  }

  get #db() {
    return drizzle(this.#database);
  }

  async head({ tenant, id }: Named): Promise<ManifestHead | undefined> {
    const wanted = and(eq(manifests.tenant, tenant), eq(manifests.id, id));
    const [row] = await this.#db.select().from(manifests).where(wanted).limit(1);
    return row && Head.parse(row);
  }

  async version({ tenant, id }: Named, version: string): Promise<VersionRow | undefined> {
    const [row] = await this.#db
      .select(VERSION_COLUMNS)
      .from(manifestVersions)
      .where(ofVersion({ tenant, id }, version))
      .limit(1);
    return row && this.#versionOf(row);
  }

  /** `open` throws where the key is not configured. */
  async document({ tenant, id }: Named, version: string): Promise<{ readonly open: () => Manifest } | undefined> {
    const { document, status } = manifestVersions;
    const wanted = ofVersion({ tenant, id }, version);
    const [row] = await this.#db.select({ document, status }).from(manifestVersions).where(wanted).limit(1);
    if (!row) return undefined;
    const open = () => {
      const text = this.#sealer.openText(row.document, placeOf({ tenant, id }, version, "document"));
      return Manifest.parse({ ...JSON.parse(text), status: row.status });
    };
    return { open };
  }

  /** Newest first, below the number `before`. */
  async versions({ tenant, id }: Named, page: { readonly limit: number; readonly before: number | undefined }) {
    const below = page.before === undefined ? undefined : lt(manifestVersions.seq, page.before);
    const rows = await this.#db
      .select(VERSION_COLUMNS)
      .from(manifestVersions)
      .where(and(eq(manifestVersions.tenant, tenant), eq(manifestVersions.id, id), below))
      .orderBy(desc(manifestVersions.seq))
      .limit(page.limit);
    return rows.map((row) => this.#versionOf(row));
  }

  /** By name, behind `after`: each with its current version. */
  async list({ tenant, owner }: ListScope, page: { readonly limit: number; readonly after: string | undefined }) {
    const rows = await this.#db
      .select({ head: manifests, version: VERSION_COLUMNS })
      .from(manifests)
      .innerJoin(
        manifestVersions,
        and(
          eq(manifestVersions.tenant, manifests.tenant),
          eq(manifestVersions.id, manifests.id),
          eq(manifestVersions.version, manifests.current),
        ),
      )
      .where(
        and(
          eq(manifests.tenant, tenant),
          owner === undefined ? undefined : eq(manifests.owner, owner),
          page.after === undefined ? undefined : gt(manifests.id, page.after),
        ),
      )
      .orderBy(asc(manifests.id))
      .limit(page.limit);
    return rows.map(
      ({ head, version }): ManifestSummary => ({
        head: Head.parse(head),
        version: this.#versionOf(version),
      }),
    );
  }

  /** Bytes of all documents of a tenant. */
  async usage(tenant: string): Promise<number> {
    const rows = await this.#db.select().from(manifestUsage).where(eq(manifestUsage.tenant, tenant)).limit(1);
    return rows[0]?.bytes ?? 0;
  }

  /** False when another writer has stored this version, or one of its number, and then nothing is stored. */
  async append({ head, manifest, text, bytes, by }: NewManifestVersion): Promise<boolean> {
    const { tenant, id, owner, versions, createdAtMs, updatedAtMs } = head;
    const { version, status, description, reasoning_mode: reasoningMode, tags } = manifest;
    const about: z.infer<typeof About> = { description, reasoningMode, tags };
    const sealed = {
      about: this.#sealer.sealText(JSON.stringify(about), placeOf(head, version, "about")),
      document: this.#sealer.sealText(text, placeOf(head, version, "document")),
    };
    const stored = [tenant, id, version, versions, status, bytes, updatedAtMs, by, sealed.about, sealed.document];
    const kept = [tenant, id, owner, versions, version, createdAtMs, updatedAtMs];
    try {
      // First what another writer of the same version has taken: the batch ends there, and nothing of it stays.
      await this.#database.batch([
        this.#database.prepare(VERSION).bind(...stored),
        this.#database.prepare(HEAD).bind(...kept),
        this.#database.prepare(SETTLE).bind(tenant, id),
        this.#database.prepare(USAGE.add).bind(tenant, bytes),
      ]);
      return true;
    } catch (error) {
      if (isTaken(error, "manifest_versions")) return false;
      throw error;
    }
  }

  async setStatus({ tenant, id, version, status, updatedAtMs, updatedBy }: ManifestVersion & Named): Promise<void> {
    await this.#database.batch([
      this.#database.prepare(STATUS).bind(tenant, id, version, status, updatedAtMs, updatedBy),
      this.#database.prepare(SETTLE).bind(tenant, id),
    ]);
  }

  async remove({ tenant, id }: Named): Promise<void> {
    const statements = [USAGE.giveBack, ...DELETES].map((sql) => this.#database.prepare(sql).bind(tenant, id));
    await this.#database.batch(statements);
  }

  /** A text whose key is not configured is named as such: one row must not hold up a list. */
  #versionOf(row: unknown): VersionRow {
    const { about, tenant, ...version } = Version.parse(row);
    const place = placeOf({ tenant, id: version.id }, version.version, "about");
    try {
      return { ...version, ...About.parse(JSON.parse(this.#sealer.openText(about, place))) };
    } catch {
      return { ...version, description: UNREADABLE, reasoningMode: undefined, tags: [] };
    }
  }
}

function ofVersion({ tenant, id }: Named, version: string) {
  return and(eq(manifestVersions.tenant, tenant), eq(manifestVersions.id, id), eq(manifestVersions.version, version));
}

function placeOf({ tenant, id }: Named, version: string, part: "about" | "document"): string {
  return `manifests ${tenant} ${id} ${version} ${part}`;
}

const VERSION = `INSERT INTO manifest_versions
(tenant, id, version, seq, status, bytes, created_at_ms, updated_at_ms, updated_by, about, document)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10)`;
const HEAD = `INSERT INTO manifests (tenant, id, owner, versions, current, created_at_ms, updated_at_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (tenant, id) DO UPDATE SET versions = excluded.versions, updated_at_ms = excluded.updated_at_ms`;
const ORDER = PREFERRED.map((status, at) => `WHEN '${status}' THEN ${at}`).join(" ");
const SETTLE = `UPDATE manifests SET current = (SELECT version FROM manifest_versions WHERE tenant = ?1 AND id = ?2
ORDER BY CASE status ${ORDER} END, seq DESC LIMIT 1) WHERE tenant = ?1 AND id = ?2`;
const STATUS = `UPDATE manifest_versions SET status = ?4, updated_at_ms = ?5, updated_by = ?6
WHERE tenant = ?1 AND id = ?2 AND version = ?3`;
const USAGE = usageStatements({ usage: "manifest_usage", versions: "manifest_versions" });
/** Its experiment too: another owner may take the name. A target is the name of the agent, a dot, a name without dots. */
const DELETES = [
  ...["manifest_versions", "manifests"].map((table) => `DELETE FROM ${table} WHERE tenant = ?1 AND id = ?2`),
  `DELETE FROM experiments WHERE tenant = ?1 AND substr(target, 1, length(?2) + 1) = ?2 || '.'
AND instr(substr(target, length(?2) + 2), '.') = 0`,
];
