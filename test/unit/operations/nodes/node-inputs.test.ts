/** Inputs of nodes against the schemas that they registered: what is looked at, what is not, and which schemas are too much. */
import { describe, expect, test } from "vitest";
import { parseInput } from "../../../../src/define/parsed.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import { inputErrors, inputSchemaOf } from "../../../../src/operations/nodes/node-inputs.ts";

const paths = async (schema: Json, input: Json) => (await inputErrors(schema, input)).map(({ path }) => path);
const refusal = (schema: Json) => {
  const known = inputSchemaOf(schema);
  return known.ok ? "taken" : known.detail;
};

/** As pydantic writes it. */
const REVIEW: Json = {
  $defs: { Line: { type: "object", properties: { text: { type: "string" } }, required: ["text"] } },
  type: "object",
  properties: {
    lines: { type: "array", items: { $ref: "#/$defs/Line" } },
    limit: { anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }], default: 3 },
  },
  required: ["lines"],
};

test("a schema is made once, and one that changed is made anew", () => {
  const again = JSON.parse(JSON.stringify(REVIEW)) as Json;
  expect(inputSchemaOf(again)).toBe(inputSchemaOf(REVIEW));
  expect(inputSchemaOf({ ...(again as object), required: [] })).not.toBe(inputSchemaOf(REVIEW));
});

describe("an input", () => {
  test("that fits is taken as it came: no default is filled in, and keys that are not named stay", async () => {
    const input = { lines: [{ text: "a", more: 1 }], other: true };
    const known = inputSchemaOf(REVIEW);
    expect(known.ok && (await parseInput(known.value, input))).toEqual({ ok: true, value: { same: true } });
  });

  test("that does not fit names each field", async () => {
    expect(await paths(REVIEW, { lines: [{ text: 1 }, {}], limit: "x" })).toEqual(
      expect.arrayContaining(["lines.0.text", "lines.1.text", "limit"]),
    );
    expect(await paths(REVIEW, {})).toEqual(["lines"]);
  });

  test("is held up by no schema that cannot be checked", async () => {
    expect(await paths({ type: "object", if: {} }, {})).toEqual([]);
  });
});

describe("what could hold a processor", () => {
  test("patterns are not run: they are the node's own to check", async () => {
    const evil: Json = { type: "object", properties: { a: { type: "string", pattern: "^(a+)+$", format: "email" } } };
    expect(await paths(evil, { a: `${"a".repeat(50)}!` })).toEqual([]);
    expect(await paths({ type: "object", patternProperties: { "(a+)+$": { type: "null" } } }, { a: 1 })).toEqual([]);
  });

  const chain = (length: number, of: (next: Json) => Json): Json => {
    const names = Array.from({ length }, (_, at) => [
      `d${at}`,
      at + 1 < length ? of({ $ref: `#/$defs/d${at + 1}` }) : {},
    ]);
    return { $defs: Object.fromEntries(names), $ref: "#/$defs/d0" };
  };
  test.each<[string, Json, string]>([
    [
      "a schema in itself",
      { $defs: { a: { type: "array", items: { $ref: "#/$defs/a" } } }, $ref: "#/$defs/a" },
      "leads back",
    ],
    ["the whole in itself", { type: "object", properties: { a: { $ref: "#" } } }, "leads back"],
    ["two of two of two …", chain(30, (next) => ({ type: "object", properties: { a: next, b: next } })), "parts"],
    ["one of two of two …", chain(12, (next) => ({ anyOf: [next, next] })), "alternatives"],
    ["a deep one", chain(60, (next) => ({ type: "array", items: next })), "levels"],
    ["another one's", { $ref: "https://example.com/schema" }, "not in the schema itself"],
    ["nobody's", { $ref: "#/$defs/none" }, "names nothing"],
    ["what is not known here", { type: "object", unevaluatedProperties: false }, "not supported"],
  ])("%s is refused when it is registered", (_name, schema, word) => {
    expect(refusal(schema)).toContain(word);
    expect(refusal(schema)).toContain("validate_input false");
  });

  test("a type that is named a thousand times is one", () => {
    const nested = (level: number): Json =>
      level === 0 ? {} : { type: Array(100).fill("array") as string[], items: nested(level - 1) };
    const began = performance.now();
    expect(refusal(nested(20))).toBe("taken");
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
