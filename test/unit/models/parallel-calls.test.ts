/** Servers that leave out and repeat what tells parallel calls apart: drawn habits, and the ones that were met by name. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallPiece } from "../../../src/models/parallel-calls.ts";
import { ParallelCalls } from "../../../src/models/parallel-calls.ts";
import { growthOf } from "../../support/limits/growth.ts";

interface Made {
  readonly name: string;
  readonly input: { readonly [key: string]: number };
}

type Given = Partial<CallPiece>;
const piece = (given: Given): CallPiece => ({ index: undefined, id: "", name: "", written: "", ...given });

function read(deltas: readonly (readonly Given[])[], taken: readonly string[] = []) {
  const calls = new ParallelCalls();
  for (const delta of deltas) calls.take(delta.map(piece));
  return calls.blocks(new Set(taken));
}

const short = (deltas: readonly (readonly Given[])[]) =>
  read(deltas).map(({ name, input, malformed }) => (malformed === undefined ? { name, input } : { name, malformed }));

/** How a server writes calls down. */
interface Habit {
  readonly ids: "each" | "first" | "none" | "all the same";
  readonly indexes: "own" | "none" | "always 0";
  readonly names: "each" | "first";
  readonly written: "whole" | "split" | "bare head";
  readonly repeatsWhole: boolean;
}

const habit: fc.Arbitrary<Habit> = fc.record({
  ids: fc.constantFrom("each" as const, "first" as const, "none" as const, "all the same" as const),
  indexes: fc.constantFrom("own" as const, "none" as const, "always 0" as const),
  names: fc.constantFrom("each" as const, "first" as const),
  written: fc.constantFrom("whole" as const, "split" as const, "bare head" as const),
  repeatsWhole: fc.boolean(),
});

const made: fc.Arbitrary<Made> = fc.record({
  name: fc.constantFrom("a", "b"),
  input: fc.dictionary(fc.constantFrom("x", "y"), fc.nat(99)) as fc.Arbitrary<Made["input"]>,
});

function piecesOf({ name, input }: Made, nth: number, { ids, indexes, names, written, repeatsWhole }: Habit): Given[] {
  const text = JSON.stringify(input);
  const half = Math.ceil(text.length / 2);
  const texts = { whole: [text], split: [text.slice(0, half), text.slice(half)], "bare head": ["", text] }[written];
  const id = { each: `call_${nth}`, first: `call_${nth}`, none: "", "all the same": "call" }[ids];
  const index = { own: nth, none: undefined, "always 0": 0 }[indexes];
  const head = { index, id, name };
  const later = { index, id: ids === "first" ? "" : id, name: names === "each" ? name : "" };
  const pieces = texts.map((part, at) => ({ ...(at === 0 ? head : later), written: part }));
  return repeatsWhole && (ids === "each" || indexes === "own") ? [...pieces, { ...head, written: text }] : pieces;
}

/** Nothing but their content tells such calls apart, and a call that looks like its repetition is one. */
const looksRepeated = (calls: readonly Made[]) =>
  calls.some(({ name, input }, at) => {
    const before = calls[at - 1];
    return before?.name === name && JSON.stringify(before.input) === JSON.stringify(input);
  });

describe("parallel calls", () => {
  it("are the model's own, one after the other, whatever the server leaves out or repeats", () => {
    fc.assert(
      fc.property(fc.array(made, { minLength: 1, maxLength: 5 }), habit, (calls, server) => {
        const told = server.ids === "each" || server.ids === "first" || server.indexes === "own";
        fc.pre(told || !looksRepeated(calls));
        const deltas = calls.flatMap((call, nth) => piecesOf(call, nth, server).map((one) => [one]));
        expect(short(deltas)).toEqual(calls);
      }),
      { numRuns: 3_000 },
    );
  });

  it("are the model's own in one delta", () => {
    const whole = habit.map((server): Habit => ({ ...server, written: "whole", repeatsWhole: false }));
    fc.assert(
      fc.property(fc.array(made, { minLength: 1, maxLength: 5 }), whole, (calls, server) => {
        expect(short([calls.flatMap((call, nth) => piecesOf(call, nth, server))])).toEqual(calls);
      }),
      { numRuns: 1_000 },
    );
  });

  it("are the model's own in any order of their pieces, where each piece says whose it is", () => {
    const sure = fc.constantFrom<Pick<Habit, "ids" | "indexes">>(
      { ids: "each", indexes: "own" },
      { ids: "first", indexes: "own" },
      { ids: "none", indexes: "own" },
      { ids: "each", indexes: "none" },
      { ids: "each", indexes: "always 0" },
    );
    const order = fc.array(fc.nat(1_000), { minLength: 30, maxLength: 30 });
    const story = fc.record({
      calls: fc.array(made, { minLength: 2, maxLength: 4 }),
      known: sure,
      drawn: habit,
      draws: order,
    });
    fc.assert(
      fc.property(story, ({ calls, known, drawn, draws }) => {
        const server: Habit = { ...drawn, ...known, repeatsWhole: false };
        const queues = calls.map((call, nth) => piecesOf(call, nth, server));
        const deltas: Given[][] = [];
        for (const draw of draws) {
          const queue = queues
            .filter(({ length }) => length > 0)
            .at(draw % Math.max(1, queues.filter((q) => q.length).length));
          const next = queue?.shift();
          if (next) deltas.push([next]);
        }
        const byInput = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
        expect(short(deltas).toSorted(byInput)).toEqual([...calls].toSorted(byInput));
        if (known.indexes === "own") expect(short(deltas)).toEqual(calls);
      }),
      { numRuns: 2_000 },
    );
  });

  it("have ids of their own, in this answer and in the conversation", () => {
    const deltas = [
      [{ index: 0, id: "call_0", name: "a", written: "{}" }],
      [{ index: 1, id: "call_0", name: "b", written: "{}" }],
    ];
    expect(read(deltas, ["call_0"]).map(({ id }) => id)).toEqual(["call_0_2", "call_0_3"]);
    const nameless = [[{ name: "a", written: "{}" }], [{ name: "b", written: "{}" }]];
    expect(read(nameless, ["call_1"]).map(({ id }) => id)).toEqual(["call_1_2", "call_2"]);
  });

  const cases: [string, Given[][], object[]][] = [
    [
      "a head that comes after its arguments",
      [[{ index: 0, written: '{"x":1}' }], [{ index: 0, id: "c", name: "a" }]],
      [{ name: "a", input: { x: 1 } }],
    ],
    [
      "heads together, then arguments together, with no identity",
      [
        [{ name: "a" }, { name: "b" }],
        [{ written: '{"x":1}' }, { written: '{"y":2}' }],
      ],
      [
        { name: "a", input: { x: 1 } },
        { name: "b", input: { y: 2 } },
      ],
    ],
    [
      "an index that is used again",
      [[{ index: 0, id: "1", name: "a", written: '{"x":1}' }], [{ index: 0, id: "2", name: "a", written: '{"x":1}' }]],
      [
        { name: "a", input: { x: 1 } },
        { name: "a", input: { x: 1 } },
      ],
    ],
    [
      "an id that is used again",
      [[{ id: "1", name: "a", written: '{"x":1}' }], [{ id: "1", name: "a", written: '{"x":2}' }]],
      [
        { name: "a", input: { x: 1 } },
        { name: "a", input: { x: 2 } },
      ],
    ],
    [
      "two calls without arguments",
      [[{ index: 0, name: "a" }], [{ index: 0, name: "b" }]],
      [
        { name: "a", input: {} },
        { name: "b", input: {} },
      ],
    ],
    [
      "a last piece that says only the name",
      [[{ index: 0, id: "1", name: "a", written: '{"x":1}' }], [{ index: 0, id: "1", name: "a" }]],
      [{ name: "a", input: { x: 1 } }],
    ],
    ["an empty piece", [[{}]], []],
    ["a call without a name", [[{ index: 0, written: "{}" }]], [{ name: "unnamed", input: {} }]],
    [
      "pieces that nothing tells apart",
      [[{ name: "a", written: '{"x"' }], [{ name: "b", written: '{"y"' }], [{ written: ":1}" }]],
      [
        { name: "a", malformed: '{"x"' },
        { name: "b", input: { y: 1 } },
      ],
    ],
  ];
  it.each(cases)("%s", (_, deltas, calls) => {
    expect(short(deltas)).toEqual(calls);
  });

  it("take time in proportion to what is written", () => {
    const write = (count: number) => {
      const calls = new ParallelCalls();
      for (let at = 0; at < count; at += 1)
        calls.take([piece({ id: "1", name: "a", written: at === 0 ? '{"x":"' : "word}" })]);
      calls.take([piece({ id: "1", name: "a", written: '"}' })]);
      expect(calls.blocks(new Set())).toHaveLength(1);
    };
    expect(growthOf(80_000, (count) => count, write)).toMatchObject({ isLinear: true });
  });
});
