/** Order intake on the real engine, with the model that answers by its script, and with others. */
import { describe, expect, it } from "vitest";
import type { Script } from "../../../src/domain/model/script.ts";
import type { Json } from "../../../src/domain/values/json.ts";
import type { Shop } from "../../../src/examples/order-intake/shop.ts";
import { demoShop } from "../../../src/examples/order-intake/shop.ts";
import { orderIntake } from "../../../src/examples/order-intake.ts";
import { runDefinition } from "../../support/executions.ts";

const order = (...lines: readonly [sku: string, quantity: number][]): Json => ({
  order_id: "o-1",
  customer: "Ada",
  lines: lines.map(([sku, quantity]) => ({ sku, quantity })),
});
const run = (input: Json, shop = demoShop) => runDefinition(orderIntake, input, { services: { shop } });

describe("order intake", () => {
  it("corrects a model that only talks about the order, and ends with the shop's number and total", async () => {
    const ran = await run(order(["tea-green", 2], ["mug", 1]));
    expect(ran).toMatchObject({ status: "succeeded", turns: 3, output: { total_cents: 2_180 } });
    expect(ran.attempts.map(({ verdicts }) => verdicts.at(-1)?.passed)).toEqual([false, true]);
    expect(ran.attempts[0]?.feedback).toMatch(/^You have not placed the order/);
    expect(ran.conversation.messages.map(({ kind }) => kind)).toEqual([
      ...["prompt", "answer", "feedback", "answer", "tool_results", "answer"],
    ]);
  });

  it.each([
    ["what it does not sell", order(["snow", 1]), 'The shop: "snow" is not sold here.'],
    ["too many pieces", order(["mug", 21]), "The shop: at most 20 pieces an order, not 21."],
  ])("does not retry what the shop refuses: %s", async (...[, input, message]) => {
    const ran = await run(input);
    expect(ran).toMatchObject({ status: "failed", turns: 3, error: { code: "refused_by_shop", message } });
    expect(ran.attempts).toHaveLength(2);
  });

  it("tells the model when the shop cannot be asked, and never takes words for an order", async () => {
    const placeOrder = () => Promise.reject(new Error("the shop answered 503"));
    const ran = await run(order(["mug", 1]), { placeOrder });
    expect(ran.status).toBe("failed");
    expect(ran.conversation.messages.flatMap(({ toolResults }) => toolResults.map(({ text }) => text))).toEqual([
      "the shop answered 503",
    ]);
  });

  it("does not take a number that the model made up, and asking the shop again orders nothing twice", async () => {
    const numbers: string[] = [];
    const shop: Shop = {
      placeOrder: async (...asked) => {
        const answer = await demoShop.placeOrder(...asked);
        if (answer.placed) numbers.push(answer.order_number);
        return answer;
      },
    };
    const input = order(["mug", 1]);
    const call = { name: "place_order", input: input as { [key: string]: Json } };
    const script: Script = [
      { reply: { tools: [call] } },
      { reply: { text: '{"order_number": "made up", "total_cents": 1200}' } },
      { reply: { tools: [call] } },
      { reply: () => ({ text: JSON.stringify({ order_number: numbers[0] ?? "", total_cents: 1_200 }) }) },
    ];
    const ran = await runDefinition(orderIntake, input, { services: { shop }, script });
    expect(ran).toMatchObject({ status: "succeeded", turns: 4 });
    expect(new Set(numbers).size).toBe(1);
    expect(numbers).toHaveLength(2);
  });
});
