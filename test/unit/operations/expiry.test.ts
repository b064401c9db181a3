/** The end of retention: what the sweeper tells to go, and that nothing holds up others. */
import { describe, expect, test } from "vitest";
import { Expiry } from "../../../src/operations/expiry.ts";
import { expiredExecutions, tenantsWithExecutions } from "../../../src/registry/expired.ts";
import { executionRow, project } from "../../../src/registry/projection.ts";
import { running } from "../../support/log.ts";
import { RegistryDatabase } from "../../support/registry-database.ts";

const RETENTION_MS = 1_000;
const NOW = 100_000;
/** What ended before this is over. */
const CUT = NOW - RETENTION_MS;

const { state } = running();
function row(tenant: string, id: string, endedAtMs: number | null) {
  if (!state) throw new Error("there is no execution");
  const updated_at_ms = endedAtMs ?? 1;
  return { ...executionRow(state, undefined), tenant, id, finished_at_ms: endedAtMs, updated_at_ms };
}

function expiryOf(registry: RegistryDatabase, broken: (id: string) => boolean = () => false, writes = { taken: true }) {
  const told: string[] = [];
  const logged: unknown[] = [];
  const expiry = new Expiry({
    tenants: () => tenantsWithExecutions(registry.d1),
    endedBefore: (tenant, page) => expiredExecutions(registry.d1, tenant, page),
    takesWrites: async () => writes.taken,
    expire: async (caller, id) => {
      told.push(`${caller.tenant} ${id}`);
      if (broken(id)) throw new Error("it does not answer");
    },
    retentionMs: RETENTION_MS,
    log: (entry) => void logged.push(entry),
  });
  return { expiry, told, logged };
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
    const { expiry, told, logged } = expiryOf(registry, () => true);
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
    const { expiry, told } = expiryOf(registry, () => false, writes);
    for (let minute = 0; minute < 1_440; minute += 1) await expiry.sweep(NOW);
    expect(told).toEqual([]);
    writes.taken = true;
    await expiry.sweep(NOW);
    expect(told).toEqual(["t first", "t second"]);
  });

  test("looks for nothing where everything is kept for ever", async () => {
    const expiry = new Expiry({
      tenants: () => expect.fail("nobody is looked for"),
      endedBefore: async () => [],
      takesWrites: async () => true,
      expire: async () => {},
      retentionMs: Number.POSITIVE_INFINITY,
      log: () => {},
    });
    expect(await expiry.sweep(NOW)).toBe(0);
  });
});
