/** Children, called and left alone. */
import { decider } from "../people/people.ts";
import type { Program } from "./program.ts";
import { caught, charge, child, gate, put } from "./program.ts";

export const CHILDREN: readonly Program[] = [
  {
    name: "nested-children",
    output: [["deep!", "mid!"], "top!"],
    functions: {
      main: async (ctx, tools) => [await child(ctx, "middle"), await put(ctx, tools, "top")],
      middle: async (ctx, tools) => [await child(ctx, "leaf"), await charge(ctx, tools, "mid")],
      leaf: (ctx, tools) => charge(ctx, tools, "deep"),
    },
  },
  {
    name: "parallel-children",
    output: ["leaf-1!", "leaf-2!"],
    functions: {
      main: (ctx) =>
        Promise.all([child(ctx, "leaf", { name: "l1", input: "1" }), child(ctx, "leaf", { name: "l2", input: "2" })]),
      leaf: (ctx, tools) => charge(ctx, tools, `leaf-${tools.input}`),
    },
  },
  {
    name: "failing-child",
    output: [{ code: "no_luck" }, { code: "runtime_error" }, { code: "target_not_found" }],
    functions: {
      main: async (ctx) => [
        await caught(child(ctx, "bad")),
        await caught(child(ctx, "thrower")),
        await caught(child(ctx, "nobody")),
      ],
      bad: async (ctx, tools) => {
        await put(ctx, tools, "before");
        return ctx.fail("no_luck", "it did not work");
      },
      thrower: async () => {
        throw new Error("boom");
      },
    },
  },
  {
    name: "child-that-never-will-be",
    output: [{ code: "child_refused" }, "after!"],
    functions: {
      main: async (ctx, tools) => [await caught(child(ctx, "barred")), await put(ctx, tools, "after")],
      barred: (ctx, tools) => put(ctx, tools, "never"),
    },
  },
  {
    name: "child-that-waits",
    output: [["approved", null], "after!"],
    people: [decider],
    functions: {
      main: async (ctx, tools) => [await child(ctx, "middle"), await put(ctx, tools, "after")],
      middle: (ctx) => Promise.all([child(ctx, "asker"), ctx.sleep(1_000).then(() => null)]),
      asker: async (ctx) => (await gate(ctx, "approved")).decision,
    },
  },
  {
    name: "child-that-waits-again-and-again",
    output: ["approved", "approved", "after!"],
    people: [decider],
    functions: {
      main: (ctx) => child(ctx, "asker"),
      asker: async (ctx, tools) => {
        const first = (await gate(ctx, "approved")).decision;
        await ctx.sleep(1_000);
        return [first, (await gate(ctx, "approved")).decision, await put(ctx, tools, "after")];
      },
    },
  },
  {
    name: "abandoned-children",
    functions: {
      main: async (ctx, tools) => {
        void child(ctx, "endless");
        void child(ctx, "middle");
        await put(ctx, tools, "work");
        return "left";
      },
      middle: (ctx) => child(ctx, "endless"),
      endless: (ctx) => ctx.signal("never"),
    },
    agree: ({ output, applied }) => (output === "left" && applied.work === 1 ? undefined : JSON.stringify(applied)),
  },
];
