import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HeldEntries } from "../../../../src/actors/projector/held-entries.ts";
import { ObjectStorage } from "../../../support/object-storage.ts";

interface Entry {
  readonly name: string;
  readonly seq: number;
  readonly text?: string;
}
const parts = {
  nameOf: ({ name }: Entry) => name,
  seqOf: ({ seq }: Entry) => seq,
  maxCharacters: 10_000_000,
};
const made = (disk = new ObjectStorage(), maxCharacters = parts.maxCharacters) => ({
  disk,
  held: new HeldEntries<Entry>(disk.storage, { ...parts, maxCharacters }),
});

/** Everything that is held, in the order in which it would be written, as the index would have it afterwards. */
function drained(held: HeldEntries<Entry>): Map<string, number> {
  const index = new Map<string, number>();
  for (let page = held.oldest(); page; page = held.oldest()) {
    for (const { name, seq } of page.entries) index.set(name, Math.max(seq, index.get(name) ?? 0));
    held.remove(page);
  }
  return index;
}

describe("entries that are held", () => {
  it("cost one row written for many", () => {
    const { disk, held } = made();
    expect(held.size).toBe(0);
    disk.rowsWritten = 0;
    held.hold(Array.from({ length: 50 }, (_, n) => ({ name: `e${n}`, seq: 1 })));
    expect(held.size).toBe(50);
    // One for the table, one for the row.
    expect(disk.rowsWritten).toBe(2);
  });

  it("are the newest of their names, and an older one changes nothing", () => {
    const { held } = made();
    held.hold([{ name: "a", seq: 2 }]);
    held.hold([{ name: "a", seq: 1 }]);
    held.hold([
      { name: "b", seq: 1 },
      { name: "b", seq: 4 },
    ]);
    expect([held.has("a"), held.has("c"), held.size]).toEqual([true, false, 2]);
    expect(drained(held)).toEqual(
      new Map([
        ["a", 2],
        ["b", 4],
      ]),
    );
    expect(held.oldest()).toBeUndefined();
  });

  it("are refused as a whole above the bound, and what is held stays", () => {
    const { held } = made(new ObjectStorage(), 1_000);
    expect(held.hold([{ name: "a", seq: 1, text: "x".repeat(600) }])).toBe(true);
    expect(held.hold([{ name: "b", seq: 1, text: "x".repeat(600) }])).toBe(false);
    expect([held.has("a"), held.has("b")]).toEqual([true, false]);
    drained(held);
    expect(held.hold([{ name: "b", seq: 1, text: "x".repeat(600) }])).toBe(true);
  });

  it("that change ten thousand times take no more room than the live ones and a little", () => {
    const { disk, held } = made();
    for (let seq = 1; seq <= 2_000; seq += 1)
      held.hold(Array.from({ length: 5 }, (_, n) => ({ name: `e${n}`, seq, text: "x".repeat(100) })));
    const stored = disk.sqlite.prepare("SELECT sum(length(entries)) AS n FROM held").get() as { n: number };
    expect(stored.n).toBeLessThan(200 * 150);
    expect(drained(held)).toEqual(new Map(Array.from({ length: 5 }, (_, n) => [`e${n}`, 2_000])));
  });

  it("larger than one row are several rows", () => {
    const { disk, held } = made();
    held.hold(Array.from({ length: 12 }, (_, n) => ({ name: `e${n}`, seq: 1, text: "x".repeat(100_000) })));
    expect(disk.sqlite.prepare("SELECT count(*) AS n, max(length(entries)) AS most FROM held").get()).toMatchObject({
      n: 3,
    });
    expect(drained(held).size).toBe(12);
  });

  it("are the same after each restart in between, whatever is held, removed and held again", () => {
    const entry = fc.record({
      name: fc.constantFrom("a", "b", "c", "__proto__"),
      seq: fc.integer({ min: 1, max: 60 }),
    });
    const act = fc.oneof(
      fc.array(entry, { maxLength: 6 }).map((entries) => ({ entries })),
      fc.constant("remove" as const),
      fc.constant("restart" as const),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const { disk, held: first } = made();
        let held = first;
        const model = new Map<string, number>();
        const index = new Map<string, number>();
        for (const one of acts) {
          if (one === "restart") held = made(disk).held;
          else if (one === "remove") {
            const page = held.oldest();
            for (const { name, seq } of page?.entries ?? []) index.set(name, Math.max(seq, index.get(name) ?? 0));
            if (page) held.remove(page);
          } else {
            held.hold(one.entries);
            for (const { name, seq } of one.entries) model.set(name, Math.max(seq, model.get(name) ?? 0));
          }
        }
        for (const [name, seq] of drained(held)) index.set(name, Math.max(seq, index.get(name) ?? 0));
        expect(index).toEqual(model);
      }),
      { numRuns: 300 },
    );
  });
});
