/** What an operator asks the index about one tenant: bounded reads, each off an index. */
import * as z from "zod";
import { WEBHOOK_FAILING } from "../domain/execution/search-attributes.ts";
import { Status } from "../domain/execution/status.ts";
import type { DeadLetter, FailingWebhook, Found, StillStanding } from "../domain/read-models/overview.ts";
import { OWED_TO_A_DEPLOYMENT } from "./projection/projection.ts";
import { overdueExecutions } from "./projection/sweep.ts";
import type { DatabaseOf } from "./run-registry.ts";

/** Most rows that are looked at for one of the lists. */
const LOOKED_AT = 1_000;
const SHOWN = 20;

function found<Item>(all: readonly Item[], more: boolean): Found<Item> {
  return { items: all.slice(0, SHOWN), count: all.length, more };
}

const Parked = z.object({
  kind: z.enum(["execution", "approval"]),
  id: z.string(),
  error: z.string(),
  atMs: z.number(),
});

/** Off the primary key, whose first column is the kind. */
async function deadLettersOf(database: D1Database, tenant: string): Promise<Found<DeadLetter>> {
  const { results } = await database
    .prepare(
      `SELECT kind, id, error, parked_at_ms AS atMs FROM parked WHERE kind IN ('execution', 'approval') AND tenant = ?1 LIMIT ?2`,
    )
    .bind(tenant, LOOKED_AT)
    .all();
  const rows = results.map((row) => Parked.parse(row)).sort((a, b) => b.atMs - a.atMs);
  return found(rows, rows.length === LOOKED_AT);
}

/** The index of what owes a wake is all tenants': the longest overdue are looked at, and the tenant's are told. */
async function overdueOf(database: D1Database, tenant: string, before: number) {
  const all = await overdueExecutions(database, { before }, LOOKED_AT);
  const own = all.filter((one) => one.tenant === tenant).map(({ id, owedAtMs }) => ({ id, owedAtMs }));
  return found(own, all.length === LOOKED_AT);
}

const Still = z.object({
  id: z.string(),
  agent: z.string(),
  fn: z.string(),
  status: Status,
  reason: z.string().nullable(),
  updatedAtMs: z.number(),
});

const STANDING = ["pending", "queued", "running", "blocked"] as const;

/** The oldest of each status, off its index; of these what has not changed since `before` and owes no wake later on. */
async function stillOf(
  database: D1Database,
  tenant: string,
  { before, now }: { readonly before: number; readonly now: number },
): Promise<Found<StillStanding>> {
  const sql = `SELECT id, agent, fn, status, reason, updated_at_ms AS updatedAtMs, next_wake_at_ms AS wake FROM executions
WHERE tenant = ?1 AND status = ?2 ORDER BY created_at_ms, id LIMIT ?3`;
  const each = LOOKED_AT / STANDING.length;
  const read = await database.batch<Readonly<Record<string, unknown>>>(
    STANDING.map((status) => database.prepare(sql).bind(tenant, status, each)),
  );
  const rows = read.flatMap(({ results }) => results);
  const still = rows.filter(({ updatedAtMs, wake }) => {
    const sleeps = typeof wake === "number" && wake > now && wake < OWED_TO_A_DEPLOYMENT;
    return Number(updatedAtMs) <= before && !sleeps;
  });
  const parsed = still.map((row) => Still.parse(row)).sort((a, b) => a.updatedAtMs - b.updatedAtMs);
  return found(
    parsed,
    read.some(({ results }) => results.length === each),
  );
}

const Failing = z.object({ id: z.string(), agent: z.string(), fn: z.string(), status: Status, atMs: z.number() });

/** Newest executions first, off their links. */
async function failingWebhooksOf(database: D1Database, tenant: string): Promise<Found<FailingWebhook>> {
  const links = "execution_links WHERE tenant = ?1 AND kind = 'attribute' AND name = ?2";
  const [counted, first] = await database.batch<Readonly<Record<string, unknown>>>([
    database
      .prepare(`SELECT count(*) AS n FROM (SELECT 1 FROM ${links} LIMIT ?3)`)
      .bind(tenant, WEBHOOK_FAILING, LOOKED_AT),
    database
      .prepare(
        `SELECT own.id, own.agent, own.fn, own.status, own.updated_at_ms AS atMs
FROM (SELECT tenant, id, created_at_ms FROM ${links} ORDER BY created_at_ms DESC, id DESC LIMIT ?3) AS failing
CROSS JOIN executions AS own ON own.tenant = failing.tenant AND own.id = failing.id`,
      )
      .bind(tenant, WEBHOOK_FAILING, SHOWN),
  ]);
  const count = Number(counted?.results[0]?.n ?? 0);
  return { items: (first?.results ?? []).map((row) => Failing.parse(row)), count, more: count === LOOKED_AT };
}

export function overviewRegistry(registries: DatabaseOf) {
  return {
    deadLetters: async (tenant: string) => deadLettersOf(await registries.of(tenant), tenant),
    failingWebhooks: async (tenant: string) => failingWebhooksOf(await registries.of(tenant), tenant),
    overdue: async (tenant: string, before: number) => overdueOf(await registries.of(tenant), tenant, before),
    still: async (tenant: string, when: { readonly before: number; readonly now: number }) =>
      stillOf(await registries.of(tenant), tenant, when),
  };
}
