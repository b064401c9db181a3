import { expect, test } from "vitest";
import { changesOf, differenceOf, isSame, sidesOf } from "../../../src/dashboard/compare/difference.ts";
import { Prefix } from "../../../src/dashboard/execution/prefix.ts";
import type { Event } from "../../../src/domain/execution/event.ts";

const started = (key: string, input: unknown = null) => ({
  type: "step.started",
  data: { key, kind: "effect", name: key, attempt: 1, input },
});
const done = (key: string, output: unknown, more: object = {}) => ({
  type: "step.completed",
  data: { key, kind: "effect", name: key, attempt: 1, output, ...more },
});
const asks = (gateId: string, payload: unknown) => ({
  type: "gate.opened",
  data: { gateId, key: "ask", kind: "pause", name: "Ask", payload },
});

function sides(...news: readonly object[]) {
  const all = [{ type: "execution.created", data: {} }, ...news];
  const events = all.map((one, at) => ({ ...one, seq: at + 1, atMs: 1_000 + at, actor: "program", v: 1 }) as Event);
  return sidesOf(new Prefix().to(events, events.length).trace.spans, events);
}

const rows = (left: ReturnType<typeof sides>, right: ReturnType<typeof sides>) =>
  differenceOf(left, right).map(({ key, differs }) => [key, ...differs]);

test("the same log twice differs in nothing; the id of an approval does not count", () => {
  const one = sides(started("a", { n: 1 }), done("a", 2), asks("gate_1", { sum: 3 }));
  const two = sides(started("a", { n: 1 }), done("a", 2), asks("gate_2", { sum: 3 }));
  expect(rows(one, two)).toEqual([["a"], ["approval Ask 0"]]);
});

test("an entry differs in what was asked, in what came of it, in how it stands, or stands on one side alone", () => {
  const left = sides(started("a", { n: 1 }), done("a", 2), started("b"), done("b", 1), started("c"), done("c", 0));
  const right = sides(started("a", { n: 9 }), done("a", 2), started("new"), started("b"), started("c"), done("c", 5));
  expect(rows(left, right)).toEqual([
    ["a", "input"],
    ["new", "only right"],
    ["b", "status", "result"],
    ["c", "result"],
  ]);
  expect(rows(right, left)).toEqual([
    ["a", "input"],
    ["new", "only left"],
    ["b", "status", "result"],
    ["c", "result"],
  ]);
});

test("what was taken over says from whom", () => {
  const taken = {
    type: "step.completed",
    data: { key: "a", kind: "effect", name: "a", attempt: 1, reusedFrom: "exec_0" },
  };
  const offer = { key: "a", kind: "effect", name: "a", from: "exec_0", output: 2 };
  const offered = (more: object) => ({
    type: "journal.inherited",
    data: { from: "exec_0", offers: [{ ...offer, ...more }] },
  });
  const source = sides(started("a", { n: 1 }), done("a", 2));
  const differs = (more: object) => differenceOf(source, sides(offered(more), taken))[0]?.differs;
  expect(differenceOf(source, sides(offered({}), taken))[0]?.right?.reusedFrom).toBe("exec_0");
  expect([differs({}), differs({ input: { n: 1 } })]).toEqual([[], []]);
  expect([differs({ output: 3 }), differs({ input: { n: 2 } })]).toEqual([["result"], ["input"]]);
});

test.each([
  [{ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }, []],
  [{ a: 1 }, { a: 2 }, [["a", 1, 2]]],
  [{ a: [{ b: 1 }] }, { a: [{ b: 1 }, 3] }, [["a.1", undefined, 3]]],
  [{ a: null }, {}, [["a", null, undefined]]],
  [[1], { 0: 1 }, [["", [1], { 0: 1 }]]],
  ["x", undefined, [["", "x", undefined]]],
] as const)("two values differ at their places: %j and %j", (left, right, changes) => {
  expect(changesOf(left, right, 10).map((one) => [one.path, one.left, one.right])).toEqual(changes);
  expect(isSame(left, right)).toBe(changes.length === 0);
});

test("so many differences are found and no more, also in a value that is nested deeper than the stack", () => {
  const long = (n: number) => Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`f${at}`, n]));
  expect(changesOf(long(1), long(2), 100).map(({ path }) => path)).toEqual(
    Array.from({ length: 100 }, (_, at) => `f${at}`),
  );
  const deep = (leaf: number) => {
    let value: unknown = leaf;
    for (let at = 0; at < 5_000; at += 1) value = [value];
    return value;
  };
  expect(changesOf(deep(1), deep(2), 10)).toHaveLength(1);
});
