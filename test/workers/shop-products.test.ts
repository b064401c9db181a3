/** The goods of the shop, on the example's own tables in real D1. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, inject, test } from "vitest";
import { productsOf } from "../../src/examples/shop-desk/products.ts";

beforeAll(() => applyD1Migrations(env.EXAMPLES, inject("examplesMigrations")));

const shopOf = (tenant: string) => {
  const shop = productsOf(tenant, env.EXAMPLES);
  const priceOf = async (sku: string) => (await shop.find(sku)).find((one) => one.sku === sku)?.cents;
  return { ...shop, priceOf };
};

test("a price is set, and the change tells what it was; each tenant has a shop of its own", async () => {
  const shop = shopOf("shop-one");
  const change = { sku: "mug", before_cents: 1_200, after_cents: 1_300 };
  expect(await shop.setPrice({ sku: "mug", cents: 1_300, key: "k1" })).toEqual(change);
  expect(await shop.priceOf("mug")).toBe(1_300);
  expect(await shop.setPrice({ sku: "none", cents: 1, key: "k2" })).toBeUndefined();
  expect(await shopOf("shop-other").priceOf("mug")).toBe(1_200);
});

test("a call that comes again changes nothing, also when another has changed the price since", async () => {
  const shop = shopOf("shop-two");
  const first = await shop.setPrice({ sku: "mug", cents: 1_300, key: "k1" });
  await shop.setPrice({ sku: "mug", cents: 1_400, key: "k2" });
  expect(await shop.setPrice({ sku: "mug", cents: 1_300, key: "k1" })).toEqual(first);
  expect(await shop.priceOf("mug")).toBe(1_400);
});
