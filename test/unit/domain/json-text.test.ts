import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonText, MAX_ROW_BYTES, utf8Bytes } from "../../../src/domain/json-text.ts";

class Point {
  readonly x = 1;
}
const circle: Record<string, unknown> = { a: [1] };
circle.self = circle;
const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
// biome-ignore lint/suspicious/noSparseArray: a hole is what is tested.
const holed = [1, , 2];

describe("a value as JSON text", () => {
  it.each<[string, unknown, string]>([
    ["nothing at all", undefined, "null"],
    ["a plain object", { a: 1, b: [true, null, "x"] }, '{"a":1,"b":[true,null,"x"]}'],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ["a property that is undefined", { a: undefined, b: 1 }, '{"b":1}'],
    ["one object in two places", [circle.a, circle.a], "[[1],[1]]"],
    ["minus zero", -0, "0"],
  ])("is made of %s", (_, value, text) => {
    expect(jsonText(value, "it")).toEqual({ ok: true, text });
  });

  it.each<[string, unknown, string, RegExp]>([
    ["NaN", { percent: Number.NaN }, "percent", /NaN/],
    ["Infinity", [1, Number.POSITIVE_INFINITY], "1", /finite/],
    ["a bigint", { a: { b: [0, 1n] } }, "a.b.1", /bigint/],
    ["a function", () => 1, "", /function/],
    ["a symbol", { s: Symbol("s") }, "s", /symbol/],
    ["undefined in an array", { list: [undefined] }, "list.0", /use null/],
    ["a hole", holed, "1", /use null/],
    ["a Date", { at: new Date(0) }, "at", /Date/],
    ["a Map", { map: new Map([[1, 2]]) }, "map", /Map/],
    ["an Error", { cause: new TypeError("x") }, "cause", /TypeError/],
    ["an object of a class", [new Point()], "0", /Point/],
    ["bytes", { bytes: new Uint8Array(2) }, "bytes", /Uint8Array/],
    ["a circle", circle, "self", /itself/],
    ["a promise", { later: Promise.resolve(1) }, "later", /Promise/],
    ["too many levels", deep(501), Array(500).fill(0).join("."), /500 levels/],
    [
      "a getter that throws",
      {
        get bad() {
          throw new Error("no");
        },
      },
      "bad",
      /threw/,
    ],
    [
      "a proxy that throws",
      {
        p: new Proxy(
          {},
          {
            getPrototypeOf: () => {
              throw new Error("no");
            },
          },
        ),
      },
      "p",
      /threw/,
    ],
  ])("is refused with its path: %s", (...[, value, path, detail]) => {
    const made = jsonText(value, 'the result of "x"');
    expect(made).toMatchObject({ ok: false, code: "value_not_json", path });
    expect(made.ok ? "" : made.detail).toMatch(detail);
    expect(made.ok ? "" : made.detail).toMatch(/^the result of "x" is no JSON: /);
  });

  it("is refused above the limit in bytes, not in characters", () => {
    const most = "é".repeat((MAX_ROW_BYTES - 2) / 2);
    expect(jsonText(most, "it").ok).toBe(true);
    expect(jsonText(`${most}x`, "it")).toMatchObject({ ok: false, code: "value_too_large" });
  });

  it("never throws, and gives back what JSON carries", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true }), (value) => {
        const made = jsonText(value, "it");
        if (made.ok) expect(JSON.parse(made.text)).toEqual(JSON.parse(JSON.stringify(value) ?? "null"));
        else expect(made.detail).toContain("it");
      }),
    );
  });

  it("counts bytes as UTF-8 does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).length);
      }),
    );
    expect(utf8Bytes("\ud800x\udc00")).toBe(new TextEncoder().encode("\ud800x\udc00").length);
  });
});
