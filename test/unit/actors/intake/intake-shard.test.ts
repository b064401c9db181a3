/** An intake shard without a platform: what it stores, what it refuses, how many it begins, what stands aside. */
import { describe, expect, it } from "vitest";
import type { ShardParts } from "../../../../src/actors/intake/intake-shard.ts";
import { IntakeShard } from "../../../../src/actors/intake/intake-shard.ts";
import type { TicketStore } from "../../../../src/actors/intake/ticket-rows.ts";
import type { CreateCommand } from "../../../../src/domain/execution/command.ts";
import { systemPrincipal } from "../../../../src/domain/execution/principal.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import { DEFAULT_LIMITS } from "../../../../src/domain/values/limits.ts";
import { parseEncryptionKeys } from "../../../../src/vault/encryption-keys.ts";
import { Vault } from "../../../../src/vault/vault.ts";
import { SmallDisk } from "../../../support/intake/small-disk.ts";

const caller = systemPrincipal("acme");

function sealerWith(keys: string) {
  const parsed = parseEncryptionKeys(keys);
  if (!parsed.ok) throw new Error(parsed.problem);
  return new Vault(parsed.keys).sealerOf("shard");
}
const KEY = (fill: number) => Buffer.alloc(32, fill).toString("base64");
const FIRST = sealerWith(`one:${KEY(1)}`);
const OTHER = sealerWith(`two:${KEY(2)}`);

const commandOf = (n: number, input: CreateCommand["input"] = { n }, owner = "ann"): CreateCommand => ({
  type: "create",
  origin: {
    ...{ id: `exec_${n}`, tenant: "acme", owner, agent: "a", fn: "f", kind: "skill", version: "1", runId: "r" },
    ...{ owned: false, digest: "", limits: {}, timeoutMs: 60_000 },
  },
  input,
  parsed: { same: true },
});

interface World {
  readonly disk: SmallDisk;
  readonly begun: string[];
  readonly read: number[];
  now: number;
  most: number;
}

function shardOn(
  disk: SmallDisk,
  parts: Partial<ShardParts> = {},
): { readonly shard: IntakeShard; readonly world: World } {
  const world: World = { disk, begun: [], read: [], now: 1_000, most: 0 };
  const store = disk.open(() => true);
  const counting: TicketStore = {
    ...store,
    commands: (row) => {
      world.read.push(row);
      return store.commands(row);
    },
  };
  let under = 0;
  const shard = new IntakeShard({
    store: counting,
    sealer: () => accept(FIRST),
    begin: async ({ origin }) => {
      under += 1;
      world.most = Math.max(world.most, under);
      await turn();
      under -= 1;
      world.begun.push(origin.id);
      return accept(null);
    },
    unknown: () => undefined,
    slot: async () => true,
    room: () => undefined,
    now: () => world.now,
    pause: turn,
    limits: DEFAULT_LIMITS,
    setAlarm: (atMs) => disk.setAlarm(atMs),
    log: () => {},
    ...parts,
  });
  return { shard, world };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Lets everything go on that can. */
async function rest(disk: SmallDisk, turns = 40): Promise<void> {
  for (let n = 0; n < turns; n += 1) {
    disk.flush();
    await turn();
  }
}

/** A shard whose tickets cannot begin, so that they stay. */
async function filled(count: number): Promise<SmallDisk> {
  const disk = new SmallDisk();
  const { shard } = shardOn(disk, { begin: async () => refuse("overloaded", "full") });
  const accepted = Promise.all(Array.from({ length: count }, (_, n) => shard.accept(commandOf(n))));
  await rest(disk);
  expect((await accepted).every(({ ok }) => ok)).toBe(true);
  return disk;
}

describe("callers that come together", () => {
  it("share rows and commits, are answered after theirs, and not before", async () => {
    const disk = new SmallDisk();
    const { shard } = shardOn(disk, { begin: () => new Promise(() => {}) });
    let answered = 0;
    for (let n = 0; n < 100; n += 1) void shard.accept(commandOf(n)).then(() => (answered += 1));
    await turn();
    expect(answered).toBe(0);
    disk.flush();
    await turn();
    expect([answered, disk.rowCount]).toEqual([1, 2]);
    disk.flush();
    await turn();
    expect([answered, disk.rowCount]).toEqual([100, 2]);
  });

  it("find an alarm in the transaction that stores them", async () => {
    const disk = new SmallDisk();
    const { shard } = shardOn(disk);
    void shard.accept(commandOf(1));
    await turn();
    expect(disk.alarmAtMs).toBeGreaterThan(1_000);
  });

  it("are refused beyond the count and the bytes, and nothing of them is stored", async () => {
    for (const limits of [{ queuedStarts: 3 }, { queuedBytes: 1_200 }]) {
      const disk = new SmallDisk();
      const { shard } = shardOn(disk, {
        limits: { ...DEFAULT_LIMITS, ...limits },
        begin: () => new Promise(() => {}),
      });
      const all = Promise.all(
        Array.from({ length: 6 }, (_, n) => shard.accept(commandOf(n, { text: "x".repeat(150) }))),
      );
      await rest(disk);
      const refused = (await all).filter(({ ok }) => !ok);
      expect(refused.length).toBeGreaterThanOrEqual(2);
      expect(
        refused.every((one) => !one.ok && one.code === "too_many_queued" && /ERRAND_MAX_QUEUED/.test(one.detail)),
      ).toBe(true);
      expect(shard.tickets.depth + refused.length).toBe(6);
    }
  });

  it("hear of a storage that takes no write, and nothing begins", async () => {
    const disk = new SmallDisk();
    const store = disk.open(() => true);
    const broken: TicketStore = {
      ...store,
      write: () => {
        throw new Error("disk full");
      },
    };
    const { shard, world } = shardOn(disk, { store: broken });
    expect(await shard.accept(commandOf(1))).toMatchObject({ ok: false, code: "storage_unavailable" });
    expect([world.begun, shard.tickets.depth]).toEqual([[], 0]);
  });
});

describe("the drain", () => {
  it("begins few at once, each once, and leaves no row", async () => {
    const disk = await filled(120);
    const { shard, world } = shardOn(disk);
    world.now = 10_000;
    void shard.wake();
    await rest(disk, 200);
    expect(new Set(world.begun).size).toBe(120);
    expect(world.begun).toHaveLength(120);
    expect(world.most).toBe(32);
    expect(disk.rowCount).toBe(0);
  });

  it("begins 500 an invocation, and its alarm goes on at once", async () => {
    const disk = await filled(700);
    const { shard, world } = shardOn(disk);
    world.now = 10_000;
    await Promise.race([shard.wake(), rest(disk, 2_000)]);
    expect(world.begun).toHaveLength(500);
    expect(disk.alarmAtMs).toBe(10_000);
    world.now = 11_000;
    void shard.wake();
    await rest(disk, 500);
    expect(new Set(world.begun).size).toBe(700);
  });

  it("backs off when the platform has too much to do, and comes back by its alarm", async () => {
    const disk = await filled(3);
    let tries = 0;
    const { shard, world } = shardOn(disk, {
      begin: async () => {
        tries += 1;
        return refuse("overloaded", "too much");
      },
    });
    const waits: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      world.now += 60_000;
      await shard.wake();
      waits.push((disk.alarmAtMs ?? 0) - world.now);
    }
    expect(waits).toEqual([100, 200, 400, 800]);
    expect(tries).toBeLessThanOrEqual(12);
    expect(shard.tickets.depth).toBe(3);
  });

  it("takes turns of the owners", async () => {
    const disk = new SmallDisk();
    const { shard, world } = shardOn(disk, { room: () => new Promise(() => {}) });
    void world;
    for (let n = 0; n < 4; n += 1) void shard.accept(commandOf(n, { n }, "ann"));
    void shard.accept(commandOf(9, { n: 9 }, "bob"));
    await rest(disk);
    const next = shardOn(disk);
    void next.shard.wake();
    await rest(disk);
    expect(next.world.begun.indexOf("exec_9")).toBeLessThanOrEqual(1);
  });
});

describe("a wake", () => {
  it("reads no commands until one begins, and a look only those of its row", async () => {
    const disk = await filled(600);
    const { shard, world } = shardOn(disk, { begin: () => new Promise(() => {}) });
    expect(shard.tickets.depth).toBe(600);
    expect(world.read).toEqual([]);
    expect(shard.look(caller, ["exec_599", "exec_unknown"])).toMatchObject({
      exec_599: { ok: true, value: { state: { status: "queued" }, queue: { depth: 600 } } },
    });
    expect(world.read).toHaveLength(1);
  });
});

describe("a ticket that does not open", () => {
  it("stands aside while its key is missing, and begins when it is back", async () => {
    const disk = await filled(1);
    let sealer = OTHER;
    const { shard, world } = shardOn(disk, { sealer: () => accept(sealer) });
    world.now = 10_000;
    await shard.wake();
    expect(shard.look(caller, ["exec_0"]).exec_0).toMatchObject({ ok: false, code: "encryption_key_missing" });
    const accepted = shard.accept(commandOf(7));
    await rest(disk);
    expect([(await accepted).ok, world.begun]).toEqual([true, ["exec_7"]]);
    sealer = FIRST;
    world.now += 61_000;
    await shard.wake();
    await rest(disk);
    expect(world.begun).toEqual(["exec_7", "exec_0"]);
  });

  it("stands aside where newer code stored it", async () => {
    const disk = await filled(1);
    const store = disk.open(() => true);
    const newer: TicketStore = { ...store, marks: () => [...store.marks()].map((row) => ({ ...row, version: 2 })) };
    const { shard, world } = shardOn(disk, { store: newer });
    world.now = 10_000;
    await shard.wake();
    expect(world.begun).toEqual([]);
    expect(shard.look(caller, ["exec_0"]).exec_0).toMatchObject({ ok: false, detail: /newer code/ });
  });

  it("is answered with 503 where not even its marks can be read", async () => {
    const disk = await filled(1);
    const store = disk.open(() => true);
    const odd: TicketStore = { ...store, marks: () => [...store.marks()].map((row) => ({ ...row, marks: "[[]]" })) };
    const { shard } = shardOn(disk, { store: odd });
    expect(shard.look(caller, ["exec_0"]).exec_0).toMatchObject({ ok: false, code: "unavailable" });
  });

  it("stands aside after some starts that broke, so that the others go on", async () => {
    const disk = await filled(2);
    const { shard, world } = shardOn(disk, {
      begin: async ({ origin }) => {
        if (origin.id === "exec_0") throw new Error("it kills its object");
        world.begun.push(origin.id);
        return accept(null);
      },
    });
    for (let n = 0; n < 8; n += 1) {
      world.now += 20_000;
      await shard.wake();
    }
    expect(world.begun).toEqual(["exec_1"]);
    expect(shard.look(caller, ["exec_0"]).exec_0).toMatchObject({ value: { queue: { aside: /broke 5 times/ } } });
  });
});
