/** Steps, effects, branches, the scratchpad, the clock and the dice. */
import { noter } from "../people/people.ts";
import type { Program } from "./program.ts";
import { caught, charge, put, reported } from "./program.ts";

export const BASICS: readonly Program[] = [
  {
    name: "steps",
    output: [1, 2, 3],
    functions: {
      main: async (ctx) => {
        const one = await ctx.step("one", () => 1);
        const two = await ctx.step("two", async () => one + 1);
        return [one, two, await ctx.step("two", () => two + 1)];
      },
    },
  },
  {
    name: "effects",
    output: ["row!", "charge!", 1, "charge!", "mail!"],
    functions: {
      main: async (ctx, tools) => [
        await put(ctx, tools, "row"),
        await charge(ctx, tools, "charge"),
        await ctx.step("between", () => 1),
        await charge(ctx, tools, "charge"),
        await put(ctx, tools, "mail"),
      ],
    },
  },
  {
    name: "backoff",
    output: ["flaky!", { code: "error" }],
    functions: {
      main: async (ctx, { wire }) => {
        const options = { idempotent: true, maxAttempts: 3, backoff: { initialMs: 500, jitter: false } };
        const result = await ctx.effect("flaky", 1, options, (attempt) => wire().flaky("flaky", attempt, 2));
        const never = { idempotent: true, maxAttempts: 2, backoff: 0 };
        const failed = ctx.effect("broken", 1, never, (attempt) => wire().flaky("broken", attempt, 99));
        return [result, await caught(failed)];
      },
    },
  },
  {
    name: "all",
    functions: {
      main: async (ctx, tools) => {
        const results = await ctx.all(
          ["x", "y", "z"],
          (item) => item,
          async (item, inner) => {
            const first = await charge(inner, tools, `charge-${item}`);
            return [first, await inner.step("after", () => item), await put(inner, tools, "seal")];
          },
        );
        return [results, await put(ctx, tools, "end")];
      },
    },
  },
  {
    name: "promise-all",
    output: ["left!", "right!", 2, null],
    functions: {
      main: async (ctx, tools) =>
        Promise.all([
          charge(ctx, tools, "left"),
          put(ctx, tools, "right"),
          ctx.step("middle", () => 2),
          ctx.sleep(5_000).then(() => null),
        ]),
    },
  },
  {
    name: "step-retries",
    output: ["done", "after!"],
    functions: {
      main: async (ctx, tools) => {
        let tries = 0;
        const work = () => {
          tries += 1;
          if (tries < 3) throw new Error("not yet");
          return "done";
        };
        const result = await ctx.step("work", work, { maxAttempts: 10, backoff: { initialMs: 100, jitter: false } });
        return [result, await put(ctx, tools, "after")];
      },
    },
  },
  {
    name: "scratchpad",
    output: { a: 1, b: [1] },
    functions: {
      main: async (ctx, tools) => {
        await ctx.step("write", ({ scratchpad }) => scratchpad.record("a", 1));
        await ctx.effect("more", null, { idempotent: true }, async (attempt) => {
          attempt.scratchpad.record("b", [attempt.scratchpad.read("a") ?? "nothing"]);
          return tools.wire().idempotent("more", attempt);
        });
        const { scratchpad } = ctx;
        await charge(ctx, tools, "charge");
        return { a: scratchpad.read("a"), b: scratchpad.read("b") };
      },
    },
  },
  {
    name: "clock-and-dice",
    people: [noter],
    functions: {
      main: async (ctx, tools) => {
        const dice = [ctx.random(), ctx.random()];
        await put(ctx, tools, "between");
        const output = `${dice.join()}-${ctx.now()}`;
        ctx.note("about to report");
        ctx.progress({ percent: 50 });
        await charge(ctx, tools, `report-${output}`);
        return output;
      },
    },
    agree: (end) => {
      const said = end.world.root.view.events.filter(
        ({ type, data }) => (type === "note.added" && data.key !== undefined) || type === "progress.reported",
      );
      return said.length === 2 ? reported(end) : `said ${said.length} things, not 2`;
    },
  },
];
