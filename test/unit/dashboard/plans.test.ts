import { expect, test } from "vitest";
import type { Plan } from "../../../src/client/plans.ts";
import { ganttOf, spanOf } from "../../../src/dashboard/plans/gantt.ts";
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

const HOUR_MS = 3_600_000;
const hours = (ms: number | undefined) => (ms === undefined ? undefined : ms / HOUR_MS);
const planned = (id: string, more: object = {}) => ({
  ...{ id, title: id, phase_id: null, estimated_hours: 2, prerequisite_task_ids: [], is_blocking: false, ...more },
});
const at = (hour: number) => new Date(hour * HOUR_MS).toISOString();

test("a task is estimated to begin when what it waits for is done: what it names, and earlier tasks that block", () => {
  const tasks = [
    planned("c", { prerequisite_task_ids: ["b"] }),
    planned("a", { is_blocking: true, estimated_hours: 1 }),
    planned("b", { estimated_hours: 3 }),
    planned("free", { estimated_hours: null, prerequisite_task_ids: ["c"] }),
  ];
  const rows = ganttOf({ plan: { phases: [], tasks }, tasks: [], startMs: 0, nowMs: 0 });
  const said = rows.map(({ id, estimated }) => [id, hours(estimated?.fromMs), hours(estimated?.toMs)]);
  expect(said).toEqual([
    ["c", 4, 6],
    ["a", 0, 1],
    ["b", 1, 4],
    ["free", undefined, undefined],
  ]);
});

test("what was begun has a bar to its end, or to now; what waits for itself has no estimate", () => {
  const tasks = [planned("a"), planned("b"), planned("circle", { prerequisite_task_ids: ["circle"] })];
  const done = [
    { id: "a", started_at: at(1), completed_at: at(3) },
    { id: "b", started_at: at(3), completed_at: null },
  ];
  const rows = ganttOf({ plan: { phases: [], tasks }, tasks: done, startMs: 0, nowMs: 9 * HOUR_MS });
  expect(rows.map(({ actual }) => [hours(actual?.fromMs), hours(actual?.toMs)])).toEqual([
    [1, 3],
    [3, 9],
    [undefined, undefined],
  ]);
  expect(rows.map(({ estimated }) => hours(estimated?.toMs))).toEqual([2, 2, undefined]);
  expect(hours(spanOf(rows, 0).toMs)).toBeCloseTo(9 * 1.02);
});
