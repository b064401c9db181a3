import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { valuesInFeed } from "../../../src/domain/memory/change.ts";
import { fitsFilters } from "../../../src/domain/memory/filters.ts";
import { anyGlob, globMatcher } from "../../../src/domain/memory/glob.ts";
import { placesOf } from "../../../src/domain/memory/scope.ts";
import { Best, bytesOfVector, cosine, parseVector, vectorOfBytes } from "../../../src/domain/memory/vector.ts";

describe("a pattern of keys", () => {
  const fits: [pattern: string, key: string, fits: boolean][] = [
    ["*", "", true],
    ["*", "a/b", true],
    ["", "", true],
    ["", "a", false],
    ["user.*", "user.name", true],
    ["user.*", "users.name", false],
    ["*.name", "user.name", true],
    ["*.name", "user.names", false],
    ["a*b*c", "aXbYc", true],
    ["a*b*c", "acb", false],
    ["ab*ba", "aba", false],
    ["a**b", "ab", true],
    ["?", "😀", true],
    ["?", "ab", false],
    ["a?c*", "abcd", true],
    ["[ab]", "a", false],
    [".*", "abc", false],
    ["__proto__", "__proto__", true],
  ];
  it.each(fits)("%j on %j", (pattern, key, expected) => {
    expect(globMatcher(pattern)(key)).toBe(expected);
  });

  it("matches as the regular expression of the same meaning", () => {
    const text = fc.array(fc.constantFrom("a", "b", "*", "?"), { maxLength: 8 }).map((all) => all.join(""));
    const key = fc.array(fc.constantFrom("a", "b", "?"), { maxLength: 10 }).map((all) => all.join(""));
    fc.assert(
      fc.property(text, key, (pattern, subject) => {
        const regex = new RegExp(
          `^${pattern
            .replaceAll("*", ".*")
            .replaceAll("?", ".")
            .replaceAll(/[.]\*[.]\*/g, ".*")}$`,
        );
        expect(globMatcher(pattern)(subject)).toBe(regex.test(subject));
      }),
      { numRuns: 500 },
    );
  });

  it("costs at most its length times the key's, however many stars it has", () => {
    let looks = 0;
    const counted = new Proxy(Array.from("a".repeat(1_000)), {
      get(target, name) {
        if (typeof name === "string" && /^\d+$/.test(name)) looks += 1;
        return Reflect.get(target, name);
      },
    });
    const from = Array.from;
    Array.from = ((value: string) => (value.length === 1_000 ? counted : from(value))) as typeof Array.from;
    try {
      expect(globMatcher(`${"*a?".repeat(60)}*b`)("a".repeat(1_000))).toBe(false);
    } finally {
      Array.from = from;
    }
    expect(looks).toBeGreaterThan(0);
    expect(looks).toBeLessThan(182 * 1_000);
  });

  it("of several is enough when one fits, and none fits every key", () => {
    expect(anyGlob(["a*", "b*"])("bc")).toBe(true);
    expect(anyGlob(["a*", "b*"])("cc")).toBe(false);
    expect(anyGlob([])("anything")).toBe(true);
  });
});

describe("a key without a scope", () => {
  const whose = { tenant: "t", owner: "o" };
  it("is looked for in the workflow, the session, the actor and the global memory", () => {
    const places = placesOf(whose, { actor: "a", session: "s", workflow: "w" });
    expect(places.map(({ scope, scopeId, owner }) => [scope, scopeId, owner])).toEqual([
      ["workflow", "w", "o"],
      ["session", "s", "o"],
      ["actor", "a", "o"],
      ["global", "global", ""],
    ]);
  });
  it("skips the scopes that are not named", () => {
    expect(placesOf(whose, { actor: "a" }).map(({ scope }) => scope)).toEqual(["actor", "global"]);
  });
});

describe("vectors", () => {
  const vector = (...numbers: number[]) => parseVector(numbers) ?? new Float32Array();

  it("have a direction, and numbers that 32 bits hold", () => {
    for (const wrong of [[], [0, 0], [1e-60], [1e39], [Number.NaN, 1], [Number.POSITIVE_INFINITY]])
      expect(parseVector(wrong)).toBeUndefined();
    expect(parseVector([0, 1e38])).toBeDefined();
  });

  it("come back from their bytes as they were", () => {
    const one = vector(1.5, -2, 0.1, 3e38);
    expect(vectorOfBytes(bytesOfVector(one))).toEqual(one);
    const shifted = new Uint8Array(17);
    shifted.set(bytesOfVector(one), 1);
    expect(vectorOfBytes(shifted.subarray(1))).toEqual(one);
  });

  it("are alike by their direction alone", () => {
    expect(cosine(vector(1, 0), vector(5, 0))).toBe(1);
    expect(cosine(vector(1, 0), vector(-2, 0))).toBe(-1);
    expect(cosine(vector(1, 0), vector(0, 3))).toBe(0);
    expect(cosine(vector(1, 1), vector(1, 0))).toBeCloseTo(Math.SQRT1_2, 12);
    expect(cosine(vector(3e38, 3e38), vector(3e38, 3e38))).toBeCloseTo(1, 12);
  });

  it("are ranked as a full sort would, the earlier of two with one score first", () => {
    const scores = fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 40 });
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 10 }), (given, most) => {
        const best = new Best<number>(most);
        for (const [at, score] of given.entries()) best.add(score, at);
        const sorted = given
          .map((score, item) => ({ score, item }))
          .sort((a, b) => b.score - a.score || a.item - b.item);
        expect(best.items).toEqual(sorted.slice(0, most));
      }),
    );
  });

  it("are filtered by fields that are their own and equal, in whatever order they were written", () => {
    expect(fitsFilters({ a: 1, b: { x: 1, y: [2] } }, { b: { y: [2], x: 1 } })).toBe(true);
    expect(fitsFilters({ a: 1 }, { a: "1" })).toBe(false);
    expect(fitsFilters({ a: 1 }, {})).toBe(true);
    expect(fitsFilters({}, JSON.parse('{"__proto__": null}'))).toBe(false);
    expect(fitsFilters(JSON.parse('{"__proto__": {"a": 1}}'), JSON.parse('{"__proto__": {"a": 1}}'))).toBe(true);
    expect(fitsFilters({}, { constructor: "x" })).toBe(false);
    expect(fitsFilters({}, { toString: null })).toBe(false);
  });
});

describe("the values of a change", () => {
  it("are left out where they are too large, by name", () => {
    const large = JSON.stringify("x".repeat(300_000));
    expect(valuesInFeed({ data: "1", previous: large })).toEqual({ data: 1, omitted: ["previous"] });
    expect(valuesInFeed({ previous: '{"__proto__":1}' }).previous).toEqual(JSON.parse('{"__proto__":1}'));
    expect(valuesInFeed({})).toEqual({});
  });
});
