import { expect, test } from "vitest";
import { budgetLine, budgetLines, outlines } from "../../../src/dashboard/execution/budget/budget-points.ts";
import { unconfirmedIn } from "../../../src/dashboard/execution/unconfirmed.ts";
import type { Command } from "../../../src/domain/execution/command.ts";
import { loggedCode } from "../../../src/domain/execution/error-code.ts";
import { running } from "../../support/log.ts";

const amount = (turns: number, tokens: number) => ({ turns, tokens, costUsd: 0, children: 0 });

/** One turn that reserves 50 tokens of 100 and spends 20. */
function spending() {
  const log = running({ limits: { maxTokens: 100 } });
  const turn = { key: "t", kind: "turn", name: "t", attempt: 1 } as const;
  const states = log.events.map(() => log.state);
  log.now = 2_000;
  log.tell({ type: "start_entry", ...turn, digest: "d", reserve: amount(1, 50) });
  states.push(...log.events.slice(states.length).map(() => log.state));
  log.now = 3_000;
  log.tell({ type: "finish_entry", ...turn, outcome: { ok: true, value: 1 }, usage: amount(1, 20) });
  states.push(...log.events.slice(states.length).map(() => log.state));
  return { events: log.events, states };
}

test("what is spent and reserved is a point for each change, with the limit as the top", () => {
  const { events, states } = spending();
  const line = budgetLine(events, states, "tokens");
  expect(line).toMatchObject({ limit: 100, top: 100 });
  expect(line?.points.slice(-2)).toEqual([
    { atMs: 2_000, spent: 0, reserved: 50 },
    { atMs: 3_000, spent: 20, reserved: 0 },
  ]);
  expect(budgetLine(events.slice(0, -1), states, "tokens")?.points.at(-1)).toEqual(line?.points.at(-2));
  expect(budgetLine(events, states, "costUsd")).toBeUndefined();
  expect(budgetLines(events, states).map(({ dimension }) => dimension)).toEqual(["tokens", "turns"]);
});

test("the outline stands where the bars of the waterfall stand, and ends with the newest value", () => {
  const points = [
    { atMs: 1_000, spent: 0, reserved: 50 },
    { atMs: 2_000, spent: 20, reserved: 0 },
  ];
  const frame = { fromMs: 1_000, toMs: 5_000, untilMs: 3_000 };
  expect(outlines({ dimension: "tokens", points, limit: 100, top: 100 }, frame)).toEqual({
    spent: "M0 100L0 100L250 100L250 80L500 80L500 100Z",
    held: "M0 100L0 50L250 50L250 80L500 80L500 100Z",
  });
});

test("children that were begun and of whose end the log has nothing have not confirmed", () => {
  const log = running();
  const start = (key: string): Command => ({
    ...{ key, name: key, childId: `exec_${key}`, target: "a.f", digest: "d", input: null, limits: {} },
    type: "start_child",
    grant: amount(0, 0),
  });
  const outcome = { ok: false, error: { code: loggedCode("cancelled"), message: "cancelled" } } as const;
  log.tell(start("one"), start("two"), { type: "cancel", by: "ann" });
  log.tell({ type: "child_finished", childId: "exec_one", status: "cancelled", outcome, usage: amount(0, 0) });
  expect(log.state?.status).toBe("cancelled");
  expect(unconfirmedIn([...log.events])).toEqual([{ id: "exec_two", target: "a.f" }]);
});
