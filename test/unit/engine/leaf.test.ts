/** What code of a try asks of its program's context is refused, wherever it asks, and shifts nothing of the program. */
import { describe, expect, it } from "vitest";
import type { AttemptContext, Context } from "../../../src/define/context.ts";
import { StepError } from "../../../src/define/errors.ts";
import type { Json } from "../../../src/domain/values/json.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { charge, run, worldOf } from "../../support/simulator/small-world.ts";

type Main = (ctx: Context, world: SimWorld) => Promise<unknown>;
type Ask = (ctx: Context) => unknown;

async function ended(main: Main, options: { readonly loses?: "the context" } = {}) {
  const world = worldOf({ now: { main } }, options);
  await run(world);
  expect(world.wrongs).toEqual([]);
  const { state, events } = world.root.view;
  const last = events[(state?.resultSeq ?? 0) - 1];
  return { world, events, output: last?.type === "execution.succeeded" ? last.data.output : last?.data };
}

const said = async (ask: () => unknown): Promise<string> => {
  try {
    await ask();
    return "nothing was thrown";
  } catch (error) {
    return error instanceof StepError ? error.code : String(error);
  }
};

const ASKS: readonly (readonly [string, Ask])[] = [
  ["now", (ctx) => ctx.now()],
  ["random", (ctx) => ctx.random()],
  ["note", (ctx) => ctx.note("x")],
  ["progress", (ctx) => ctx.progress({ percent: 1 })],
  ["step", (ctx) => ctx.step("inner", () => 1)],
  ["effect", (ctx) => ctx.effect("inner", 1, {}, () => 1)],
  ["ask", (ctx) => ctx.generate({ messages: "x", maxTokens: 1 })],
  ["call", (ctx) => ctx.call("a.main", null)],
  ["pause", (ctx) => ctx.pause()],
  ["waitForApproval", (ctx) => ctx.waitForApproval()],
  ["signal", (ctx) => ctx.signal("s", { timeoutMs: 1 })],
  ["sleep", (ctx) => ctx.sleep(1)],
  ["all", (ctx) => ctx.all([1], String, async () => 1)],
  ["scratchpad.record", (ctx) => ctx.scratchpad.record("x", 1)],
  ["scratchpad.clear", (ctx) => ctx.scratchpad.clear()],
];

describe.each(ASKS)("ctx.%s inside a try", (_, ask) => {
  const around = (fn: (ctx: Context, attempt: AttemptContext) => Promise<Json>): Main => {
    return async (ctx, world) => {
      const before = ctx.random();
      const inside = [
        await ctx.step("s", (attempt) => fn(ctx, attempt)),
        await ctx.effect("e", 1, {}, (attempt) => fn(ctx, attempt)),
      ];
      await charge(ctx, world);
      return { inside, dice: [before, ctx.random()] };
    };
  };

  it("is refused before and after an await, and the keys of the program are what they would be without it", async () => {
    const main = around(async (ctx) => {
      const first = await said(() => ask(ctx));
      await new Promise((resolve) => setImmediate(resolve));
      return [first, await said(() => ask(ctx))];
    });
    const { output, events } = await ended(main);
    expect(output).toMatchObject({ inside: Array(2).fill(["not_a_program", "not_a_program"]) });
    const keys = events.flatMap(({ data }) => ("key" in data && data.key !== undefined ? [data.key] : []));
    expect([...new Set(keys)]).toEqual(["random", "s", "e", "charge", "random#2"]);
  });

  it("is refused up to the first await where the platform has no asynchronous context", async () => {
    const { output } = await ended(
      around((ctx) => said(() => ask(ctx))),
      { loses: "the context" },
    );
    expect(output).toMatchObject({ inside: ["not_a_program", "not_a_program"] });
  });

  it("is refused to what a try left behind when it ended", async () => {
    let left: Promise<string> | undefined;
    const main: Main = async (ctx, world) => {
      await ctx.step("s", () => {
        left = new Promise((resolve) => setImmediate(resolve)).then(() => said(() => ask(ctx)));
      });
      await charge(ctx, world);
      return left;
    };
    expect((await ended(main)).output).toBe("not_a_program");
  });
});

describe("a try", () => {
  it("that asked for what it may not is not made again", async () => {
    let tries = 0;
    const main: Main = (ctx) =>
      said(() =>
        ctx.effect("e", 1, { maxAttempts: 5, backoff: 0 }, () => {
          tries += 1;
          ctx.note("charged");
        }),
      );
    expect([(await ended(main)).output, tries]).toEqual(["not_a_program", 1]);
  });

  it("has a clock and dice of its own by its argument", async () => {
    const main: Main = (ctx) => ctx.step("s", ({ now, random }) => [now() > 0, random() < 1]);
    expect((await ended(main)).output).toEqual([true, true]);
  });
});

describe("a program", () => {
  it("is not taken for a try where a try settles what it waits for", async () => {
    const main: Main = async (ctx) => {
      const shared = Promise.withResolvers<number>();
      const listeners: (() => void)[] = [];
      const heard = new Promise<number>((resolve) => listeners.push(() => resolve(2)));
      const going = (async () => {
        const first = await shared.promise;
        ctx.note("between");
        return first + (await heard) + (await ctx.step("after", () => 4));
      })();
      await ctx.step("s", async () => {
        await new Promise((resolve) => setImmediate(resolve));
        shared.resolve(1);
        for (const listener of listeners) listener();
      });
      return going;
    };
    expect((await ended(main)).output).toBe(7);
  });

  it("that begins anew inside a try of its former life is inside none", async () => {
    let lives = 0;
    const main: Main = async (ctx, world) => {
      await ctx.step("s", () => {
        lives += 1;
        if (lives === 3) return lives;
        world.crash();
        return new Promise<never>(() => {});
      });
      return charge(ctx, world);
    };
    expect([(await ended(main)).output, lives]).toEqual(["charge!", 3]);
  });
});

describe("names and keys", () => {
  it.each<[string, (ctx: Context) => Promise<unknown>]>([
    ["a step", (ctx) => ctx.step("", () => 1)],
    ["a blank one", (ctx) => ctx.step("  ", () => 1)],
    ["no text", (ctx) => ctx.step(5 as never, () => 1)],
    ["an effect", (ctx) => ctx.effect("", 1, {}, () => 1)],
    ["a turn", (ctx) => ctx.generate({ name: "", messages: "x", maxTokens: 1 })],
    ["a call", (ctx) => ctx.call("a.main", 1, { name: "" })],
    ["a target", (ctx) => ctx.call("", 1)],
    ["a pause", (ctx) => ctx.pause({ name: "" })],
    ["a signal", (ctx) => ctx.signal("")],
    [
      "an item",
      (ctx) =>
        ctx.all(
          [1],
          () => "",
          async () => 1,
        ),
    ],
    [
      "an item by a number",
      (ctx) =>
        ctx.all(
          [1],
          (item) => item as never,
          async () => 1,
        ),
    ],
  ])("are texts that are not empty: %s", async (_, ask) => {
    expect((await ended((ctx) => said(() => ask(ctx)))).output).toBe("invalid_options");
  });
});
