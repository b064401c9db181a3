import { expect, test } from "vitest";
import type { ExecutionSummary } from "../../../src/client/options.ts";
import type { BudgetRow } from "../../../src/dashboard/execution/budget-tree.ts";
import { below, dimensionsOf, figuresOf } from "../../../src/dashboard/execution/budget-tree.ts";

const row = (id: string, parent: string | null, at: number) =>
  ({
    ...{ execution_id: id, parent_execution_id: parent, created_at: `2026-11-27T10:00:0${at}.000Z` },
    usage: { turns: 0, tokens: 120, cost_usd: 0 },
  }) as unknown as ExecutionSummary;

const amounts = (cost_usd: number, tokens = 0) => ({ cost_usd, tokens, turns: 0, children: 0 });

test("each caller stands before those it called, in the order in which they were called", () => {
  const rows = [
    row("b", "root", 3),
    row("a1", "a", 2),
    row("a", "root", 1),
    row("root", "other", 0),
    row("x", "other", 4),
  ];
  expect(below("root", rows).map(({ row: one, depth }) => `${depth} ${one.execution_id}`)).toEqual([
    "0 root",
    "1 a",
    "2 a1",
    "1 b",
  ]);
  expect(below("gone", rows)).toEqual([]);
});

test("left is what is neither spent nor reserved; without a limit nothing is said of it", () => {
  const budget = { max_cost_usd: 2, spent: amounts(0.5), reserved: amounts(1.25), granted: amounts(3) };
  const one = { row: row("a", null, 0), depth: 0, budget };
  expect(figuresOf(one, "cost_usd")).toEqual({ spent: 0.5, reserved: 1.25, limit: 2, left: 0.25, granted: 3 });
  expect(figuresOf(one, "tokens")).toMatchObject({ limit: undefined, left: undefined });
  const over = { ...one, budget: { ...budget, spent: amounts(1.5) } };
  expect(figuresOf(over, "cost_usd").left).toBe(0);
});

test("where no budget is said, what was used is what the list says; a dimension of which nothing is known is not offered", () => {
  const used: BudgetRow = { row: row("a", null, 0), depth: 0, budget: undefined };
  expect(figuresOf(used, "tokens")).toMatchObject({ spent: 120, reserved: 0 });
  expect(dimensionsOf([used])).toEqual(["tokens"]);
  const limits = { spent: amounts(0), reserved: amounts(0), max_children: 3 };
  expect(dimensionsOf([used, { ...used, budget: limits }])).toEqual(["tokens", "children"]);
});
