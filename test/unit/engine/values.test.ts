/** What a try may give: anything that is awaited by protocol, and of that what JSON carries. */
import { describe, expect, expectTypeOf, it } from "vitest";
import type { Context } from "../../../src/define/context.ts";
import { StepError } from "../../../src/define/errors.ts";
import type { Json, Jsonify } from "../../../src/domain/values/json.ts";
import { run, worldOf } from "../../support/simulator/small-world.ts";

type Main = (ctx: Context) => Promise<unknown>;

async function outputOf(main: Main): Promise<unknown> {
  const world = worldOf({ now: { main } });
  await run(world);
  expect(world.wrongs).toEqual([]);
  const { events, state } = world.root.view;
  const last = events[(state?.resultSeq ?? 0) - 1];
  return last?.type === "execution.succeeded" ? last.data.output : last?.data;
}

const told = (work: Promise<unknown>) =>
  work.catch((error: unknown) =>
    error instanceof StepError ? [error.code, error.message, error.details ?? null] : String(error),
  );

/** As query builders are: nothing happens before `then` is called, and each call does it again. */
function lazy<T>(result: T, began: { count: number }): PromiseLike<T> {
  return {
    // biome-ignore lint/suspicious/noThenProperty: this is what a query builder is.
    then(resolve, reject) {
      began.count += 1;
      return new Promise<T>((done) => setImmediate(() => done(result))).then(resolve, reject);
    },
  };
}

describe("a lazy thenable", () => {
  it("is awaited: it begins once, and its result is the try's", async () => {
    const began = { count: 0 };
    const main: Main = async (ctx) => [
      await ctx.step("a", () => lazy([1], began)),
      await ctx.effect("b", 1, {}, () => lazy("two", began)),
      await ctx.effect("c", 1, {}, async () => lazy({ three: 3 }, began)),
      await ctx.effect("d", 1, { checkOutcome: () => lazy({ happened: false }, began) as Promise<never> }, () =>
        lazy(lazy(4, began), began),
      ),
    ];
    expect(await outputOf(main)).toEqual([[1], "two", { three: 3 }, 4]);
    expect(began.count).toBe(5);
  });

  it("that is a function is awaited too", async () => {
    // biome-ignore lint/suspicious/noThenProperty: see above.
    const builder = Object.assign(() => "never called", { then: (resolve: (value: number) => void) => resolve(7) });
    expect(await outputOf((ctx) => ctx.step("a", () => builder as unknown as PromiseLike<number>))).toBe(7);
  });

  it("that rejects, or throws, ends its try as a promise does", async () => {
    // biome-ignore lint/suspicious/noThenProperty: see above.
    const rejecting = { then: (_: unknown, reject: (error: Error) => void) => reject(new Error("no rows")) };
    const throwing = {
      // biome-ignore lint/suspicious/noThenProperty: see above.
      then() {
        throw new Error("no connection");
      },
    };
    const main: Main = async (ctx) => [
      await told(ctx.step("a", () => rejecting as unknown as PromiseLike<number>)),
      await told(ctx.step("b", () => throwing as unknown as PromiseLike<number>)),
    ];
    expect(await outputOf(main)).toMatchObject([
      ["error", "no rows", null],
      ["error", "no connection", null],
    ]);
  });

  it("is one by its `then` alone: a value with another `then` is a value", async () => {
    const value = JSON.parse('{"when":1,"then":"later"}');
    expect(await outputOf((ctx) => ctx.step("a", () => value))).toEqual(value);
  });
});

describe("a result that JSON cannot carry", () => {
  it("is refused by name with its path, and the try is not made again", async () => {
    let tries = 0;
    const main: Main = (ctx) =>
      told(
        ctx.effect("rows", 1, { idempotent: true, maxAttempts: 5, backoff: 0 }, () => {
          tries += 1;
          return { rows: [{ id: 1 }, { id: 2n }] };
        }),
      );
    expect(await outputOf(main)).toEqual([
      "value_not_json",
      'the result of "rows" is no JSON: "rows.1.id" is a bigint: store plain objects, arrays, texts, finite numbers, booleans and null',
      { path: "rows.1.id" },
    ]);
    expect(tries).toBe(1);
  });

  it.each<[string, Main, string]>([
    ["an input", (ctx) => told(ctx.effect("e", { at: [undefined] } as never, {}, () => 1)), "at.0"],
    ["the input of a child", (ctx) => told(ctx.call("a.main", new Map() as never)), ""],
    ["a payload", (ctx) => told(ctx.pause({ payload: { f: () => 1 } as never })), "f"],
    ["a probe's result", (ctx) => told(ctx.effect("e", 1, probing(new Set()), () => new Promise(() => {}))), ""],
    ["a revoked proxy", (ctx) => told(ctx.step("s", () => revoked())), ""],
  ])("is refused wherever it is handed in: %s", async (...[, main, path]) => {
    expect(await outputOf(main)).toMatchObject(["value_not_json", expect.any(String), { path }]);
  });
});

const probing = (result: unknown) => ({
  timeoutMs: 5,
  checkOutcome: async () => ({ happened: true, result }) as never,
});
function revoked(): object {
  const made = Proxy.revocable({}, {});
  made.revoke();
  return made.proxy;
}

describe("a value comes back in its JSON form", () => {
  it("the same before and after a restart, and its type says so", async () => {
    class Money {
      readonly cents: number;
      constructor(cents: number) {
        this.cents = cents;
      }
      toJSON(): string {
        return `${this.cents}c`;
      }
    }
    const seen: unknown[] = [];
    const main: Main = async (ctx) => {
      const value = await ctx.step("s", () => ({ at: new Date(0), price: new Money(5), none: undefined, list: [-0] }));
      expectTypeOf(value).toEqualTypeOf<{ at: string; price: string; none: undefined; list: number[] }>();
      const nothing = await ctx.step("nothing", () => {});
      expectTypeOf(nothing).toEqualTypeOf<null>();
      seen.push([value, nothing]);
      await ctx.sleep(1_000);
      return "done";
    };
    const world = worldOf({ now: { main } });
    await run(world, () => world.root.view.state?.suspended === "sleeping");
    world.evict();
    await run(world);
    const value = { at: "1970-01-01T00:00:00.000Z", price: "5c", list: [0] };
    expect(seen).toEqual([
      [value, null],
      [value, null],
    ]);
  });

  it("by type", () => {
    interface Row {
      readonly id: number;
      readonly name?: string;
      readonly made: Date;
      readonly tags: readonly ("a" | "b")[];
      readonly pair: [Date, number];
    }
    expectTypeOf<Jsonify<Row>>().toEqualTypeOf<{
      readonly id: number;
      readonly name?: string;
      readonly made: string;
      readonly tags: readonly ("a" | "b")[];
      readonly pair: [string, number];
    }>();
    expectTypeOf<Jsonify<Json>>().toEqualTypeOf<Json>();
    expectTypeOf<Jsonify<unknown>>().toEqualTypeOf<unknown>();
    expectTypeOf<Jsonify<bigint>>().toEqualTypeOf<never>();
    expectTypeOf<Jsonify<() => 1>>().toEqualTypeOf<never>();
    expectTypeOf<Jsonify<string | undefined>>().toEqualTypeOf<string | null>();
    expectTypeOf<Jsonify<URL>>().toEqualTypeOf<string>();
  });
});
