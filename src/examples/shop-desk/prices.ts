/** Changes of prices: what a plan of them holds, who writes it, who carries it out. */
import * as z from "zod";
import type { Script } from "../../define/index.ts";
import { defineDispatcher, defineExecutor, definePlan, definePlanner, service } from "../../define/index.ts";
import { findProducts } from "./catalog-specialist.ts";
import type { PriceChange, Products } from "./products.ts";
import { Product } from "./products.ts";
import { firstWords, lastResult, lastWords, listedResults } from "./read-messages.ts";

const prices = definePlan({
  name: "prices",
  version: "1",
  actions: {
    set_price: {
      description: "Sets the price of one article.",
      input: z.object({ sku: z.string().max(100), cents: z.int().min(1).max(100_000_000) }),
    },
  },
});

type SetPrice = { readonly sku: string; readonly cents: number };

export const setPrice = defineDispatcher<SetPrice, PriceChange, { products: ReturnType<typeof service<Products>> }>({
  services: { products: service<Products>() },
  idempotent: true, // a key that the table knows changes nothing
  run: async ({ sku, cents }, { services, idempotencyKey: key }) => {
    const change = await services.products.setPrice({ sku, cents, key });
    if (!change) throw new Error(`there is no article ${sku}`);
    return change;
  },
  compensate: ({ sku }, { services, output, idempotencyKey: key }) =>
    services.products.setPrice({ sku, cents: output.before_cents, key }),
});

/** Without a key: the goods that the task names, each at its new price, without those that a person wants left alone. */
const planning: Script = [
  {
    when: () => true,
    reply: (request) => {
      const [task, said, result] = [firstWords(request), lastWords(request), lastResult(request)];
      const [products] = listedResults(request);
      if (!products) {
        const text = /\b(tea|pots?)\b/i.exec(task)?.[1]?.toLowerCase() ?? "";
        return { tools: [{ name: "find_products", input: { text } }] };
      }
      if (result && !result.text.startsWith("[")) return { text: "The plan is stored." };
      const [, sign = "", percent = "0"] = /(-?)\s*(\d+)\s*%/.exec(task) ?? [];
      const factor = 1 + (Number(`${sign}${percent}`) * (/lower|cut/i.test(task) ? -1 : 1)) / 100;
      const wanted = products
        .map((one) => Product.parse(one))
        .filter(({ sku, sold }) => sold && !(said !== task && said.includes(sku)));
      const actions = wanted.map(({ sku, cents }) => ({
        ...{ action: "set_price", input: { sku, cents: Math.round(cents * factor) } },
      }));
      return { tools: [{ name: "store_plan", input: { summary: `${task} (${actions.length} articles)`, actions } }] };
    },
  },
];

const reporting: Script = [
  {
    when: () => true,
    reply: (request) => {
      const done = lastWords(request).match(/"status":"succeeded"/g)?.length ?? 0;
      return { text: `${done} prices were changed as it was approved.` };
    },
  },
];

export const pricePlanner = definePlanner({
  name: "shop-planner",
  model: "claude-sonnet-5-5",
  prompt:
    "You plan changes of prices. Look every article up first; round to whole cents; store the whole plan at once.",
  plan: prices,
  tools: [findProducts],
  script: planning,
});

export const priceClerk = defineExecutor({
  name: "shop-clerk",
  model: "claude-sonnet-5-5",
  prompt: "You carry approved changes of prices out, and report what was done in plain words.",
  plan: prices,
  script: reporting,
});
