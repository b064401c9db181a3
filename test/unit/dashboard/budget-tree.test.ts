import { expect, test } from "vitest";
import type { ExecutionSummary } from "../../../src/client/transport/options.ts";
import { lineAt, rowAt } from "../../../src/dashboard/execution/budget/budget-past.ts";
import type { BudgetRow, Dimension } from "../../../src/dashboard/execution/budget/budget-rows.ts";
import { below, dimensionsOf, figuresOf } from "../../../src/dashboard/execution/budget/budget-rows.ts";
import { running } from "../../support/log.ts";

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

/** A child for which 5 turns are set aside in second 2; it ends in second 3 and spent one. */
function callingOne() {
  const log = running({ limits: { maxTurns: 20, maxChildren: 3 } });
  const nothing = { turns: 0, tokens: 0, costUsd: 0, children: 0 };
  const states = log.events.map(() => log.state);
  const keep = () => states.push(...log.events.slice(states.length).map(() => log.state));
  log.now = 2_000;
  const child = { key: "c", name: "c", childId: "exec_c", target: "a.f", digest: "d", input: null, limits: {} };
  log.tell({ type: "start_child", ...child, grant: { ...nothing, turns: 5 } });
  keep();
  log.now = 3_000;
  const usage = { ...nothing, turns: 1, tokens: 70 };
  log.tell({
    ...{ type: "child_finished", childId: "exec_c", status: "succeeded", outcome: { ok: true, value: 1 } },
    usage,
  } as const);
  keep();
  return { events: log.events, states };
}

test("at an instant of the past a row says what was spent and reserved then; before it began there is none", () => {
  const past = callingOne();
  const one: BudgetRow = { row: row("a", null, 0), depth: 0, budget: undefined };
  const at = (ms: number) => {
    const then = rowAt(one, past, ms);
    return then && figuresOf(then, "turns");
  };
  expect(at(0)).toBeUndefined();
  expect(at(2_500)).toMatchObject({ spent: 0, reserved: 5, limit: 20, left: 15 });
  expect(at(3_000)).toMatchObject({ spent: 1, reserved: 0, left: 19 });
  expect(rowAt(one, past, 3_000)?.row.usage.tokens).toBe(70);
  expect(rowAt(one, past, undefined)).toBe(one);
});

test("the line of a row ends where the time cursor is, also that of its children", () => {
  const past = callingOne();
  const last = (dimension: Dimension, ms?: number) => lineAt(past, dimension, ms)?.points.at(-1);
  expect(last("turns", 2_999)).toEqual({ atMs: 2_000, spent: 0, reserved: 5 });
  expect(last("turns")).toEqual({ atMs: 3_000, spent: 1, reserved: 0 });
  expect(last("cost_usd")).toBeUndefined();
  expect(lineAt(past, "children", undefined)).toMatchObject({ limit: 3 });
});
