/** What schemas make of inputs: values of each execution's own, made once, for functions and for tools alike. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defineAgent, defineExecution, defineTool } from "../../../src/define/index.ts";
import { jsonSchemaOf } from "../../../src/define/json-schema.ts";
import { parseInput, parseJson } from "../../../src/define/parsed.ts";
import type { StandardSchema } from "../../../src/define/schema.ts";
import { strict } from "../../../src/define/strict.ts";
import type { Json } from "../../../src/domain/values/json.ts";
import { listDefinitions } from "../../../src/operations/agents/agents.ts";
import { goOn, lookAt, runDefinition } from "../../support/executions.ts";
import { decider } from "../../support/simulator/people/people.ts";
import { ROOT, SimWorld } from "../../support/simulator/sim-world.ts";
import { run, types } from "../../support/simulator/small-world.ts";

let count = 0;
const next = () => {
  count += 1;
  return count;
};
interface Tree {
  readonly name: string;
  readonly below?: readonly Tree[] | undefined;
}
const Tree: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.string(), below: z.array(Tree).default([]) }));
const Item = z.object({ tags: z.array(z.string()).default([]) });
/** zod hands this out by reference from everywhere. */
const SHARED = { deep: { list: ["first"] } };
const json = z.codec(z.string(), z.object({ list: z.array(z.string()) }), {
  decode: (text) => JSON.parse(text) as { list: string[] },
  encode: (value) => JSON.stringify(value),
});

/** A schema of the field `it`, what is sent, and what the program is to see there; `undefined`: that varies. */
const KINDS: readonly (readonly [kind: string, schema: z.ZodType, sent: Json | undefined, seen: Json | undefined])[] = [
  ["default", z.array(z.string()).default([]), undefined, []],
  ["default, nested", z.object({ deep: z.any() }).default(SHARED), undefined, SHARED],
  ["default that is a function", z.int().default(next), undefined, undefined],
  ["prefault", Item.prefault({}), undefined, { tags: [] }],
  ["prefault that is a function", z.object({ n: z.int() }).prefault(() => ({ n: next() })), undefined, undefined],
  ["catch", z.array(z.string()).catch(["none"]), 5, ["none"]],
  ["catch that is a function", z.int().catch(next), "five", undefined],
  ["transform", z.string().transform(() => SHARED), "x", SHARED],
  ["transform with dice in it", z.string().transform((text) => [text, Math.random()]), "x", undefined],
  ["pipe", z.string().pipe(z.coerce.number()), "7", 7],
  ["readonly", z.array(z.string()).default(["a"]).readonly(), undefined, ["a"]],
  ["union", z.union([z.string(), Item]), {}, { tags: [] }],
  [
    "discriminated union",
    z.discriminatedUnion("k", [Item.extend({ k: z.literal("a") })]),
    { k: "a" },
    { k: "a", tags: [] },
  ],
  ["record", z.record(z.string(), Item), { x: {} }, { x: { tags: [] } }],
  ["tuple", z.tuple([Item, z.string().default("b")]), [{}], [{ tags: [] }, "b"]],
  ["lazy", Tree, { name: "root" }, { name: "root", below: [] }],
  ["preprocess", z.preprocess((value) => value ?? SHARED, z.any()), undefined, SHARED],
  ["codec", json, '{"list":["a"]}', { list: ["a"] }],
  ["optional inside a default", z.object({ a: z.string().optional() }).default({}), undefined, {}],
  [
    "intersection",
    z.intersection(Item, z.object({ other: z.array(z.string()).default([]) })),
    {},
    { tags: [], other: [] },
  ],
  ["any, handed through", z.any(), SHARED as unknown as Json, SHARED],
  ["JSON Schema with a default", z.fromJSONSchema({ type: "array", items: {}, default: ["x"] }), undefined, ["x"]],
  ["async transform", z.string().transform(async (text) => ({ text })), "x", { text: "x" }],
];
const inputOf = (sent: Json | undefined): Json => (sent === undefined ? {} : { it: sent });
const before = JSON.stringify(SHARED);

/** Changes everything that it can reach. */
function spoil(value: unknown): void {
  if (value === null || typeof value !== "object" || Object.isFrozen(value)) return;
  for (const inner of Object.values(value)) spoil(inner);
  if (Array.isArray(value)) value.push("spoilt");
  else Object.assign(value, { spoilt: true });
}

/** Two executions of one function, each evicted in the middle: what each of their runs was handed. */
async function handedToFunction(schema: z.ZodType, sent: Json | undefined) {
  const seen: string[][] = [];
  const agent = defineAgent({ id: "a", description: "", version: "1" });
  agent.reasoner("main", { input: z.object({ it: schema }), output: z.unknown() }, async (input, ctx) => {
    seen.at(-1)?.push(JSON.stringify(input.it));
    spoil(input);
    await ctx.pause({ payload: { answer: "approved" } });
    return null;
  });
  const logs: SimWorld[] = [];
  for (let n = 0; n < 2; n += 1) {
    seen.push([]);
    const world = new SimWorld({ seed: 7, people: [decider], agents: () => [agent] });
    world.start("a.main", inputOf(sent));
    await run(world, () => world.root.view.state?.status === "waiting");
    world.evict();
    await run(world);
    expect(world.root.view.state?.status).toBe("succeeded");
    expect(world.wrongs).toEqual([]);
    logs.push(world);
  }
  return { seen, logs };
}

/** The same of a tool that is called in two executions, and of the probe that looks for what became of it. */
async function handedToTool(schema: z.ZodType, sent: Json | undefined) {
  const seen: string[][] = [];
  const tool = defineTool({
    ...{ name: "take", description: "Takes it.", input: z.object({ it: schema }), onInterrupt: "ask" },
    run: async (input, { signal }) => {
      seen.at(-1)?.push(JSON.stringify(input.it));
      spoil(input);
      if (seen.at(-1)?.length === 1) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return "taken";
    },
    checkOutcome: async (input) => {
      seen.at(-1)?.push(JSON.stringify(input.it));
      spoil(input);
      return { happened: false };
    },
  });
  const definition = defineExecution({
    ...{ key: "job", agent: defineAgent({ id: "b", description: "", version: "1" }), name: "", description: "" },
    ...{ input: z.object({}), tools: [tool] },
    script: [
      { reply: { tools: [{ name: "take", input: inputOf(sent) as { [key: string]: Json } }] } },
      { reply: { text: "{}" } },
    ],
    execute: ({ conversation }) => conversation.ask("Do it."),
  });
  for (let n = 0; n < 2; n += 1) {
    seen.push([]);
    const { world } = await runDefinition(definition, {}, { until: () => seen.at(-1)?.length === 1 });
    world.evict();
    await goOn(world);
    expect(lookAt(world)).toMatchObject({ status: "succeeded" });
  }
  return { seen };
}

describe("what a program is handed", () => {
  it.each(KINDS)("is its own, and the same after it was taken from memory: %s", async (...[, schema, sent, wanted]) => {
    const { seen, logs } = await handedToFunction(schema, sent);
    for (const runs of seen) {
      expect(runs).toHaveLength(2);
      expect(new Set(runs).size).toBe(1);
      if (wanted !== undefined) expect(JSON.parse(runs[0] ?? "")).toEqual(wanted);
    }
    expect(logs[0]?.root.view.events[0]?.data).toMatchObject({ input: inputOf(sent) });
    expect(JSON.stringify(SHARED)).toBe(before);
  });

  it.each(KINDS)("of a tool too, and of its probe: %s", async (...[, schema, sent, wanted]) => {
    const { seen } = await handedToTool(schema, sent);
    for (const runs of seen) {
      expect(runs).toHaveLength(3);
      expect(new Set(runs).size).toBe(1);
      if (wanted !== undefined) expect(JSON.parse(runs[0] ?? "")).toEqual(wanted);
    }
    expect(JSON.stringify(SHARED)).toBe(before);
  });

  it("comes from defaults that are asked for each execution anew", async () => {
    const functions = KINDS.filter(([kind]) => kind.endsWith("that is a function") || kind.includes("dice"));
    expect(functions).toHaveLength(4);
    for (const [, schema, sent] of functions) {
      const [[first], [second]] = (await handedToFunction(schema, sent)).seen as [string[], string[]];
      expect(first).not.toBe(second);
    }
  });

  it("is in the log beside what was sent, where the two differ", async () => {
    const written = async (schema: z.ZodType, sent: Json | undefined) => {
      const [world] = (await handedToFunction(schema, sent)).logs;
      return world?.root.view.events.filter(({ type }) => type === "input.parsed").map(({ data }) => data);
    };
    expect(await written(z.array(z.string()).default([]), undefined)).toEqual([{ value: { it: [] } }]);
    expect(await written(z.string(), "as it is")).toEqual([{}]);
  });
});

describe("a parsed value that is no JSON", () => {
  class Money {
    readonly cents = 5;
  }
  const odd: readonly (readonly [string, z.ZodType, Json, string])[] = [
    ["a Date", z.coerce.date(), "2026-01-01", "Date"],
    ["a Map", z.string().transform((text) => new Map([[text, 1]])), "x", "Map"],
    ["a Set", z.array(z.string()).transform((list) => new Set(list)), ["x"], "Set"],
    ["an object of a class", z.string().transform(() => new Money()), "x", "Money"],
    ["a bigint", z.coerce.bigint(), "5", "bigint"],
    ["no number", z.string().transform(Number), "x", "NaN"],
    ["a function", z.string().transform((text) => () => text), "x", "function"],
  ];
  const Deep = (schema: z.ZodType) => z.object({ list: z.array(z.object({ it: schema })) });

  it.each(odd)("is refused by its path: %s", async (...[, schema, sent, name]) => {
    const parsed = await parseJson(Deep(schema), { list: [{ it: sent }] });
    expect(parsed).toMatchObject({ ok: false, errors: [{ path: "list.0.it" }] });
    expect(JSON.stringify(parsed)).toContain(name);
  });

  it.each(odd)("is told to a model as an input that does not fit: %s", async (_what, schema, sent) => {
    const tool = defineTool({
      ...{ name: "take", description: "", run: () => "taken" },
      input: z.object({ it: z.any().pipe(schema) }),
    });
    const parsed = await parseJson(tool.input, { it: sent });
    expect(parsed).toMatchObject({ ok: false, errors: [{ path: "it" }] });
  });
});

describe("a schema", () => {
  it.each([
    ["throws", z.string().transform(() => Promise.reject(new Error("gone")))],
    [
      "throws at once",
      z.any().transform(() => {
        throw new TypeError("gone");
      }),
    ],
    [
      "throws in a default",
      z.string().default(() => {
        throw new Error("gone");
      }),
    ],
  ])("that %s is an error, and no fault", async (_how, schema) => {
    const sent = schema instanceof z.ZodDefault ? {} : { it: "x" };
    const parsed = await parseInput(z.object({ it: schema as z.ZodType }), sent);
    expect(parsed).toMatchObject({ ok: false, errors: [{ path: "", message: "the schema itself threw: gone" }] });
  });

  it("cannot change what was sent", async () => {
    const sent = { list: ["a"] };
    const greedy = z.any().transform((value: { list: string[] }) => value.list.splice(0));
    expect(await parseJson(greedy, sent)).toEqual({ ok: true, value: ["a"] });
    expect(sent).toEqual({ list: ["a"] });
  });

  it("of another library hands out no object twice", async () => {
    const shared = { list: [] as string[] };
    const foreign: StandardSchema = {
      "~standard": { version: 1, vendor: "other", validate: () => ({ value: shared }) },
    };
    const first = await parseJson(foreign, {});
    if (first.ok) spoil(first.value);
    expect(await parseJson(foreign, {})).toEqual({ ok: true, value: { list: [] } });
  });

  const loud = () => {
    throw new Error("asked at start-up");
  };
  const Loud = z.object({
    a: z.string().default(loud),
    b: z.string().prefault(loud),
    c: z.string().catch(loud),
    d: z.union([z.number(), z.object({ e: z.string().default(loud) })]).describe("either"),
  });

  it("has its functions asked by no declaration, listing or description", () => {
    const agent = defineAgent({ id: "a", description: "", version: "1" });
    agent.reasoner("main", { input: Loud, output: Loud }, async () => Loud.parse({}));
    const tool = defineTool({ name: "t", description: "", input: Loud, output: Loud, run: () => Loud.parse({}) });
    const definition = defineExecution({
      ...{ key: "k", agent, name: "", description: "", input: Loud, output: Loud, tools: [tool] },
      execute: async () => "",
    });
    const functions = new Map([["k", definition.definition]]);
    const agents = new Map([["a", { ...agent, functions }]]);
    expect(listDefinitions({ agents } as never, "a", { limit: 200 })).toMatchObject({
      value: { items: [{ input_schema: { type: "object", required: ["d"] } }] },
    });
    expect(tool.declaration.inputSchema).toMatchObject({ properties: { d: { description: "either" } } });
  });

  it("is described with what it says of itself, strict or not", () => {
    const Described = z.object({
      a: z.string().optional().describe("a"),
      b: z.object({ x: z.number() }).describe("b"),
      c: z.array(z.string()).default([]).meta({ description: "c", default: [] }),
      d: z.tuple([z.object({})]).describe("d"),
    });
    const shape = jsonSchemaOf(strict(Described), "input");
    expect(shape).toMatchObject({
      required: ["b", "d"],
      additionalProperties: false,
      properties: {
        a: { description: "a" },
        b: { description: "b" },
        c: { description: "c", default: [] },
        d: { description: "d" },
      },
    });
    expect(jsonSchemaOf(Described, "output")).toMatchObject({ required: ["b", "c", "d"] });
  });

  it.each([
    ["a prefault", z.object({}).prefault({}), {}, { x: 1 }],
    ["a readonly", z.object({}).readonly(), {}, { x: 1 }],
    ["a record", z.record(z.string(), z.object({})), { r: {} }, { r: { x: 1 } }],
    ["a tuple", z.tuple([z.object({})]), [{}], [{ x: 1 }]],
    ["what comes before a transform", z.object({}).transform((value) => value), {}, { x: 1 }],
    ["a discriminated union", z.discriminatedUnion("k", [z.object({ k: z.literal(1) })]), { k: 1 }, { k: 1, x: 1 }],
    ["a lazy", z.lazy(() => z.object({})), {}, { x: 1 }],
  ])("refuses unknown keys inside %s too", async (...[, schema, fits, more]) => {
    const closed = strict(schema as z.ZodType);
    expect(await parseJson(closed, fits as Json)).toMatchObject({ ok: true });
    expect(await parseJson(closed, more as Json)).toMatchObject({ ok: false, errors: [{ message: "unknown key" }] });
  });
});

it("an asynchronous schema is asked once, its defaults too", async () => {
  let asked = 0;
  const counted = z.object({
    at: z.int().default(() => {
      asked += 1;
      return asked;
    }),
    text: z.string().refine(async () => true),
  });
  expect(await parseJson(counted, { text: "x" })).toEqual({ ok: true, value: { at: 1, text: "x" } });
  expect(await parseJson(counted, { text: "x" })).toEqual({ ok: true, value: { at: 2, text: "x" } });
});

it("an execution that has begun is asked nothing by another schema: a deployment may change it", async () => {
  let input: z.ZodType = z.object({ n: z.int().default(next) });
  const made = () => {
    const agent = defineAgent({ id: "a", description: "", version: "1" });
    agent.reasoner("main", { input, output: z.unknown() }, async (given, ctx) => {
      await ctx.pause({ payload: { answer: "approved" } });
      return given;
    });
    return [agent];
  };
  const world = new SimWorld({ seed: 7, people: [decider], agents: made });
  world.start("a.main", {});
  await run(world, () => world.root.view.state?.status === "waiting");
  const handed = world.root.view.events.find(({ type }) => type === "input.parsed")?.data;
  input = z.object({ other: z.string() });
  world.deploy();
  await run(world);
  const [result] = world.root.view.events.slice(-1);
  expect(result?.data).toEqual({ output: (handed as { value: Json }).value });
});

describe("the input of a child, and of a restart", () => {
  it("is parsed where it runs: what does not fit fails the child, by its path", async () => {
    const agent = defineAgent({ id: "a", description: "", version: "1" });
    const anything = { input: z.unknown(), output: z.unknown() };
    agent.reasoner("main", anything, (_input, ctx) => ctx.call("a.child", { when: "2026-01-01" }));
    const child = { input: z.object({ when: z.coerce.date() }), output: z.unknown() };
    agent.reasoner("child", child, async () => "ran");
    const world = new SimWorld({ seed: 7, agents: () => [agent] });
    world.start("a.main", null);
    await run(world);
    const result = world.root.view.events.find(({ type }) => type === "execution.failed");
    expect(JSON.stringify(result?.data)).toMatch(/when: .*Date/);
  });

  it("blocks a restart whose schema takes it no longer, says so, and lets it go on when the schema does again", async () => {
    let input: z.ZodType = z.object({ amount: z.number() });
    const made = () => {
      const agent = defineAgent({ id: "a", description: "", version: "1" });
      agent.reasoner("main", { input, output: z.unknown() }, async (given) => given);
      return [agent];
    };
    const world = new SimWorld({ seed: 7, agents: made });
    world.start("a.main", { amount: 5 });
    await run(world);
    input = z.object({ amount: z.string() });
    world.deploy();
    const id = "exec_again";
    const how = { scope: "execution", reuse: "all-succeeded", fork: false, digest: "d", by: "ann" } as const;
    world.dispatch(ROOT, { type: "restart", id, runId: "run", ...how });
    const again = () => world.store(id).view.state;
    await run(world, () => again()?.status === "blocked");
    expect(again()?.reason).toMatch(/^program_changed: the schema of a.main no longer takes the input .*: amount: /);
    input = z.object({ amount: z.coerce.number().default(0), unit: z.string().default("eur") });
    world.deploy();
    world.dispatch(id, { type: "retry_program", deployment: world.deployment ?? "" });
    await run(world, () => again()?.status === "succeeded");
    expect(world.store(id).view.events.at(-1)?.data).toMatchObject({ output: { amount: 5, unit: "eur" } });
    expect(types(world)).toContain("input.parsed");
  });
});
