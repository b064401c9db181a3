/** The index over several databases: where a tenant's rows lie, where a new tenant goes, and how one moves. */
import { describe, expect, it } from "vitest";
import { Registries } from "../../../../src/registry/databases/registries.ts";
import type { ExecutionRow } from "../../../../src/registry/projection/projection.ts";
import { project } from "../../../../src/registry/projection/projection.ts";
import { executionRegistry } from "../../../../src/registry/run-registry.ts";
import { continueMove } from "../../../../src/registry/tenant-move.ts";
import { RegistryDatabase } from "../../../support/registry-database.ts";

const NOW = Date.UTC(2026, 10, 26);
const MINUTE_MS = 60_000;
const plain = { sealText: (text: string) => text, openText: (stored: string) => stored };

function rowOf(tenant: string, id: string, fields: Partial<ExecutionRow> = {}): ExecutionRow {
  const words = { owner: "ann", agent: "a", fn: "f", kind: "reasoner", status: "succeeded", run_id: "r" };
  const numbers = { seq: 1, created_at_ms: NOW, updated_at_ms: NOW, turns: 0, tokens: 0, cost_usd: 0 };
  const none = { reason: null, parent_id: null, session_id: null, actor_id: null, started_at_ms: null };
  const ends = { finished_at_ms: NOW, error_code: null, error_message: null, next_wake_at_ms: null };
  return { tenant, id, ...words, ...numbers, ...none, ...ends, ...fields };
}

function made({ sizes = [0, 0, 0], maxBytes = 1_000 } = {}) {
  const clock = { now: NOW };
  const databases = sizes.map(() => new RegistryDatabase());
  const sized = databases.map(({ d1 }, at) => ({
    prepare: (sql: string) =>
      sql === "SELECT 1" ? { run: async () => ({ meta: { size_after: sizes[at] ?? 0 } }) } : d1.prepare(sql),
    batch: d1.batch.bind(d1),
  })) as unknown as D1Database[];
  const registries = new Registries({ databases: new Map(sized.entries()), maxBytes, now: () => clock.now });
  const tenant = (id: string, registry: number) =>
    databases[0]?.sqlite
      .prepare("INSERT INTO tenants (id, created_at_ms, registry) VALUES (?, 0, ?)")
      .run(id, registry);
  const count = (at: number, table = "executions") =>
    Number(databases[at]?.sqlite.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
  return { clock, databases, registries, tenant, count };
}

const ids = async (registries: Registries, tenant: string) => {
  const { rows } = await executionRegistry(registries, plain).list({ tenant }, { limit: 100, from: undefined });
  return rows.map(({ id }) => id);
};

describe("a tenant's rows", () => {
  it("lie in the database that its row names, and nobody else's does", async () => {
    const { registries, tenant } = made();
    tenant("acme", 1);
    tenant("other", 2);
    await project(await registries.of("acme"), [rowOf("acme", "exec_1")]);
    expect([await ids(registries, "acme"), await ids(registries, "other")]).toEqual([["exec_1"], []]);
    expect(await registries.of("unheard-of")).toBe(registries.at(0));
  });

  it("of a database that is not bound are out of reach, and the error names the binding", async () => {
    const { registries, tenant } = made();
    tenant("acme", 7);
    await expect(registries.of("acme")).rejects.toThrow("REGISTRY_7");
  });
});

describe("a new tenant", () => {
  it("goes into the emptiest database; one that exists stays where it is", async () => {
    const { registries, tenant } = made({ sizes: [500, 300, 400] });
    tenant("acme", 2);
    expect([await registries.place("acme"), await registries.place("new")]).toEqual([2, 1]);
  });

  it("has no place once every database is nine tenths full", async () => {
    const full = made({ sizes: [900, 950, 999] });
    expect(await full.registries.place("new")).toBeUndefined();
    expect(await made({ sizes: [900, 899, 999] }).registries.place("new")).toBe(1);
  });
});

describe("a database that is nearly full", () => {
  const warned = async (...sizes: number[]) =>
    (await made({ sizes }).registries.warnings()).map(({ registry }) => registry);

  it("is named from 70 % on, each by itself, long before it takes no new tenant at 90 %", async () => {
    expect(await warned(699, 0, 0)).toEqual([]);
    expect(await warned(700, 699, 1_000)).toEqual([0, 2]);
    const { registries } = made({ sizes: [699, 700, 899] });
    expect(await registries.warnings()).toEqual([
      { level: "warn", message: "a database of the index is nearly full", registry: 1, percent: 70 },
      { level: "warn", message: "a database of the index is nearly full", registry: 2, percent: 89.9 },
    ]);
    expect((await registries.usage()).map(({ warns }) => warns)).toEqual([false, true, true]);
    expect(await made({ sizes: [899, 899, 900] }).registries.place("new")).toBe(0);
  });

  it("is told by each answer of the platform: one that shrinks is named no more", async () => {
    const sizes = [800];
    const { registries } = made({ sizes });
    expect(await registries.warnings()).toHaveLength(1);
    sizes[0] = 100;
    expect(await registries.warnings()).toEqual([]);
  });
});

describe("a database that is away", () => {
  const away = (at: number) => {
    const whole = made({ sizes: [500, 300, 400] });
    const broken = whole.registries.at(at);
    broken.prepare = () => {
      throw new Error("D1_ERROR: no answer");
    };
    return whole;
  };

  it("takes no new tenant, and keeps none out of the others", async () => {
    const { registries } = away(1);
    expect(await registries.place("new")).toBe(2);
    expect((await registries.usage()).map(({ registry }) => registry)).toEqual([0, 2]);
  });

  it("is not taken for a full one where no database answers", async () => {
    const { registries } = made({ sizes: [500] });
    registries.at(0).prepare = () => {
      throw new Error("D1_ERROR: no answer");
    };
    await expect(registries.usage()).rejects.toThrow("no answer");
  });
});

describe("a tenant that moves", () => {
  const WRITTEN = 1_200;

  function moving() {
    const world = made();
    world.tenant("acme", 0);
    world.tenant("stays", 0);
    return world;
  }

  async function fill({ registries }: ReturnType<typeof made>) {
    const rows = Array.from({ length: WRITTEN }, (_, n) => rowOf("acme", `exec_${n}`));
    await project(registries.at(0), [...rows, rowOf("stays", "exec_s")]);
    await registries.at(0).prepare("INSERT INTO chosen_ids (tenant, id) VALUES ('acme', 'carol')").run();
  }

  it("is written to its new place at once, copied when every isolate knows, and gone from the old one", async () => {
    const world = moving();
    const { registries, clock, count } = world;
    await fill(world);
    await registries.beginMove("acme", 1);
    // A newer row comes to the new place before the old one is copied.
    await project(await registries.of("acme"), [rowOf("acme", "exec_7", { seq: 9, status: "failed" })]);
    const move = async () => {
      const [place] = await registries.moves();
      return place && continueMove(registries, place, { nowMs: clock.now, pages: 2 });
    };
    expect([await move(), count(1)]).toEqual([false, 1]);
    clock.now += 2 * MINUTE_MS;
    let rounds = 0;
    while ((await move()) === false) rounds += 1;
    expect(rounds).toBeGreaterThan(2);
    expect([count(0), count(1), count(0, "chosen_ids"), count(1, "chosen_ids")]).toEqual([1, WRITTEN, 0, 1]);
    const { rows } = await executionRegistry(registries, plain).list(
      { tenant: "acme", statuses: ["failed"] },
      { limit: 10, from: undefined },
    );
    expect(rows.map(({ id, seq }) => [id, seq])).toEqual([["exec_7", 9]]);
    expect(await registries.moves()).toEqual([]);
  });

  it("is whole after a crash at any page", async () => {
    const world = moving();
    const { registries, clock, count } = world;
    await fill(world);
    await registries.beginMove("acme", 1);
    clock.now += 2 * MINUTE_MS;
    for (let crashes = 0; (await registries.moves()).length > 0 && crashes < 100; crashes += 1) {
      const [place] = await registries.moves();
      if (!place) break;
      // The process dies between a page and its cursor: the same page comes again.
      await continueMove(registries, place, { nowMs: clock.now, pages: 1 });
      if (crashes % 2 === 0) await registries.noteMove("acme", place.moveCursor, false);
    }
    expect([count(0), count(1), count(1, "chosen_ids")]).toEqual([1, WRITTEN, 1]);
  });
});
