/** Tickets under concurrency limits: their limiter is asked before an object is made, whatever dies in between. */
import { expect, test } from "vitest";
import type { ShardParts } from "../../../src/actors/intake/intake-shard.ts";
import { IntakeShard } from "../../../src/actors/intake/intake-shard.ts";
import type { CreateCommand } from "../../../src/domain/execution/command.ts";
import { systemPrincipal } from "../../../src/domain/execution/principal.ts";
import { SlotBook } from "../../../src/domain/intake/slot-book.ts";
import type { Ticket } from "../../../src/domain/intake/ticket.ts";
import { stateOf } from "../../../src/domain/intake/ticket.ts";
import { WaitingTickets } from "../../../src/domain/intake/waiting-tickets.ts";
import { accept, refuse } from "../../../src/domain/values/fault.ts";
import { DEFAULT_LIMITS } from "../../../src/domain/values/limits.ts";
import { slotMessage } from "../../../src/engine/outbox/slot-message.ts";
import { Vault } from "../../../src/vault/vault.ts";
import { SmallDisk } from "../../support/intake/small-disk.ts";
import { seeded } from "../../support/simulator/random.ts";

const SEALER = new Vault({ sealing: undefined, opening: new Map() }).sealerOf("shard");
const caller = systemPrincipal("acme");
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const commandOf = (id: string, isLimited = true): CreateCommand => ({
  type: "create",
  origin: {
    ...{ id, tenant: "acme", owner: "ann", agent: "a", fn: "f", kind: "skill", version: "1", runId: "r" },
    ...{ owned: false, digest: "", limits: {}, timeoutMs: 60_000 },
    ...(isLimited ? { queues: [{ name: "a/f", limit: 2 }] } : {}),
  },
  input: null,
  parsed: { same: true },
});

/** A shard, its limiter and the objects, which run until `end`. */
class Town {
  readonly disk = new SmallDisk();
  readonly book = new SlotBook([], { limit: 2 }, 0);
  readonly made: string[] = [];
  readonly asked: string[] = [];
  now = 10_000;
  shard: IntakeShard;
  readonly #draw: () => number;
  readonly #ended = new Set<string>();
  readonly #free: string[] = [];
  #life = 0;

  constructor(seed = 1) {
    this.#draw = seeded(seed);
    this.shard = this.#boot();
  }

  #boot(): IntakeShard {
    this.#life += 1;
    const life = this.#life;
    const isAlive = () => this.#life === life;
    const passes = async () => {
      for (let n = Math.floor(this.#draw() * 4); n > 0; n -= 1) await turn();
      if (!isAlive()) await new Promise(() => {});
    };
    const store = this.disk.open(isAlive);
    /** What leaves an object waits until what it wrote is durable. */
    const gate = async () => {
      if (isAlive() && this.disk.isDirty) await store.sync();
    };
    const parts: ShardParts = {
      store,
      sealer: () => accept(SEALER),
      limits: DEFAULT_LIMITS,
      unknown: () => undefined,
      room: () => undefined,
      now: () => this.now,
      pause: async () => {},
      setAlarm: (atMs) => isAlive() && this.disk.setAlarm(atMs),
      log: () => {},
      slot: async (ticket) => {
        await Promise.all([passes(), gate()]);
        const has = this.#ask(ticket);
        await passes();
        return has;
      },
      begin: async (ticket) => {
        await Promise.all([passes(), gate()]);
        const { id } = ticket.origin;
        if (!this.made.includes(id)) this.#make(ticket);
        await passes();
        return accept(null);
      },
    };
    return new IntakeShard(parts);
  }

  #ask(ticket: Ticket): boolean {
    const state = stateOf(ticket);
    const message = state && slotMessage(state, 0);
    if (message?.verb !== "ask") throw new Error("it asks for nothing");
    const { executionId: id, epoch, sinceMs, above } = message;
    this.asked.push(id);
    return this.book.ask({ id, epoch, sinceMs, above, priority: 3, fairness: "x" }, this.now);
  }

  /** As an object does, it asks for itself, under the same epoch. */
  #make(ticket: Ticket): void {
    this.made.push(ticket.origin.id);
    if (ticket.origin.queues) this.#ask(ticket);
    else this.#free.push(ticket.origin.id);
  }

  /** Objects that have a slot, or need none. */
  get running(): readonly string[] {
    const holders = this.book.due(Number.POSITIVE_INFINITY).map(({ id }) => id);
    return [...holders.filter((id) => this.made.includes(id) && !this.#ended.has(id)), ...this.#free];
  }

  /** As the limiter does: it tells those that waited, and asks those that hold a slot, shard first. */
  look(): void {
    for (const { id, epoch } of this.book.due(Number.POSITIVE_INFINITY)) {
      if (this.shard.admit(id)) continue;
      if (this.made.includes(id) && !this.#ended.has(id)) this.book.looked(id, epoch, { told: true });
      else if (this.made.includes(id)) this.book.giveBack(id, epoch, this.now);
    }
  }

  end(id: string): void {
    this.#ended.add(id);
    this.book.giveBack(id, 1, this.now);
  }

  crash(): void {
    this.disk.crash();
    this.shard = this.#boot();
    void this.shard.wake();
  }

  async rest(turns = 40): Promise<void> {
    for (let n = 0; n < turns; n += 1) {
      this.disk.flush();
      await turn();
    }
  }
}

test("one that has no slot is no object, and others go on; it begins when its limiter says so", async () => {
  const town = new Town();
  for (const id of ["a", "b", "c", "d"]) void town.shard.accept(commandOf(id));
  void town.shard.accept(commandOf("free", false));
  await town.rest();
  expect([...town.running].sort()).toEqual(["a", "b", "free"]);
  expect(town.made.sort()).toEqual(["a", "b", "free"]);
  expect(town.shard.tickets.depth).toBe(2);
  expect(town.book.waiting).toBe(2);
  town.end("a");
  town.look();
  await town.rest();
  expect([town.running.includes("c"), town.made.includes("d")]).toEqual([true, false]);
  // Asked again after very long, should the limiter have lost it.
  town.now = 20_000;
  await Promise.all([town.shard.wake(), town.rest()]);
  expect(town.disk.alarmAtMs).toBeGreaterThan(town.now + 3_000_000);
});

test("after a death no limiter is asked again for those that it knows of; it finds each, and is asked in its time", async () => {
  const town = new Town();
  const ids = Array.from({ length: 40 }, (_, n) => `e${n}`);
  for (const id of ids) void town.shard.accept(commandOf(id));
  await town.rest(200);
  const asked = town.asked.length;
  const againAtMs = town.shard.tickets.againAtMs ?? 0;
  expect([asked >= 40, town.shard.tickets.depth, againAtMs > town.now]).toEqual([true, 38, true]);
  for (let n = 0; n < 3; n += 1) {
    town.crash();
    await town.rest();
  }
  expect([town.asked.length, town.shard.tickets.againAtMs]).toEqual([asked, againAtMs]);
  const last = ids.filter((id) => !town.made.includes(id)).at(-1) ?? "";
  expect(town.shard.admit(last)).toBe(true);
  await town.rest();
  expect(town.made.includes(last)).toBe(true);
  town.now = againAtMs;
  await Promise.all([town.shard.wake(), town.rest(200)]);
  // All that is left; the object of the one that began asked for itself.
  expect(town.asked.length).toBe(asked + 1 + 37);
});

test("one that its limiter speaks of goes before all others, also where nothing was noted of it", () => {
  const tickets = new WaitingTickets();
  const marks = ["a", "b", "c", "d"].map((id) => ({
    ...{ id, tenant: "acme", owner: "ann", createdBy: undefined, node: undefined, atMs: 1, bytes: 1, queue: "a/f" },
  }));
  tickets.add(0, marks, { now: 1, notes: { gone: [], made: [], limited: [[1, 500]] } });
  for (const id of ["c", "b", "c"]) {
    const ticket = tickets.get(id);
    if (ticket) tickets.admit(ticket);
  }
  const order = [1, 2, 3, 4].map(() => tickets.take(2));
  expect(order.map((ticket) => ticket?.id)).toEqual(["c", "b", "a", "d"]);
  const [first] = order;
  if (first) tickets.putBack(first);
  if (first) tickets.admit(first);
  expect([tickets.take(2)?.id, tickets.take(2)]).toEqual(["c", undefined]);
});

test("a cancel makes its object, which asks for itself, and it is no ticket any more", async () => {
  const town = new Town();
  for (const id of ["a", "b", "c"]) void town.shard.accept(commandOf(id));
  await town.rest();
  await Promise.all([town.shard.make(caller, "c"), town.rest()]);
  await town.rest();
  expect(town.shard.tickets.depth).toBe(0);
  expect(town.shard.admit("c")).toBe(false);
});

test("one that stands aside takes no slot", async () => {
  const town = new Town();
  const disk = new SmallDisk();
  const shard = new IntakeShard({
    ...{ store: disk.open(() => true), sealer: () => accept(SEALER), limits: DEFAULT_LIMITS, log: () => {} },
    ...{
      unknown: () => undefined,
      room: () => undefined,
      now: () => town.now,
      pause: async () => {},
      setAlarm: () => {},
    },
    slot: async () => true,
    begin: async () => refuse("invalid_state", "no"),
  });
  void shard.accept(commandOf("a"));
  for (let n = 0; n < 20; n += 1) {
    disk.flush();
    await turn();
  }
  expect([shard.tickets.depth, shard.admit("a")]).toEqual([1, false]);
});

test("a word of the limiter that overtakes its answer counts", async () => {
  const town = new Town();
  const disk = new SmallDisk();
  const made: string[] = [];
  const shard: IntakeShard = new IntakeShard({
    ...{ store: disk.open(() => true), sealer: () => accept(SEALER), limits: DEFAULT_LIMITS, log: () => {} },
    ...{
      unknown: () => undefined,
      room: () => undefined,
      now: () => town.now,
      pause: async () => {},
      setAlarm: () => {},
    },
    slot: async ({ origin }) => {
      await turn();
      expect(shard.admit(origin.id)).toBe(true);
      return false;
    },
    begin: async ({ origin }) => {
      made.push(origin.id);
      return accept(null);
    },
  });
  void shard.accept(commandOf("a"));
  for (let n = 0; n < 20; n += 1) {
    disk.flush();
    await turn();
  }
  expect(made).toEqual(["a"]);
});

test("200 schedules with crashes: all begin, each once, never more at once than the limit, and no slot stays taken", async () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const town = new Town(seed);
    const draw = seeded(seed + 7_777);
    const ids = Array.from({ length: 12 }, (_, n) => `e${n}`);
    const accepted: string[] = [];
    for (const id of ids) void town.shard.accept(commandOf(id)).then(({ ok }) => ok && accepted.push(id));
    await town.rest(3);
    const ended = new Set<string>();
    const isDone = () => town.shard.tickets.depth + town.book.running + town.book.waiting === 0;
    for (let step = 0; step < 4_000 && (step < 300 || !isDone()); step += 1) {
      town.now += 50;
      const what = draw();
      if (what < 0.05 && step < 300) town.crash();
      else if (what < 0.4) {
        const [id] = [...town.running];
        if (id !== undefined) town.end(id);
        if (id !== undefined) ended.add(id);
      } else if (what < 0.7) town.look();
      if (draw() < 0.5) town.disk.flush();
      await turn();
      expect([seed, town.running.length <= 2]).toEqual([seed, true]);
    }
    expect([seed, ended.size, new Set(town.made).size]).toEqual([seed, town.made.length, town.made.length]);
    expect([seed, accepted.filter((id) => !ended.has(id))]).toEqual([seed, []]);
    expect([seed, town.book.running, town.book.waiting, town.shard.tickets.depth]).toEqual([seed, 0, 0, 0]);
  }
});
