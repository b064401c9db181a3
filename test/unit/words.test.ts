/** Words of the language wherever a text from outside is looked up: they find nothing that nobody put there. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { parseDecision } from "../../src/domain/execution/approval.ts";
import { parseStatus } from "../../src/domain/execution/status.ts";
import { jsonExample } from "../../src/domain/values/json-example.ts";
import { demoShop } from "../../src/examples/order-intake/shop.ts";
import { catalogEntry } from "../../src/models/catalog.ts";
import { typeOfName } from "../../src/operations/executions/file-type.ts";
import { WORDS } from "../support/words-of-the-language.ts";

describe.each(WORDS.map(([word]) => word))("%s", (word) => {
  it("is no decision and no status", () => {
    expect(parseDecision(word)).toBeUndefined();
    expect(parseStatus(word)).toBeUndefined();
  });

  it("is a model of unknown price", () => {
    const unknown = { provider: "openai", price: null, contextWindow: null };
    expect(catalogEntry(word)).toEqual(unknown);
    expect(catalogEntry(`${word}-20251001`)).toEqual(unknown);
  });

  it("is the extension of no file", () => {
    expect(typeOfName(`order.${word}`)).toBeUndefined();
  });

  it("is not sold", async () => {
    const order = { order_id: "o", customer: "c", lines: [{ sku: word, quantity: 1 }] };
    const { signal } = new AbortController();
    expect(await demoShop.placeOrder(order, { signal })).toMatchObject({ placed: false });
  });

  it("is a property that a text says only when it does", () => {
    const schema = z.toJSONSchema(z.object({ [word]: z.unknown().optional() })) as never;
    expect(Object.keys(jsonExample(schema, "{}") as object)).toEqual([]);
  });
});
