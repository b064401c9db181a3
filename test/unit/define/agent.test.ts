import { describe, expect, expectTypeOf, it } from "vitest";
import * as z from "zod";
import { defineAgent, router } from "../../../src/define/agent.ts";
import { check } from "../../../src/define/schema.ts";
import { defineTool } from "../../../src/define/tool.ts";

const options = { id: "support", description: "", version: "1" };
const nothing = { input: z.object({}), output: z.unknown() };
const program = async () => null;

describe("an agent", () => {
  it("infers the input and the output of a reasoner from its schemas", () => {
    const schemas = { input: z.object({ text: z.string().default("") }), output: z.object({ length: z.number() }) };
    defineAgent(options).reasoner("measure", schemas, async (input, ctx) => {
      expectTypeOf(input).toEqualTypeOf<{ text: string }>();
      expectTypeOf(ctx.executionId).toEqualTypeOf<string>();
      return { length: input.text.length };
    });
    // @ts-expect-error an output that does not fit the schema is a compile error
    defineAgent(options).reasoner("measure", schemas, async () => ({ length: "long" }));
  });

  it.each([
    ["support", "support_analyze"],
    ["Support Team", "support_team_analyze"],
    ["/api/v1/", "api_v1_analyze"],
    ["--", "analyze"],
    ["", "analyze"],
  ])("names the functions of a router by its prefix: %j", (prefix, name) => {
    const agent = defineAgent(options).include(router({ prefix }).skill("analyze", nothing, program));
    expect([...agent.functions.keys()]).toEqual([name]);
  });

  it.each(["Analyze", "9lives", "with space", "with.dot", "", "x".repeat(129)])(
    "refuses the function name %j",
    (name) => {
      expect(() => defineAgent(options).skill(name, nothing, program)).toThrow(`function "${name}"`);
    },
  );

  it.each(["Support", "1support", "a b", ""])("refuses the agent id %j", (id) => {
    expect(() => defineAgent({ ...options, id })).toThrow(`agent "${id}"`);
  });

  it("says in one line what a name must be, and that an input is no schema", () => {
    const refused = (make: () => unknown) => expect(make);
    refused(() => defineAgent({ ...options, id: "A" })).toThrow(/^agent "A": its id must match [^\n]+ a letter first$/);
    refused(() => defineAgent(options).skill("A", nothing, program)).toThrow(
      /^function "A": its name must match [^\n]+$/,
    );
    const tool = { name: "look up", description: "", input: z.object({}), run: () => null };
    refused(() => defineTool(tool)).toThrow(/^tool "look up": its name must be letters, digits[^\n]+$/);
    const odd = { ...tool, name: "look_up", input: { type: "object" } } as unknown as typeof tool;
    refused(() => defineTool(odd)).toThrow(
      'tool "look_up": its input is no schema: give one of zod, as z.object({ … })',
    );
  });

  it("refuses a function that is declared twice, also through a router", () => {
    const agent = defineAgent(options).skill("a_b", nothing, program);
    expect(() => agent.include(router({ prefix: "a" }).skill("b", nothing, program))).toThrow("declared twice");
  });
});

describe("the input of a function", () => {
  interface Tree {
    name: string;
    children: Tree[];
  }
  const Tree: z.ZodType<Tree> = z.object({
    name: z.string(),
    get children() {
      return z.array(Tree);
    },
  });
  const errorsOf = async (input: z.ZodType, value: unknown) => {
    const agent = defineAgent(options).skill("one", { input, output: z.unknown() }, program);
    const found = agent.functions.get("one");
    const checked = found && (await check(found.input, value));
    return checked?.ok ? "fits" : checked?.errors;
  };
  const unknown = (path: string) => [{ path, message: "unknown key" }];

  it("refuses keys that its schema does not name, one error a key", async () => {
    const errors = [...unknown("b"), ...unknown("c")];
    expect(await errorsOf(z.object({ a: z.number() }), { a: 1, b: 2, c: 3 })).toEqual(errors);
  });

  it.each([
    ["an object", z.object({ in: z.object({ a: z.number() }) }), { in: { a: 1, b: 2 } }, "in.b"],
    ["an array", z.object({ in: z.array(z.object({ a: z.number() })) }), { in: [{ a: 1 }, { a: 1, b: 2 }] }, "in.1.b"],
    ["an optional", z.object({ in: z.object({}).optional() }), { in: { b: 2 } }, "in.b"],
    ["a nullable", z.object({ in: z.object({}).nullable() }), { in: { b: 2 } }, "in.b"],
    ["a default", z.object({ in: z.object({}).default({}) }), { in: { b: 2 } }, "in.b"],
    ["a refined object", z.object({ a: z.number() }).refine(() => true), { a: 1, b: 2 }, "b"],
    [
      "a schema that contains itself",
      Tree,
      { name: "a", children: [{ name: "b", children: [], c: 1 }] },
      "children.0.c",
    ],
  ])("refuses them inside %s", async (...[, schema, value, path]) => {
    expect(await errorsOf(schema, value)).toEqual(unknown(path));
  });

  it("keeps what is loose on purpose, and what a refinement says", async () => {
    expect(await errorsOf(z.looseObject({ a: z.number() }), { a: 1, b: 2 })).toBe("fits");
    expect(await errorsOf(z.object({}).catchall(z.number()), { b: 2 })).toBe("fits");
    const refined = z.object({ a: z.number() }).refine(({ a }) => a > 1, "too small");
    expect(await errorsOf(refined, { a: 1 })).toEqual([{ path: "", message: "too small" }]);
  });

  it("takes a schema of another library as it is", async () => {
    const validate = (value: unknown) => ({ value: `seen ${String(value)}` });
    const other = { "~standard": { version: 1, vendor: "other", validate } } as const;
    const agent = defineAgent(options).skill("one", { input: other, output: other }, async () => "x");
    expect(agent.functions.get("one")?.input).toBe(other);
  });
});
