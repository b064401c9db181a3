/** Model turns and children under a budget. */
import type { Program } from "./program.ts";
import { ask, caught, child, put } from "./program.ts";

export const BUDGETS: readonly Program[] = [
  {
    name: "turns",
    origin: { limits: { maxTokens: 400, maxTurns: 9, maxCostUsd: 1 } },
    functions: {
      main: async (ctx) => [await ask(ctx, "one"), await Promise.all([ask(ctx, "two", "t2"), ask(ctx, "three", "t3")])],
    },
  },
  {
    name: "too-many-turns",
    origin: { limits: { maxTurns: 2 } },
    functions: {
      main: async (ctx, tools) => {
        await ask(ctx, "one");
        await put(ctx, tools, "between");
        await ask(ctx, "two");
        return ask(ctx, "three");
      },
    },
    agree: ({ status, world }) =>
      status === "failed" && world.root.view.state?.errorCode === "budget_exceeded" ? undefined : `ended ${status}`,
  },
  {
    name: "drawing-children",
    origin: { limits: { maxTokens: 2_000, maxTurns: 40, maxChildren: 40 } },
    functions: {
      main: (ctx) =>
        Promise.all([child(ctx, "worker", { name: "w1" }), child(ctx, "middle", { budget: { maxTokens: 600 } })]),
      middle: (ctx) =>
        Promise.all([child(ctx, "worker", { name: "w2" }), ask(ctx, "mine"), child(ctx, "worker", { name: "w3" })]),
      worker: async (ctx) => [
        (await ask(ctx, "a")).outputTokens,
        (await Promise.all([ask(ctx, "b", "b"), ask(ctx, "c", "c")])).length,
      ],
    },
  },
  {
    name: "child-over-budget",
    output: { code: "budget_exceeded" },
    origin: { limits: { maxTokens: 60 } },
    functions: {
      main: (ctx) => caught(child(ctx, "worker")),
      worker: async (ctx) => {
        for (let turn = 0; turn < 9; turn += 1) await ask(ctx, `turn ${turn}`);
        return "too much";
      },
    },
  },
];
