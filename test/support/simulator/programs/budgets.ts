/** Model turns and children under a budget. */
import { isBudgetKey } from "../../../../src/domain/execution/budget-question.ts";
import { approver, truthful } from "../people/people.ts";
import type { End, Program } from "./program.ts";
import { ask, caught, child, put } from "./program.ts";

/** Nothing begins beyond a limit before a person has raised it. */
function raised({ status, world }: End): string | undefined {
  const { events } = world.root.view;
  const asked = events.filter(
    ({ type, data }) => type === "gate.opened" && isBudgetKey(String((data as { key?: string }).key)),
  );
  const answered = events.filter(({ type }) => type === "budget.raised");
  if (status !== "succeeded") return `ended ${status}`;
  return asked.length === answered.length && asked.length > 0 ? undefined : "was not asked, or not answered";
}

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
    // A person raises it, again and again: each turn is asked once.
    name: "asks-to-raise",
    origin: { limits: { maxTurns: 1, onExceeded: "pause" } },
    people: [truthful, approver],
    functions: {
      main: async (ctx, tools) => {
        await ask(ctx, "one");
        await put(ctx, tools, "between");
        return (await Promise.all([ask(ctx, "two", "t2"), ask(ctx, "three", "t3")])).length;
      },
    },
    agree: raised,
  },
  {
    name: "child-asks-above",
    origin: { limits: { maxTurns: 2, onExceeded: "pause" } },
    people: [truthful, approver],
    functions: {
      main: (ctx) => Promise.all([child(ctx, "worker", { name: "w1" }), child(ctx, "worker", { name: "w2" })]),
      worker: async (ctx) => [await ask(ctx, "one"), await ask(ctx, "two")].length,
    },
    agree: raised,
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
