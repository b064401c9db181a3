import { describe, expect, expectTypeOf, it } from "vitest";
import * as z from "zod";
import type { CatalogOf, InputOf, OutputOf, TargetOf } from "../../../src/client/catalog.ts";
import { defineAgent, defineExecution, defineTool, offer } from "../../../src/define/index.ts";
import { listDefinitions } from "../../../src/operations/agents/agents.ts";
import { runDefinition } from "../../support/executions.ts";

const shop = defineAgent({ id: "shop", description: "Sells.", version: "1" });
const base = { description: "A job.", input: z.object({}), execute: async () => "{}" };
const orders = defineExecution({ ...base, key: "orders", agent: shop, name: "Orders" });
const stock = defineExecution({ ...base, key: "stock", agent: shop, name: "Stock" });
const services = {};

describe("what a runtime offers", () => {
  it("are agents with their definitions as functions; several definitions share an agent", () => {
    const [agent] = offer({ agents: [shop], definitions: [orders, stock], services });
    expect([...(agent?.functions.values() ?? [])].map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      "execution orders",
      "execution stock",
    ]);
    expect(shop.functions.size).toBe(0);
  });

  it("needs an agent named only once, by its definition", () => {
    expect(offer({ agents: [], definitions: [orders], services }).map(({ id }) => id)).toEqual(["shop"]);
  });

  it("has no key twice, not even at two agents: the error names both", () => {
    const rival = defineAgent({ id: "rival", description: "Sells too.", version: "1" });
    const twin = defineExecution({ ...base, key: "orders", agent: rival, name: "Intake" });
    expect(() => offer({ agents: [], definitions: [orders, twin], services })).toThrow(
      'the execution key "orders" is used twice: by "Orders" of shop and by "Intake" of rival',
    );
  });

  it("has no definition under the name of another function of its agent", () => {
    const agent = defineAgent({ id: "a", description: "", version: "1" });
    agent.skill("orders", { input: z.object({}), output: z.unknown() }, async () => null);
    const twin = defineExecution({ ...base, key: "orders", agent, name: "Orders" });
    expect(() => offer({ agents: [], definitions: [twin], services })).toThrow(
      'the execution "Orders" and a function of a are both called "orders"',
    );
  });

  it("has no two agents of one id", () => {
    const twin = defineAgent({ id: "shop", description: "Sells cheaper.", version: "2" });
    expect(() => offer({ agents: [twin], definitions: [orders], services })).toThrow(
      'agent id "shop" is claimed twice',
    );
  });
});

describe("a definition", () => {
  it.each(["Orders", "with.dot", ""])("is not called %j", (key) => {
    expect(() => defineExecution({ ...base, key, agent: shop, name: "" })).toThrow(`execution "shop.${key}": its key`);
  });

  it.each([-1, 51, 1.5])("does not retry %d times", (maxRetries) => {
    const declare = () => defineExecution({ ...base, key: "k", agent: shop, name: "", maxRetries });
    expect(declare).toThrow('execution "shop.k": maxRetries');
  });

  it("is listed with its input schema, failure codes and target", () => {
    const described = defineExecution({
      ...{ ...base, key: "described", agent: shop, name: "Described", failureCodes: ["sold_out"] },
      input: z.object({ sku: z.string() }),
      output: z.object({ left: z.number() }),
    });
    const agents = new Map(offer({ agents: [], definitions: [described], services }).map((agent) => [agent.id, agent]));
    const listed = listDefinitions({ agents } as Parameters<typeof listDefinitions>[0], "shop", { limit: 200 });
    expect(listed).toMatchObject({
      ok: true,
      value: {
        items: [
          {
            ...{ key: "described", name: "Described", description: "A job.", target: "shop.described" },
            input_schema: { type: "object", required: ["sku"], additionalProperties: false },
            output_schema: { type: "object", required: ["left"] },
            failure_codes: ["runtime_error", "max_retries_exceeded", "validation_failed", "unknown", "sold_out"],
          },
        ],
      },
    });
    expect(
      listDefinitions({ agents } as Parameters<typeof listDefinitions>[0], "nobody", { limit: 200 }),
    ).toMatchObject({
      ...{ ok: false, code: "not_found" },
    });
  });

  it("tells a typed client its target, input and output", () => {
    const typed = defineExecution({
      ...{ ...base, key: "typed", agent: shop, name: "Typed" },
      input: z.object({ sku: z.string().default("") }),
      output: z.object({ left: z.number() }),
    });
    type Catalog = CatalogOf<readonly [typeof shop, typeof typed]>;
    expectTypeOf<TargetOf<Catalog>>().toEqualTypeOf<"shop.typed">();
    expectTypeOf<InputOf<Catalog, "shop.typed">>().toEqualTypeOf<{ sku?: string | undefined }>();
    expectTypeOf<OutputOf<Catalog, "shop.typed">>().toEqualTypeOf<{ left: number }>();
  });
});

describe("the prompt of an unattended run", () => {
  const promptOf = async (config: Parameters<typeof defineAgent>[0]["config"], output?: z.ZodType) => {
    const agent = defineAgent({ id: "a", description: "Sells tea.", version: "1", ...(config ? { config } : {}) });
    const definition = defineExecution({
      ...{ ...base, key: "k", agent, name: "", ...(output ? { output } : {}) },
      script: [{ reply: { text: '{"left": 1}' } }],
      execute: ({ conversation }) => conversation.ask("Go."),
    });
    const ran = await runDefinition(definition, {});
    expect(ran.status).toBe("succeeded");
    return ran.conversation.system;
  };

  it("is the agent's own for executions", async () => {
    expect(await promptOf((context) => ({ system: `You are in ${context}.` }))).toBe("You are in execution.");
  });

  it("is the same in every context for an agent that ignores the difference", async () => {
    expect(await promptOf({ system: "Always this." })).toBe("Always this.");
  });

  it("says that nobody is there, when the agent has none", async () => {
    expect(await promptOf(undefined)).toMatch(/^Sells tea\.\n\nYou work unattended/);
  });

  it("shows the output schema, and a response that does not fit it is corrected", async () => {
    expect(await promptOf({ system: "Tea." }, z.object({ left: z.number() }))).toContain('"left":{"type":"number"}');
    const definition = defineExecution({
      ...{ ...base, key: "k", agent: shop, name: "", output: z.object({ left: z.number() }) },
      script: ["{}", '{"left": 3, "more": 1}'].map((text) => ({ reply: { text } })),
      execute: ({ conversation }) => conversation.ask("Go."),
    });
    const ran = await runDefinition(definition, {});
    expect(ran).toMatchObject({ status: "succeeded", turns: 2, output: { left: 3 } });
    expect(ran.attempts[0]?.feedback).toContain("- left: ");
  });

  it("has the agent's tools beside the definition's", async () => {
    const tool = (name: string) => defineTool({ name, description: "", input: z.object({}), run: () => null });
    const agent = defineAgent({ id: "a", description: "", version: "1", config: { tools: [tool("own")] } });
    const definition = defineExecution({
      ...{ ...base, key: "k", agent, name: "", tools: [tool("more")] },
      script: [{ reply: { text: "{}" } }],
      execute: ({ conversation }) => conversation.ask("Go."),
    });
    expect((await runDefinition(definition, {})).conversation.tools).toEqual(["own", "more", "stop_execution"]);
  });
});
