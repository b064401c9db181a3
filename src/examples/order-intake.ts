/**
 * Takes an order from a mail or a form and places it with the shop, unattended. Two things can go wrong, and they are not
 * alike: a model that only talks about the order is told to place it; an order that the shop refuses goes back to people.
 */
import * as z from "zod";
import { defineAgent, defineExecution, defineTool, service, stopExecution } from "../define/index.ts";
import { orderPlaced } from "./order-intake/order-placed.ts";
import { script } from "./order-intake/script.ts";
import type { Shop } from "./order-intake/shop.ts";

const Order = z.strictObject({
  /** The caller's own: the shop takes it once, so that asking again orders nothing twice. */
  order_id: z.string().min(1).max(100),
  customer: z.string().min(1).max(200),
  lines: z
    .array(z.strictObject({ sku: z.string().min(1).max(100), quantity: z.int().min(1).max(1_000) }))
    .min(1)
    .max(50),
});

const placeOrder = defineTool({
  name: "place_order",
  description: "Places an order with the shop. Answers with its number and total, or with the reason for a refusal.",
  input: Order,
  // An order id is taken once: a call that a crash interrupted, or that a later attempt makes again, orders nothing twice.
  idempotent: true,
  services: { shop: service<Shop>() },
  async run(order, { services, scratchpad, signal }) {
    const answer = await services.shop.placeOrder(order, { signal });
    scratchpad.record("place_order", answer);
    return answer;
  },
});

const orderDesk = defineAgent({
  id: "order-desk",
  description: "Takes orders and places them with the shop.",
  version: "1.0.0",
  tags: ["orders"],
  config: (context) => ({
    system:
      context === "execution"
        ? "Place the order you are given with place_order, exactly as it is. Nobody is there to ask."
        : "You help customers to order tea. Ask what is unclear before you place anything.",
  }),
});

export const orderIntake = defineExecution({
  key: "order_intake",
  agent: orderDesk,
  name: "Order intake",
  description: "Places one order; a refusal of the shop is a failure with its own code, and its words.",
  input: Order,
  output: z.object({ order_number: z.string(), total_cents: z.int() }),
  failureCodes: ["refused_by_shop"],
  validators: [stopExecution, orderPlaced],
  budget: { maxTurns: 20 },
  tools: [placeOrder],
  script,
  execute: ({ input, conversation }) => conversation.ask(`Place this order:\n${JSON.stringify(input)}`),
});
