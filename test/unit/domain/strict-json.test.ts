import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseStrictJson } from "../../../src/domain/values/strict-json.ts";

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const detailOf = (text: string) => {
  const parsed = parseStrictJson(text);
  return parsed.ok ? "accepted" : parsed.detail;
};

describe("strict JSON", () => {
  test("what JSON.stringify writes is read as JSON.parse reads it", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8, noUnicodeString: false }), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        // Refused by name, which has tests of its own.
        fc.pre(!text.includes("__proto__") && !text.includes("constructor"));
        expect(parseStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
      { numRuns: 1_000 },
    );
  });

  test("any text is accepted or refused, never thrown at, and nothing that JSON.parse refuses is accepted", () => {
    const piece = fc.oneof(
      fc.constantFrom(...'{}[],:"\\-+.eE09tfn \n', "true", "null", '"a"', "/*", "\\u"),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join("");
        const parsed = parseStrictJson(text);
        if (parsed.ok) expect(parsed.value).toEqual(JSON.parse(text));
      }),
      { numRuns: 3_000 },
    );
  });

  test("one of two equal keys is found wherever the object is, and equal keys of different objects are not", () => {
    const inside = fc.array(fc.constantFrom("object", "list"), { maxLength: 6 });
    fc.assert(
      fc.property(inside, fc.string({ unit: "grapheme" }), fc.jsonValue(), (path, key, value) => {
        const wrap = (text: string) =>
          path.reduce((inner, kind) => (kind === "list" ? `[{},${inner}]` : `{"${"k"}":${inner}}`), text);
        const [name, held] = [JSON.stringify(key), JSON.stringify(value)];
        fc.pre(!`${name}${held}`.includes('"__proto__"'));
        expect(detailOf(wrap(`{${name}:${held},"other":{},${name}:${held}}`))).toMatch(/is there twice/);
        expect(parseStrictJson(wrap(`[{${name}:${held}},{${name}:${held}}]`)).ok).toBe(true);
      }),
    );
  });

  test.each([
    ["64 levels", nested(64), "accepted"],
    ["65 levels", nested(65), "64 levels"],
    ["the largest exact integer", "9007199254740991", "accepted"],
    ["two more", "9007199254740993", "rounded"],
    ["a power of two beyond it", "-1152921504606846976", "accepted"],
    ["a double as JavaScript writes it", "123456789012345680000", "accepted"],
    ["a long fraction", "0.1234567890123456789", "accepted"],
    ["a large double", "1.7e308", "accepted"],
    ["no double", "1e309", "1.8e308"],
    ["a whole pair", '"\\ud83d\\ude00"', "accepted"],
    ["half a pair", '["\\ud83d"]', "0: holds half"],
    ["a key called constructor", '{"constructor":"Ferrari"}', "accepted"],
    ["a key called prototype", '{"prototype":1}', "accepted"],
    ["both", '{"a":{"constructor":{"prototype":1}}}', "a.constructor.prototype:"],
    ["the name of a value, not of a key", '{"a":"__proto__","b":"__proto__"}', "accepted"],
  ])("%s", (_what, text, said) => {
    expect(detailOf(text)).toContain(said);
  });

  test("tells keys of digits apart from those that look like their marks, and finds them when they are there twice", () => {
    expect(parseStrictJson('{"1":1,"#1":2,"##1":3,"01":4,"":5,"#":6}')).toMatchObject({ ok: true });
    for (const text of ['{"1":1,"1":2}', '{"#1":1,"#1":2}', '{"a":{"1":1,"2":1,"\\u0031":2}}']) {
      expect(parseStrictJson(text)).toMatchObject({ ok: false, detail: expect.stringContaining("is there twice") });
    }
    expect(parseStrictJson('[{"1":1},{"1":2}]')).toMatchObject({ ok: true });
  });

  test("keys that a sender chose to fall on one place of a hash table are refused, and the keys of a program are not", () => {
    const objectOf = (keys: readonly string[]) => `{"of":{${keys.map((key) => `"${key}":1`).join(",")}}}`;
    const many = (keyOf: (index: number) => string) => Array.from({ length: 5_000 }, (_, index) => keyOf(index));
    const chosen = many((index) => String((index + 1) * 2 ** 17));
    expect(detailOf(objectOf(chosen))).toMatch(/^of\.\d+: is one of more than 128 keys/);
    const spread = [...many((index) => `id_${index}`), "4294901760"].flatMap((key, index) => [
      key,
      `${chosen[index % 100]}x`,
    ]);
    expect(detailOf(objectOf([...new Set(spread)]))).toBe("accepted");
    // Ids that were counted up, however large, and those of pages of a thousand.
    expect(detailOf(objectOf(many((index) => String(4_000_000_000 + index))))).toBe("accepted");
    expect(detailOf(objectOf(many((index) => String(index * 1_000))))).toBe("accepted");
    expect(detailOf(objectOf(chosen.slice(0, 128)))).toBe("accepted");
  });
});
