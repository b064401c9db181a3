/** Wires the databases of the index: REGISTRY, and as many more as are bound as REGISTRY_1, REGISTRY_2, … */
import { log } from "../../actors/platform/log.ts";
import type { Tombstone } from "../../domain/read-models/tombstone.ts";
import type { TenantPlaces } from "../../operations/access/tenants.ts";
import type { IndexReport } from "../../operations/operator/index-health.ts";
import { answering } from "../../registry/databases/answering.ts";
import { Registries } from "../../registry/databases/registries.ts";
import { indexReport } from "../../registry/index-writes.ts";
import { findTombstone } from "../../registry/projection/tombstones.ts";
import { continueMove } from "../../registry/tenant-move.ts";

interface Bindings {
  readonly REGISTRY: D1Database;
  readonly ERRAND_REGISTRY_MAX_BYTES?: string;
}

/** What Cloudflare lets one D1 hold on the paid plan (read 2026-11-26). */
const MAX_BYTES = 10_000_000_000;

const NAME = /^REGISTRY_([1-9]\d{0,3})$/;
const made = new WeakMap<D1Database, Registries>();

/** One memory of places an isolate. */
export function registriesOf(env: Bindings): Registries {
  const known = made.get(env.REGISTRY);
  if (known) return known;
  const more = Object.entries(env).flatMap(([name, binding]) => {
    const [, number] = NAME.exec(name) ?? [];
    return number === undefined ? [] : [[Number(number), answering(binding as unknown as D1Database)] as const];
  });
  const registries = new Registries({
    databases: new Map([[0, answering(env.REGISTRY)] as const, ...more]),
    maxBytes: Number(env.ERRAND_REGISTRY_MAX_BYTES) || MAX_BYTES,
    now: () => Date.now(),
  });
  made.set(env.REGISTRY, registries);
  return registries;
}

/** What the index knows of executions whose objects are gone. */
export function tombstoneIn(env: Bindings, tenant: string, id: string): Promise<Tombstone | undefined> {
  return registriesOf(env)
    .of(tenant)
    .then((database) => findTombstone(database, tenant, id));
}

/** What the operations on tenants need of the databases. */
export function tenantPlacesOf(env: Bindings): TenantPlaces {
  const registries = registriesOf(env);
  return {
    numbers: () => registries.all.map(([number]) => number),
    tenants: (page) => registries.tenants(page),
    place: (tenant) => registries.placeOf(tenant),
    beginMove: (tenant, to) => registries.beginMove(tenant, to),
  };
}

/** Pages of 500 rows that a move takes in a minute: a move must not be the loud tenant itself. */
const PAGES_A_MINUTE = 40;

/** Called by the cron handler each minute: goes on with the moves, and says which database is nearly full. */
export async function moveTenants(env: Bindings, nowMs: number): Promise<void> {
  const registries = registriesOf(env);
  if (registries.all.length > 1) {
    for (const move of await registries.moves()) {
      const { tenant, registry } = move;
      try {
        const done = await continueMove(registries, move, { nowMs, pages: PAGES_A_MINUTE });
        if (done) log({ level: "info", message: "a tenant's rows were moved", tenant, registry });
      } catch (error) {
        // One of its two databases is away: other tenants' moves go on.
        log({ level: "error", message: "a tenant's move waits", tenant, registry, error: String(error) });
      }
    }
  }
  for (const warning of await registries.warnings()) log(warning);
}

/** What health says of the index: whether each database takes rows, how many rows were refused, how full it is. */
export async function indexReportOf(env: Bindings): Promise<IndexReport> {
  const registries = registriesOf(env);
  const reports = await Promise.all(registries.all.map(([, database]) => indexReport(database)));
  const usage = await registries.usage().catch(() => []);
  return {
    trouble: reports.find(({ trouble }) => trouble !== undefined)?.trouble,
    parked: reports.reduce((sum, { parked }) => sum + parked, 0),
    usage,
  };
}
