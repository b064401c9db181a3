/** Who holds the slots of one queue: one line of descent shares a slot, and a word of an older epoch changes nothing. */
import { expect, test } from "vitest";
import type { Asked } from "../../../src/domain/intake/slot-book.ts";
import { SlotBook } from "../../../src/domain/intake/slot-book.ts";

const NOW = 1_000;
const asked = (id: string, more: Partial<Asked> = {}): Asked => ({
  ...{ id, epoch: 1, above: [], sinceMs: NOW, priority: 3, fairness: "x" },
  ...more,
});
/** Each slot that is held is looked at some day. */
const held = (book: SlotBook) => book.due(Number.POSITIVE_INFINITY);
const holders = (book: SlotBook) =>
  held(book)
    .map(({ id }) => id)
    .sort();

test("children of a parent that holds the one slot go into it one by one, each as soon as the one before has ended", () => {
  const book = new SlotBook([], { limit: 1 }, NOW);
  const above = ["parent"];
  expect(["parent", "c1"].map((id) => book.ask(asked(id, id === "parent" ? {} : { above }), NOW))).toEqual([
    true,
    true,
  ]);
  expect(["c2", "c3"].map((id) => book.ask(asked(id, { above }), NOW))).toEqual([false, false]);
  for (const next of ["c2", "c3"]) {
    const [ends = ""] = holders(book);
    book.giveBack(ends, 1, NOW);
    expect(holders(book)).toEqual([next, "parent"]);
  }
  expect(book.running).toBe(1);
});

test("what an older epoch gives back, and what is learnt of it, is none of the slot that it has now", () => {
  const book = new SlotBook([], { limit: 1 }, NOW);
  book.ask(asked("a"), NOW);
  book.ask(asked("b"), NOW);
  // Its older slot goes to the other one, and it waits.
  expect(book.ask(asked("a", { epoch: 2 }), NOW)).toBe(false);
  book.giveBack("b", 1, NOW);
  book.giveBack("a", 1, NOW);
  book.looked("a", 1, { told: true, checkAtMs: NOW + 60_000, checks: 0 });
  expect(held(book)).toMatchObject([{ id: "a", epoch: 2, untold: true, checkAtMs: NOW }]);
  book.giveBack("a", 2, NOW);
  expect([book.running, book.waiting]).toEqual([0, 0]);
});

test("one that waits and asks anew keeps its place, under its new epoch", () => {
  const book = new SlotBook([], { limit: 1 }, NOW);
  for (const id of ["a", "b", "c"]) book.ask(asked(id), NOW);
  expect(book.ask(asked("b", { epoch: 2 }), NOW)).toBe(false);
  book.giveBack("a", 1, NOW);
  expect(held(book)).toMatchObject([{ id: "b", epoch: 2, untold: true }]);
});

test("made anew from its rows it gives no slot that is taken", () => {
  const before = new SlotBook([], { limit: 3 }, NOW);
  for (const id of ["a", "b"]) before.ask(asked(id), NOW);
  before.giveBack("a", 1, NOW);
  const book = new SlotBook(before.takeChanges().put, { limit: 3 }, NOW);
  expect(["c", "d", "e"].map((id) => book.ask(asked(id), NOW))).toEqual([true, true, false]);
  expect([book.running, book.waiting]).toEqual([3, 1]);
});
