import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defineAgent, defineExecution, defineTool } from "../../../src/define/index.ts";
import { jsonSchemaOf } from "../../../src/define/json-schema.ts";
import { parseJson } from "../../../src/define/parsed.ts";
import { strict } from "../../../src/define/strict.ts";
import type { Json } from "../../../src/domain/values/json.ts";

const Open = z.object({ a: z.number().optional() });
interface Node {
  readonly next?: Node | undefined;
}
const Recursive: z.ZodType<Node> = z.object({ next: z.lazy(() => Recursive).optional() });
const anew = (): z.ZodType => z.object({ next: z.lazy(() => anew()).optional() });

interface Row {
  readonly name: string;
  readonly schema: z.core.$ZodType;
  readonly fits: Json;
  readonly more: Json;
  /** Of the unknown key. */
  readonly path: string;
}
const row = (name: string, schema: z.core.$ZodType, [fits, more, path]: [Json, Json, string]): Row => ({
  ...{ name, schema, fits, more, path },
});
const plain: [Json, Json, string] = [{ a: 1 }, { a: 1, x: 2 }, "x"];

/** Each kind that may stand around an object, and what it must refuse. */
const CONTAINERS: { readonly [kind: string]: readonly Row[] } = {
  object: [
    row("an object", Open, plain),
    row("a field", z.object({ o: Open }), [{ o: { a: 1 } }, { o: { x: 1 } }, "o.x"]),
    row("a catchall", z.object({}).catchall(Open), [{ k: { a: 1 } }, { k: { x: 1 } }, "k.x"]),
  ],
  array: [row("an array", z.array(Open), [[{ a: 1 }], [{ a: 1 }, { x: 1 }], "1.x"])],
  record: [
    row("a record", z.record(z.string(), Open), [{ r: {} }, { r: { x: 1 } }, "r.x"]),
    row("a partial record", z.partialRecord(z.enum(["r"]), Open), [{ r: {} }, { r: { x: 1 } }, "r.x"]),
  ],
  tuple: [
    row("a tuple", z.tuple([z.string(), Open]), [["s", {}], ["s", { x: 1 }], "1.x"]),
    row("the rest of a tuple", z.tuple([z.string()], Open), [["s", {}], ["s", {}, { x: 1 }], "2.x"]),
  ],
  union: [
    row("a union", z.union([z.string(), Open]), plain),
    row("a union of objects", z.union([Open, z.object({ b: z.number() })]), plain),
    row("the second option", z.union([z.object({ c: z.string() }), Open]), plain),
    row("a union in a union", z.union([z.string(), z.union([z.number(), Open])]), plain),
    row("a union of arrays", z.array(z.union([z.string(), Open])), [[{ a: 1 }], ["s", { x: 1 }], "1.x"]),
    row(
      "a discriminated union",
      z.discriminatedUnion("k", [z.object({ k: z.literal(1) }), z.object({ k: z.literal(2), b: Open })]),
      [{ k: 2, b: {} }, { k: 2, b: { x: 1 } }, "b.x"],
    ),
    row("an option of one", z.discriminatedUnion("k", [z.object({ k: z.literal(1) })]), [
      { k: 1 },
      { k: 1, x: 1 },
      "x",
    ]),
    row("an exclusive union", z.xor([z.string(), Open]), plain),
  ],
  intersection: [
    row("an intersection", z.object({ b: z.number() }).and(Open), [{ a: 1, b: 1 }, { a: 1, b: 1, x: 1 }, "x"]),
    row("one in another", z.object({ b: z.number() }).and(z.object({ c: z.number() }).and(Open)), [
      { a: 1, b: 1, c: 1 },
      { a: 1, b: 1, c: 1, x: 1 },
      "x",
    ]),
    row(
      "one with a union",
      z.object({ b: z.number() }).and(z.union([z.object({ c: z.number() }), z.object({ d: Open })])),
      [{ b: 1, d: {} }, { b: 1, d: { x: 1 } }, "d.x"],
    ),
  ],
  lazy: [
    row(
      "a lazy",
      z.lazy(() => Open),
      plain,
    ),
    row("one that holds itself", Recursive, [{ next: { next: {} } }, { next: { next: { x: 1 } } }, "next.next.x"]),
    row("one that is made anew", anew(), [{ next: { next: {} } }, { next: { next: { x: 1 } } }, "next.next.x"]),
  ],
  optional: [row("an optional", z.object({ o: Open.optional() }), [{}, { o: { x: 1 } }, "o.x"])],
  nullable: [row("a nullable", Open.nullable(), plain)],
  nonoptional: [row("a nonoptional", z.nonoptional(Open.optional()), plain)],
  default: [row("a default", z.object({ o: Open.default({}) }), [{}, { o: { x: 1 } }, "o.x"])],
  prefault: [row("a prefault", z.object({ o: Open.prefault({}) }), [{}, { o: { x: 1 } }, "o.x"])],
  catch: [
    row("a catch", Open.catch({}), plain),
    row("a catch in a field", z.object({ o: Open.catch({}) }), [{}, { o: { x: 1 } }, "o.x"]),
    row("an asynchronous catch", Open.refine(async () => true).catch({}), plain),
    row("a catch in a union", z.union([z.string(), z.array(Open).catch([])]), [[{}], [{ x: 1 }], "0.x"]),
  ],
  readonly: [row("a readonly", Open.readonly(), plain)],
  pipe: [
    row(
      "what comes before a transform",
      Open.transform((value) => value),
      plain,
    ),
    row("what comes before a pipe", Open.pipe(z.object({})), plain),
    row(
      "what comes after a preprocess",
      z.preprocess((value) => value, Open),
      plain,
    ),
    row(
      "what comes after a text",
      z
        .string()
        .transform((text) => JSON.parse(text))
        .pipe(Open),
      ['{"a":1}', '{"x":1}', "x"],
    ),
    row("a codec", z.codec(Open, z.any(), { decode: (value) => value, encode: (value) => value }), plain),
  ],
};

/** They hold no object of JSON. */
const LEAVES = [
  ...["string", "number", "bigint", "boolean", "symbol", "date", "nan", "undefined", "null", "void", "never", "any"],
  ...["unknown", "enum", "literal", "template_literal", "file", "custom", "transform", "success"],
];

const REFUSED: { readonly [kind: string]: z.core.$ZodType } = {
  map: z.map(z.string(), Open),
  set: z.set(Open),
  promise: z.promise(Open),
  function: z.function() as unknown as z.core.$ZodType,
};

/** One schema of each kind that this zod can make. */
function kindsOfZod(): Set<string> {
  const kinds = new Set<string>();
  for (const [name, made] of Object.entries(z) as [string, unknown][]) {
    if (typeof made !== "function" || NO_SCHEMA.test(name)) continue;
    for (const given of GIVEN) {
      try {
        const schema = (made as (...given: readonly unknown[]) => unknown)(...given);
        if (schema instanceof z.core.$ZodType) kinds.add((schema as z.core.$ZodTypes)._zod.def.type);
      } catch {
        // Not made of this.
      }
    }
  }
  return kinds;
}
/** Classes, and what parses or configures. */
const NO_SCHEMA =
  /^[A-Z$]|^config|[pP]arse|[eE]ncode|[dD]ecode|ErrorMap|[vV]alidate|clone|[rR]egistry|JSONSchema|Error$/;
const GIVEN: readonly (readonly unknown[])[] = [
  [],
  [Open],
  [Open, Open],
  [[Open, Open]],
  [["x"]],
  [() => Open],
  [z.string(), Open],
  ["k", [z.object({ k: z.literal(1) })]],
  [Open, () => ({})],
];

describe("a strict schema", () => {
  it("is known for every kind that zod makes", () => {
    const known = new Set([...Object.keys(CONTAINERS), ...LEAVES, ...Object.keys(REFUSED)]);
    const kinds = kindsOfZod();
    expect(kinds.size).toBeGreaterThan(30);
    expect([...kinds].filter((kind) => !known.has(kind))).toEqual([]);
    expect([...known].filter((kind) => !kinds.has(kind))).toEqual([]);
  });

  const rows = Object.values(CONTAINERS).flat();
  it.each(rows)(
    "refuses an unknown key by its path in $name, and takes what fits",
    async ({ schema, fits, more, path }) => {
      const closed = strict(schema as z.ZodType);
      expect(await parseJson(closed, fits)).toEqual(await parseJson(schema as z.ZodType, fits));
      expect(await parseJson(closed, fits)).toMatchObject({ ok: true });
      expect(await parseJson(closed, more)).toEqual({ ok: false, errors: [{ path, message: "unknown key" }] });
      // Without the mending it was dropped in silence, or answered by something else.
      expect(await parseJson(schema as z.ZodType, more)).toMatchObject({ ok: true });
    },
  );

  it.each(rows)("describes $name as the schema itself is described, but for the keys", ({ schema }) => {
    const shape = (of: z.core.$ZodType) => jsonSchemaOf(of as z.ZodType, "input");
    const bare = (of: unknown) =>
      JSON.stringify(of, (key, value: unknown) =>
        key === "additionalProperties" && value === false ? undefined : value,
      );
    if (schema === rows.find(({ name }) => name === "one that is made anew")?.schema) return;
    expect(bare(shape(strict(schema as z.ZodType) as unknown as z.core.$ZodType))).toBe(bare(shape(schema)));
  });

  it("leaves open what is loose on purpose", async () => {
    const loose = [
      z.looseObject({}),
      z.object({}).catchall(z.number()),
      z.union([z.string(), z.looseObject({})]),
      z.looseObject({}).catch({}),
      z.looseObject({ a: z.number().optional() }).and(z.object({ b: z.number().optional() })),
      z.unknown(),
      z.custom(() => true),
      z.record(z.string(), z.number()),
    ];
    for (const schema of loose)
      expect(await parseJson(strict(schema as z.ZodType), { x: 1 })).toMatchObject({ ok: true });
  });

  it("keeps the refinements of both sides of an intersection, and the fallback of a catch", async () => {
    const refuses = z.object({ a: z.number() }).refine(({ a }) => a > 0, "too small");
    const both = strict(refuses.and(z.object({ b: z.number() })));
    expect(await parseJson(both, { a: 1, b: 1 })).toMatchObject({ ok: true });
    expect(await parseJson(both, { a: 0, b: 1 })).toMatchObject({ ok: false, errors: [{ message: "too small" }] });
    const caught = strict(z.object({ o: z.object({ a: z.number() }).catch({ a: 7 }) }));
    expect(await parseJson(caught, { o: { a: "x" } })).toMatchObject({ ok: true, value: { o: { a: 7 } } });
  });

  it("takes the option of a union that knows all keys, not the first that drops some", async () => {
    const both = strict(z.union([z.object({ a: z.number() }), z.object({ a: z.number(), b: z.number() })]));
    const parsed = await parseJson(both, { a: 1, b: 2 });
    expect(parsed).toMatchObject({ ok: true, value: { a: 1, b: 2 } });
  });
});

describe("a definition", () => {
  const define = {
    function: (input: z.ZodObject) =>
      defineAgent({ id: "a", description: "", version: "1" }).reasoner(
        "f",
        { input, output: z.unknown() },
        async () => 1,
      ),
    execution: (input: z.ZodObject) =>
      defineExecution({
        ...{ key: "k", agent: defineAgent({ id: "a", description: "", version: "1" }), name: "", description: "" },
        ...{ input, execute: async () => "" },
      }),
    tool: (input: z.ZodObject) => defineTool({ name: "t", description: "", input, run: () => null }),
  };

  it.each(Object.keys(REFUSED))("says with the path what no JSON brings: %s", (kind) => {
    const input = z.object({ deep: z.array(z.object({ it: (REFUSED[kind] as z.ZodType).optional() })) });
    for (const made of Object.values(define))
      expect(() => made(input)).toThrow(/^(function "f"|execution "a\.k"|tool "t"): input\.deep\.\*\.it takes /);
  });

  it("takes a Set that a transform of its own makes", () => {
    expect(() => strict(z.preprocess((list) => new Set(list as string[]), z.set(z.string())))).not.toThrow();
    expect(() => strict(z.array(z.string()).transform((list) => new Set(list)))).not.toThrow();
  });

  it("says with the path which key of an intersection neither side can close", () => {
    const input = z.object({
      i: z.object({ o: z.object({ a: z.number() }) }).and(z.object({ o: z.object({ b: z.number() }) })),
    });
    for (const made of Object.values(define)) expect(() => made(input)).toThrow(/: input\.i\.o is in both sides/);
  });

  it("names all faults together, and the kind that a later zod may bring", () => {
    const odd = z.string();
    Object.assign(odd._zod.def, { type: "hologram" });
    const input = z.object({ a: odd, s: z.set(z.string()) });
    expect(() => define.tool(input)).toThrow('tool "t": input.a has the kind "hologram"');
    expect(() => define.tool(input)).toThrow("; input.s takes a Set");
  });

  it("sees what a lazy schema shows by then, and no more", async () => {
    const Before: z.ZodType = z.object({ l: z.lazy(() => After).optional() });
    const input = z.object({ b: Before });
    const early = strict(input as z.ZodType);
    const After = z.object({ a: z.number() });
    expect(await parseJson(early, { b: { l: { a: 1 } } })).toMatchObject({ ok: true });
    expect(await parseJson(early, { b: { l: { a: 1, x: 1 } } })).toMatchObject({ errors: [{ path: "b.l.x" }] });
    expect(() => define.tool(z.object({ l: z.lazy(() => z.set(z.string())) }))).toThrow("input.l takes a Set");
  });
});
