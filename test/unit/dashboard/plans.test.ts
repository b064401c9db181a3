import { expect, test } from "vitest";
import type { Plan } from "../../../src/client/plans.ts";
import { phasesOf } from "../../../src/dashboard/plans/phases.ts";
import { planDifference } from "../../../src/dashboard/plans/plan-difference.ts";

const AT = "2026-11-27T10:00:00.000Z";
const subtask = (id: string, changed: object = {}) => ({ id, title: id, action: "send_email", params: {}, ...changed });
const task = (id: string, phase: string | null, changed: object = {}) => ({
  ...{ id, title: id, phase_id: phase, estimated_hours: 2, subtasks: [], updated_at: AT, ...changed },
});
const plan = (version: number, tasks: readonly object[], changed: object = {}) =>
  ({
    plan_id: "p",
    version,
    goal: "Win Carol",
    phases: [],
    updated_at: `${version}`,
    tasks,
    ...changed,
  }) as unknown as Plan;

test("tasks stand below their phases in the order of the plan, and last those without one", () => {
  const phases = [
    { phase_id: "two", title: "Second" },
    { phase_id: "one", title: "" },
    { phase_id: "none", title: "Empty" },
  ];
  const tasks = [task("a", "one"), task("b", null), task("c", "two"), task("d", "one"), task("e", "gone")];
  expect(phasesOf({ phases, tasks }).map(({ title, tasks: own }) => [title, own.map(({ id }) => id)])).toEqual([
    ["Second", ["c"]],
    ["one", ["a", "d"]],
    ["Empty", []],
    [undefined, ["b", "e"]],
  ]);
});

test("two versions differ in what came, went and changed; times and counts do not count", () => {
  const before = plan(1, [task("a", "one", { subtasks: [subtask("a1"), subtask("a2")] }), task("b", "one")]);
  const after = plan(
    2,
    [
      task("a", "one", { subtasks: [subtask("a1", { action: "make_phone_call", params: { n: 1 } }), subtask("a3")] }),
      task("c", "one"),
    ],
    { goal: "Win Carol soon" },
  );
  expect(planDifference(before, after)).toEqual({
    fields: ["goal"],
    tasks: [
      { id: "c", title: "c", how: "added", fields: [] },
      { id: "b", title: "b", how: "removed", fields: [] },
    ],
    subtasks: [
      { id: "a1", title: "a1", how: "changed", fields: ["action", "params"] },
      { id: "a3", title: "a3", how: "added", fields: [] },
      { id: "a2", title: "a2", how: "removed", fields: [] },
    ],
  });
  const again = plan(2, [task("a", "one", { updated_at: "later" })]);
  expect(planDifference(plan(1, [task("a", "one")]), again)).toEqual({ fields: [], tasks: [], subtasks: [] });
});
