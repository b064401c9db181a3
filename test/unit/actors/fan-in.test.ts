import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WriteBatcher } from "../../../src/actors/projector/write-batcher.ts";

interface Entry {
  readonly name: string;
  readonly seq: number;
}
const entry = (name: string, seq = 1): Entry => ({ name, seq });

/** A receiver that refuses some entries, and that can be down as a whole. */
class Receiver {
  readonly rows = new Map<string, number>();
  readonly parked: string[] = [];
  readonly batches: number[] = [];
  readonly told: string[] = [];
  refused: readonly string[] = [];
  down = false;
  /** Entries kept while it is down; `undefined` when there is no room for any. */
  held: string[] | undefined;
  canPark = true;
  /** What a write waits for. */
  hold = Promise.resolve();

  readonly fanIn = new WriteBatcher<Entry>({
    write: async (entries) => {
      this.batches.push(entries.length);
      await this.hold;
      if (this.down) throw new Error("down");
      const bad = entries.find(({ name }) => this.refused.includes(name));
      if (bad) throw new Error(`${bad.name} does not fit`);
      for (const { name, seq } of entries) this.rows.set(name, seq);
    },
    written: (entries) => {
      for (const { name } of entries) this.told.push(name);
    },
    isUp: async () => !this.down,
    deadLetter: async ({ name }, error) => {
      if (!this.canPark) throw new Error("nor can it be parked");
      this.parked.push(`${name}: ${error}`);
    },
    nameOf: ({ name }) => name,
    seqOf: ({ seq }) => seq,
    isHolding: () => (this.held?.length ?? 0) > 0,
    hold: (entries) => {
      this.held?.push(...entries.map(({ name }) => name));
      return this.held !== undefined;
    },
  });

  /** How each was answered: written or parked, or sent back. */
  async send(entries: readonly Entry[]): Promise<string[]> {
    const settled = await Promise.allSettled(entries.map((one) => this.fanIn.add(one)));
    return settled.map(({ status }) => status);
  }
}

const many = Array.from({ length: 120 }, (_, n) => entry(`e${n}`));

describe("the fan-in", () => {
  test("gathers what comes at once into batches of fifty", async () => {
    const receiver = new Receiver();
    expect(new Set(await receiver.send(many))).toEqual(new Set(["fulfilled"]));
    expect(receiver.batches).toEqual([50, 50, 20]);
    expect(receiver.rows.size).toBe(120);
    expect(receiver.told).toHaveLength(120);
  });

  test("writes of several entries of one name only the newest, and answers all of them", async () => {
    const receiver = new Receiver();
    expect(await receiver.send([entry("a", 2), entry("a", 3), entry("a", 1)])).toEqual(Array(3).fill("fulfilled"));
    expect(receiver.batches).toEqual([1]);
    expect(receiver.rows.get("a")).toBe(3);
  });

  test("halves a batch that fails until the bad entries stand alone, and parks them with their error", async () => {
    const receiver = new Receiver();
    receiver.refused = ["e7", "e90"];
    expect(new Set(await receiver.send(many))).toEqual(new Set(["fulfilled"]));
    expect(receiver.parked).toEqual(["e7: Error: e7 does not fit", "e90: Error: e90 does not fit"]);
    expect(receiver.rows.size).toBe(118);
    expect(receiver.told).not.toContain("e7");
  });

  test("holds what comes while the receiver is down, and what comes after it, and its senders are done", async () => {
    const receiver = new Receiver();
    receiver.down = true;
    receiver.held = [];
    expect(new Set(await receiver.send(many.slice(0, 50)))).toEqual(new Set(["fulfilled"]));
    expect(new Set(await receiver.send([entry("late")]))).toEqual(new Set(["fulfilled"]));
    expect(receiver.batches).toEqual([50]);
    expect(receiver.held).toEqual([...many.slice(0, 50).map(({ name }) => name), "late"]);
    expect(receiver.parked).toEqual([]);
  });

  test("parks nothing and halves nothing while the receiver is down: without room every sender tries again", async () => {
    const receiver = new Receiver();
    receiver.down = true;
    receiver.refused = ["e7"];
    expect(new Set(await receiver.send(many.slice(0, 50)))).toEqual(new Set(["rejected"]));
    expect(receiver.batches).toEqual([50]);
    expect(receiver.parked).toEqual([]);
    receiver.down = false;
    expect(new Set(await receiver.send(many.slice(0, 50)))).toEqual(new Set(["fulfilled"]));
    expect(receiver.parked).toHaveLength(1);
  });

  test("sends an entry back that can neither be written nor parked", async () => {
    const receiver = new Receiver();
    receiver.refused = ["e1"];
    receiver.canPark = false;
    expect(await receiver.send(many.slice(0, 3))).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });
});

describe("a batch", () => {
  const receiver = () => {
    const made = new Receiver();
    return { made, send: (name: string) => void made.fanIn.add(entry(name)) };
  };
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("of one row is written once nothing came for 40 ms", async () => {
    const { made, send } = receiver();
    send("alone");
    await pass(39);
    expect(made.batches).toEqual([]);
    await pass(1);
    expect(made.batches).toEqual([1]);
  });

  test("stays open while rows come, and closes when they cease", async () => {
    const { made, send } = receiver();
    for (const name of ["a", "b", "c"]) {
      send(name);
      await pass(30);
    }
    expect(made.batches).toEqual([]);
    await pass(70);
    expect(made.batches).toEqual([3]);
  });

  test("is held open by a stream of rows for 250 ms and no longer", async () => {
    const { made, send } = receiver();
    for (let atMs = 0; atMs < 249; atMs += 10) {
      send(`at ${atMs}`);
      await pass(atMs === 240 ? 9 : 10);
    }
    expect(made.batches).toEqual([]);
    await pass(1);
    expect(made.batches).toEqual([25]);
  });

  test("of fifty rows waits for no quiet moment: it is written at the next look, and what came too late is the next one", async () => {
    const { made, send } = receiver();
    for (let n = 0; n < 49; n += 1) send(`e${n}`);
    await pass(39);
    send("the fiftieth");
    send("one more");
    await pass(1);
    expect(made.batches).toEqual([50]);
    await pass(40);
    expect(made.batches).toEqual([50, 1]);
  });

  test("that waits while another is being written has begun to count from then on", async () => {
    const { made, send } = receiver();
    let release = () => {};
    made.hold = new Promise((resolve) => {
      release = resolve;
    });
    send("a");
    await pass(40);
    for (const name of ["b", "c"]) {
      send(name);
      await pass(200);
    }
    expect(made.batches).toEqual([1]);
    release();
    await pass(40);
    expect(made.batches).toEqual([1, 2]);
  });
});
