/** The end of retention: what the sweeper tells to go, and that nothing holds up others. */
import { describe, expect, test } from "vitest";
import type { RetentionPolicy } from "../../../../src/domain/execution/retention.ts";
import { Expiry } from "../../../../src/operations/sweep/expiry.ts";
import { expiredExecutions, tenantsWithExecutions } from "../../../../src/registry/projection/expired.ts";
import { executionRow, project } from "../../../../src/registry/projection/projection.ts";
import { running } from "../../../support/log.ts";
import { RegistryDatabase } from "../../../support/registry-database.ts";

const RETENTION_MS = 1_000;
const NOW = 100_000;
/** What ended before this is over. */
const CUT = NOW - RETENTION_MS;

const { state } = running();
function row(tenant: string, id: string, endedAtMs: number | null) {
  if (!state) throw new Error("there is no execution");
  const [status, updated_at_ms] = [endedAtMs === null ? "running" : "succeeded", endedAtMs ?? 1];
  return { ...executionRow(state, undefined), tenant, id, status, finished_at_ms: endedAtMs, updated_at_ms };
}

interface Given {
  readonly broken?: (id: string) => boolean;
  readonly writes?: { taken: boolean };
  readonly policies?: Readonly<Record<string, RetentionPolicy>>;
  readonly retentionMs?: number;
}

function expiryOf(
  registry: RegistryDatabase,
  { broken = () => false, writes = { taken: true }, policies = {}, retentionMs = RETENTION_MS }: Given = {},
) {
  const told: string[] = [];
  const keptMs = new Map<string, number>();
  const logged: unknown[] = [];
  const expiry = new Expiry({
    tenants: () => tenantsWithExecutions(registry.d1),
    endedBefore: (tenant, page) => expiredExecutions(registry.d1, tenant, page),
    takesWrites: async () => writes.taken,
    policies: async () => new Map(Object.entries(policies)),
    expire: async (caller, id, retentionMs) => {
      told.push(`${caller.tenant} ${id}`);
      keptMs.set(id, retentionMs);
      if (broken(id)) throw new Error("it does not answer");
    },
    retentionMs,
    log: (entry) => void logged.push(entry),
  });
  return { expiry, told, keptMs, logged };
}

describe("the sweeper", () => {
  test("tells every ended execution to go whose time is over, oldest first, and no other one", async () => {
    const registry = new RegistryDatabase();
    await project(registry.d1, [
      row("t", "young", CUT),
      row("t", "second", CUT - 1),
      row("t", "first", CUT - 2),
      row("t", "goes on", null),
      row("u", "other", 5),
    ]);
    const { expiry, told } = expiryOf(registry);
    expect(await expiry.sweep(NOW)).toBe(3);
    expect(told).toEqual(["t first", "t second", "u other"]);
  });

  test("gives each tenant its share, and goes on where it stopped: what cannot go holds up nobody", async () => {
    const registry = new RegistryDatabase();
    const loud = Array.from({ length: 600 }, (_, n) => row("loud", `exec_${String(n).padStart(3, "0")}`, n + 1));
    await project(registry.d1, [...loud, row("quiet", "exec_q", 7)]);
    const { expiry, told, logged } = expiryOf(registry, { broken: () => true });
    await expiry.sweep(NOW);
    expect([told.length, told.at(-1)]).toEqual([251, "quiet exec_q"]);
    await expiry.sweep(NOW);
    await expiry.sweep(NOW);
    expect(new Set(told.filter((name) => name.startsWith("loud"))).size).toBe(600);
    expect(logged.length).toBe(told.length);
    // At the end it begins anew.
    await expiry.sweep(NOW);
    expect(told.filter((name) => name === "loud exec_000")).toHaveLength(2);
  });

  test("tells none while the index would keep its row, and each once it takes writes again", async () => {
    const registry = new RegistryDatabase();
    await project(registry.d1, [row("t", "first", CUT - 2), row("t", "second", CUT - 1)]);
    const writes = { taken: false };
    const { expiry, told } = expiryOf(registry, { writes });
    for (let minute = 0; minute < 1_440; minute += 1) await expiry.sweep(NOW);
    expect(told).toEqual([]);
    writes.taken = true;
    await expiry.sweep(NOW);
    expect(told).toEqual(["t first", "t second"]);
  });

  test("keeps what a tenant says, by status: longer, shorter, for ever", async () => {
    const registry = new RegistryDatabase();
    const DAY = 86_400_000;
    const now = 400 * DAY;
    await project(registry.d1, [
      { ...row("t", "failed long ago", 5), status: "failed" },
      { ...row("t", "cancelled long ago", 6), status: "cancelled" },
      row("t", "a week", now - 7 * DAY),
      row("t", "an hour", now - DAY / 24),
      row("u", "as usual", now - DAY),
    ]);
    const policies = { t: { failed: "forever", cancelled: 365, succeeded: 0.5 } } as const;
    const { expiry, told, keptMs } = expiryOf(registry, { policies });
    await expiry.sweep(now);
    expect(told).toEqual(["t cancelled long ago", "t a week", "u as usual"]);
    expect([...keptMs.values()]).toEqual([365 * DAY, DAY / 2, RETENTION_MS]);
    // A tenant's word counts where the deployment keeps all.
    const kept = expiryOf(registry, { policies, retentionMs: Number.POSITIVE_INFINITY });
    await kept.expiry.sweep(now);
    expect(kept.told).toEqual(["t cancelled long ago", "t a week"]);
  });

  test("gets past any number of those that are kept longer", async () => {
    const registry = new RegistryDatabase();
    const kept = Array.from({ length: 6_000 }, (_, n) => ({
      ...row("t", `kept_${String(n).padStart(4, "0")}`, n + 1),
      status: "failed",
    }));
    await project(registry.d1, [...kept, row("t", "over", CUT - 1)]);
    const { expiry, told } = expiryOf(registry, { policies: { t: { failed: "forever" } } });
    for (let minute = 0; minute < 3; minute += 1) await expiry.sweep(NOW);
    expect(told).toEqual(["t over"]);
  });

  test("looks for nothing where everything is kept for ever", async () => {
    const expiry = new Expiry({
      tenants: () => expect.fail("nobody is looked for"),
      policies: async () => new Map(),
      endedBefore: async () => ({ found: [], resumeAfter: undefined }),
      takesWrites: async () => true,
      expire: async () => {},
      retentionMs: Number.POSITIVE_INFINITY,
      log: () => {},
    });
    expect(await expiry.sweep(NOW)).toBe(0);
  });
});
