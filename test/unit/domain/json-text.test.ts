import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitsBytes, jsonText, MAX_DEPTH, MAX_VALUE_BYTES, utf8Bytes } from "../../../src/domain/values/json-text.ts";

const textOf = (value: unknown) => jsonText(value, "it");

class Point {
  readonly x = 1;
}
class Money {
  readonly cents: number;
  constructor(cents: number) {
    this.cents = cents;
  }
  toJSON() {
    return { cents: this.cents };
  }
}
class List extends Array<number> {}

const circular: Record<string, unknown> = { a: [] };
(circular.a as unknown[]).push(circular);
const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const named = Object.assign([1, 2], { index: 3 });
const hostile = {
  getPrototypeOf: () => {
    throw new Error("no");
  },
};
const throwing = {
  get a() {
    throw new Error("no");
  },
};

describe("a value that JSON cannot carry", () => {
  it.each<[string, unknown, string, string]>([
    ["undefined in an array", { a: [1, undefined] }, "a.1", "is undefined"],
    ["a hole of a sparse array", { a: Object.assign([], { 0: 1, 2: 3 }) }, "a.1", "is undefined"],
    ["a function", { f: () => 1 }, "f", "is a function"],
    ["a method", { toJSON: () => ({ f() {} }) }, "f", "is a function"],
    ["a symbol", [Symbol("x")], "0", "is a symbol"],
    ["a key that is a symbol", { a: { [Symbol("x")]: 1 } }, "a", "has the key Symbol(x)"],
    ["a BigInt", { a: { b: 5n } }, "a.b", "is a bigint"],
    ["NaN", [[Number.NaN]], "0.0", "is NaN"],
    ["Infinity", { n: Number.NEGATIVE_INFINITY }, "n", "is -Infinity"],
    ["a Map", { m: new Map([["a", 1]]) }, "m", "is a Map"],
    ["a Set", new Set([1]), "", "is a Set"],
    ["an object of a class", { p: new Point() }, "p", "is a Point"],
    ["an Error", { e: new TypeError("x") }, "e", "is a TypeError"],
    ["a list of a class", { l: List.of(1) }, "l", "is a List"],
    ["an array with named properties", { m: named }, "m", "named properties"],
    ["bytes", { b: new Uint8Array(2) }, "b", "is a Uint8Array"],
    ["a promise", { p: Promise.resolve(1) }, "p", "is a Promise"],
    ["an invalid Date", [new Date(Number.NaN)], "0", "is an invalid Date"],
    ["a circular value", circular, "a.0", "holds itself"],
    ["a form that is none", { m: { toJSON: () => undefined } }, "m", "is undefined"],
    ["a boxed text", { s: Object("x") }, "s", "is a String"],
    ["too many levels", deep(MAX_DEPTH + 1), "0".repeat(MAX_DEPTH).split("").join("."), "nested deeper than 500"],
    ["a getter that throws", { a: throwing }, "a.a", "threw when it was read"],
    ["a proxy that throws", { p: new Proxy({}, hostile) }, "p", "threw when it was read"],
    ["a revoked proxy", { a: revoked.proxy }, "a", "threw when it was read"],
  ])("is refused with its place: %s", (...[, value, path, reason]) => {
    expect(textOf(value)).toMatchObject({ ok: false, code: "value_not_json", path });
    expect(textOf(value)).toHaveProperty("detail", expect.stringMatching(/^it is no JSON: /));
    expect(textOf(value)).toHaveProperty("detail", expect.stringContaining(reason));
  });
});

describe("a value that JSON carries", () => {
  const shared = { a: 1 };
  it.each<[string, unknown, string]>([
    ["undefined as the whole", undefined, "null"],
    ["a property that is undefined", { a: undefined, b: 1 }, '{"b":1}'],
    ["a Date", { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ["a URL", new URL("https://a.example/"), '"https://a.example/"'],
    ["a class with a form of its own", [new Money(5)], '[{"cents":5}]'],
    ["minus zero", [-0], "[0]"],
    ["a value that stands twice", [shared, shared], '[{"a":1},{"a":1}]'],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ["a key __proto__", JSON.parse('{"__proto__":{"a":1}}'), '{"__proto__":{"a":1}}'],
    ["half a surrogate pair", "\ud800", '"\\ud800"'],
    ["the most levels", deep(MAX_DEPTH), `${"[".repeat(MAX_DEPTH)}1${"]".repeat(MAX_DEPTH)}`],
  ])("gets its text: %s", (...[, value, text]) => expect(textOf(value)).toEqual({ ok: true, text }));

  it("comes back as it was, whatever it is", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const made = textOf(value);
        expect(made.ok && JSON.parse(made.text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("is read once: what a getter says the second time is in no text", () => {
    let reads = 0;
    const value = {
      get a() {
        reads += 1;
        return reads === 1 ? 1 : () => {};
      },
    };
    expect(textOf(value)).toEqual({ ok: true, text: '{"a":1}' });
  });

  it("or not, there is an answer: nothing is thrown for anything at all", () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withMap: true,
          withSet: true,
          withSparseArray: true,
          withTypedArray: true,
          withDate: true,
          withNullPrototype: true,
        }),
        (value) => {
          const made = textOf(value);
          if (made.ok) JSON.parse(made.text);
          else expect(made.detail).not.toBe("");
        },
      ),
    );
  });
});

describe("the size of a text", () => {
  it("is counted in bytes of UTF-8", () => {
    const encoder = new TextEncoder();
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 50 }), (text) => {
        const bytes = encoder.encode(text).length;
        expect(utf8Bytes(text)).toBe(bytes);
        expect([fitsBytes(text, bytes), fitsBytes(text, bytes - 1)]).toEqual([true, false]);
      }),
    );
    expect(utf8Bytes("a\ud800b\udc00")).toBe(8);
  });

  it("is limited, and the refusal names the limit", () => {
    expect(jsonText("é".repeat(50), "it", 102).ok).toBe(true);
    expect(jsonText("é".repeat(51), "it", 102)).toMatchObject({ code: "value_too_large", path: "" });
    expect(jsonText("é".repeat(51), "it", 102)).toHaveProperty(
      "detail",
      expect.stringContaining("has 104 bytes; at most 102"),
    );
  });

  it("of a row is the default limit", () => {
    const most = "é".repeat((MAX_VALUE_BYTES - 2) / 2);
    expect(jsonText(most, "it").ok).toBe(true);
    expect(jsonText(`${most}x`, "it")).toMatchObject({ ok: false, code: "value_too_large" });
  });

  it("is looked at before the work: a small value whose text would be endless costs no more than the limit", () => {
    let value: unknown = "x";
    for (let level = 0; level < 100; level += 1) value = [value, value];
    expect(textOf(value)).toMatchObject({ ok: false, code: "value_too_large" });
  });
});
