/** What tools and functions are handed from outside: what they declare, and nothing of another tenant. */
import { describe, expect, expectTypeOf, it } from "vitest";
import * as z from "zod";
import { defineAgent, defineExecution, defineTool, offer, PerTenant, service } from "../../../src/define/index.ts";
import { goOn, lookAt, runDefinition } from "../../support/executions.ts";
import { SimWorld } from "../../support/simulator/sim-world.ts";

interface Shelf {
  add(item: string): string[];
}
const shelves = new Map<string, string[]>();
const perTenant = new PerTenant<Shelf>((tenant) => ({
  add: (item) => {
    const shelf = [...(shelves.get(tenant) ?? []), item];
    shelves.set(tenant, shelf);
    return shelf;
  },
}));

const add = defineTool({
  ...{ name: "add", description: "", input: z.object({ item: z.string() }), idempotent: true },
  services: { shelf: service<Shelf>() },
  run: ({ item }, { services }) => services.shelf.add(item),
});
const agent = defineAgent({ id: "keeper", description: "", version: "1" }).skill(
  "put",
  { input: z.string(), output: z.array(z.string()), services: { shelf: service<Shelf>() } },
  (item, ctx) => {
    expectTypeOf(ctx.services).toEqualTypeOf<{ readonly shelf: Shelf }>();
    return ctx.effect("add", item, { idempotent: true }, () => ctx.services.shelf.add(item));
  },
);
const fill = defineExecution({
  ...{ key: "fill", agent, name: "Fill", description: "", input: z.object({ item: z.string() }), tools: [add] },
  script: [
    { reply: ({ messages: [first] }) => ({ tools: [{ name: "add", input: { item: String(first?.content) } }] }) },
    { reply: { text: "Done." } },
  ],
  execute: ({ input, conversation }) => conversation.ask(input.item),
});

describe("a service of one tenant", () => {
  it("is another one for each tenant, in tools and in functions, and nobody has to say whose", async () => {
    const services = { shelf: perTenant };
    for (const tenant of ["acme", "rival"]) {
      const ran = await runDefinition(fill, { item: `tea of ${tenant}` }, { services, origin: { tenant } });
      expect(ran.status).toBe("succeeded");
      const world = new SimWorld({ seed: 7, agents: () => [agent], services });
      world.start("keeper.put", `cup of ${tenant}`, { tenant });
      await goOn(world);
      expect(lookAt(world).output).toEqual([`tea of ${tenant}`, `cup of ${tenant}`]);
    }
    expect(shelves.get("acme")).toEqual(["tea of acme", "cup of acme"]);
  });
});

describe("a function that needs a service which nobody handed in", () => {
  it("is an error at start-up that names both, as a tool's is", () => {
    const start = (services: Readonly<Record<string, unknown>>) =>
      offer({ agents: [agent], definitions: [], services });
    expect(() => start({})).toThrow(
      'the function keeper.put needs the service "shelf", and no service of that name was handed in',
    );
    expect(() => start({ shelf: perTenant })).not.toThrow();
    const withoutSkill = { ...fill, agent: defineAgent({ id: "other", description: "", version: "1" }) };
    expect(() => offer({ agents: [], definitions: [withoutSkill], services: {} })).toThrow(
      'the tool "add" of other.fill needs the service "shelf", and no service of that name was handed in',
    );
  });
});
