/** What the compiler knows: these tests are judged by `tsc`; at run time they only have to load. */
import { describe, expectTypeOf, test } from "vitest";
import type { CatalogOf, InputOf, OutputOf, TargetOf } from "../../../src/client/catalog.ts";
import { createClient } from "../../../src/client/client.ts";
import type { Execution } from "../../../src/client/transport/options.ts";

interface ByHand {
  "shop.order": { input: { item: string; cents?: number }; output: { receipt: string } };
  "shop.refund": { input: { receipt: string }; output: null };
}
interface Shop {
  readonly id: "shop";
  readonly "~functions"?: ByHandFunctions;
}
type ByHandFunctions = { order: ByHand["shop.order"]; refund: ByHand["shop.refund"] };
interface Clock {
  readonly id: "my.clock";
  readonly "~functions"?: { remind: { input: { seconds: number }; output: { at: string } } };
}
type Agents = readonly [Shop, Clock];

describe("a catalog", () => {
  const client = createClient<ByHand>({ baseUrl: "http://localhost" });

  test("written by hand checks targets and inputs, and types the result", () => {
    expectTypeOf(client.execute<"shop.order">).returns.resolves.toEqualTypeOf<Execution<{ receipt: string }>>();
    expectTypeOf(client.execute<"shop.order">)
      .parameter(1)
      .toEqualTypeOf<{ item: string; cents?: number }>();
    const never = async () => {
      // @ts-expect-error: no such target
      await client.execute("shop.oder", { item: "tea" });
      // @ts-expect-error: an item is text
      await client.execute("shop.order", { item: 1 });
      // @ts-expect-error: the item is missing
      await client.executeAsync("shop.order", {});
      const { result } = await client.execute("shop.order", { item: "tea" });
      expectTypeOf(result).toEqualTypeOf<{ receipt: string } | undefined>();
      const waited = await client.wait<"shop.refund">("exec_1");
      expectTypeOf(waited.result).toEqualTypeOf<null | undefined>();
    };
    expectTypeOf(never).returns.resolves.toEqualTypeOf<void>();
  });

  test("is inferred from agents", () => {
    type Inferred = CatalogOf<Agents>;
    expectTypeOf<TargetOf<Inferred>>().toEqualTypeOf<"shop.order" | "shop.refund" | "my.clock.remind">();
    expectTypeOf<InputOf<Inferred, "my.clock.remind">>().toEqualTypeOf<{ seconds: number }>();
    expectTypeOf<OutputOf<Inferred, "shop.order">>().toEqualTypeOf<{ receipt: string }>();
    const inferred = createClient<Inferred>({ baseUrl: "http://localhost" });
    expectTypeOf(inferred.execute<"shop.refund">)
      .parameter(1)
      .toEqualTypeOf<{ receipt: string }>();
  });

  test("is not needed: any target, any input, a result of unknown form", () => {
    const untyped = createClient({ baseUrl: "http://localhost" });
    expectTypeOf(untyped.execute<string>)
      .parameter(0)
      .toEqualTypeOf<string>();
    expectTypeOf(untyped.execute<string>)
      .returns.resolves.toHaveProperty("result")
      .toEqualTypeOf<unknown>();
  });
});
