/**
 * The operations desk of a shop, over tables of the examples' database: a coordinator talks with people, a specialist knows
 * the catalog, a planner plans changes of prices, and a clerk carries out what a person has approved.
 */
import type { Script } from "../define/index.ts";
import { defineCoordinator, defineRuntime, layeredPrompt } from "../define/index.ts";
import { catalogSpecialist } from "./shop-desk/catalog-specialist.ts";
import { priceClerk, pricePlanner, setPrice } from "./shop-desk/prices.ts";
import { firstWords, lastResult } from "./shop-desk/read-messages.ts";

/** Without a key: changes of prices go to the planner and, once approved, to the clerk; questions go to the catalog. */
const script: Script = [
  {
    when: () => true,
    reply: (request) => {
      const [task, result] = [firstWords(request), lastResult(request)];
      if (!result) {
        const route = /raise|lower|cut/i.test(task) ? "shop-planner" : "shop-catalog";
        return { tools: [{ name: `hand_off_to_${route}`, input: { task } }] };
      }
      const [, plan] = /"plan_id":"([^"]+)"/.exec(result.text) ?? [];
      const isApproved = result.text.includes('"state":"approved"');
      if (plan !== undefined && isApproved)
        return { tools: [{ name: "hand_off_to_shop-clerk", input: { plan_id: plan } }] };
      return { text: result.text.slice(0, 4_000) };
    },
  },
];

const desk = defineCoordinator({
  name: "shop-desk",
  model: "claude-sonnet-5-5",
  prompt: layeredPrompt({
    identity: "You run the operations desk of a shop.",
    rules:
      "A change of prices is planned first, and carried out only when its plan is approved. Never promise a price.",
    instructions: "Hand questions to the catalog. Hand a change to the planner, and its approved plan to the clerk.",
  }),
  routes: ["shop-catalog", "shop-planner", "shop-clerk"],
  script,
});

export const shopDesk = defineRuntime({
  agents: [desk, catalogSpecialist, pricePlanner, priceClerk],
  dispatchers: { prices: { set_price: setPrice } },
});
