/** Answers questions about the goods of the shop, and takes one out of it when a person agrees. */
import * as z from "zod";
import type { Script } from "../../define/index.ts";
import { defineSpecialist, defineTool, layeredPrompt, service } from "../../define/index.ts";
import type { Products } from "./products.ts";

const services = { products: service<Products>() };

export const findProducts = defineTool({
  name: "find_products",
  description: "Finds goods whose name, category or sku contains a text; an empty text finds all of them.",
  input: z.object({ text: z.string().max(100) }),
  idempotent: true,
  services,
  run: ({ text }, given) => given.services.products.find(text),
});

const discontinueProduct = defineTool({
  name: "discontinue_product",
  description: "Takes one article out of the shop for good.",
  input: z.object({ sku: z.string().max(100) }),
  idempotent: true,
  destructive: true, // a person is asked before each call
  services,
  run: async ({ sku }, given) =>
    (await given.services.products.discontinue(sku)) ? `${sku} is not sold any more` : `there is no article ${sku}`,
});

/** Without a key: the tool that the words of the prompt ask for, and its answer in words. */
const script: Script = [
  {
    when: () => true,
    reply: ({ messages }) => {
      const said = JSON.stringify(messages.at(-1)?.content ?? "");
      if (messages.length > 1) return { text: `The catalog says: ${said.slice(0, 2_000)}` };
      const sku = /discontinue ([\w-]+)/i.exec(said)?.[1];
      if (sku !== undefined) return { tools: [{ name: "discontinue_product", input: { sku } }] };
      const text = /\b(tea|pots?|mug)\b/i.exec(said)?.[1]?.toLowerCase() ?? "";
      return { tools: [{ name: "find_products", input: { text } }] };
    },
  },
];

export const catalogSpecialist = defineSpecialist({
  name: "shop-catalog",
  model: "claude-sonnet-5-5",
  prompt: layeredPrompt({
    identity: "You know the catalog of a shop.",
    rules: "Answer with prices in cents, as the catalog has them. Discontinue an article only when you are asked to.",
  }),
  tools: [findProducts, discontinueProduct],
  script,
});
