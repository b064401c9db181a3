import { describe, expect, test } from "vitest";
import { FanIn } from "../../../src/actors/parts/fan-in.ts";

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
  canPark = true;

  readonly fanIn = new FanIn<Entry>({
    write: async (entries) => {
      this.batches.push(entries.length);
      await Promise.resolve();
      if (this.down) throw new Error("down");
      const bad = entries.find(({ name }) => this.refused.includes(name));
      if (bad) throw new Error(`${bad.name} does not fit`);
      for (const { name, seq } of entries) this.rows.set(name, seq);
    },
    written: (entries) => {
      for (const { name } of entries) this.told.push(name);
    },
    isUp: async () => !this.down,
    park: async ({ name }, error) => {
      if (!this.canPark) throw new Error("nor can it be parked");
      this.parked.push(`${name}: ${error}`);
    },
    nameOf: ({ name }) => name,
    seqOf: ({ seq }) => seq,
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

  test("parks nothing and halves nothing while the receiver is down: every sender tries again", async () => {
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
