/** What is wrong with a plan beyond its shape, each told at its place; and that looking for it is linear. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { faultsOf } from "../../../../src/domain/plan/check.ts";
import { graphOf, taskSequence } from "../../../../src/domain/plan/graph.ts";
import { orderOf } from "../../../../src/domain/plan/order.ts";
import type { Plan, PlanTask } from "../../../../src/domain/plan/plan.ts";
import { plan, subtask, task } from "../../../support/plans/made.ts";

const told = (made: Plan) => faultsOf(made).map(({ path, message }) => `${path.join(".")}: ${message}`);

describe("a plan that is sound", () => {
  it("has no faults, whatever waits for what in one direction", () => {
    const made = plan([
      task("a", { isBlocking: true, subtasks: [subtask("a1"), subtask("a2", { prerequisiteSubtaskIds: ["a1"] })] }),
      task("b", { prerequisiteTaskIds: ["a"], subtasks: [subtask("b1", { prerequisiteSubtaskIds: ["a2"] })] }),
      task("c", { prerequisiteTaskIds: ["a", "b"] }),
    ]);
    expect(told(made)).toEqual([]);
    expect(taskSequence(graphOf(made)).map((at) => made.tasks[at]?.id)).toEqual(["a", "b", "c"]);
  });

  it("orders tasks by their phases, those without a phase last", () => {
    const tasks = [task("x"), task("b", { phaseId: "2" }), task("a", { phaseId: "1" }), task("c", { phaseId: "2" })];
    const made = plan(tasks, ["1", "2"]);
    expect(orderOf(made).map((at) => made.tasks[at]?.id)).toEqual(["a", "b", "c", "x"]);
  });
});

describe("a plan that is not", () => {
  it("names an id that is there twice, also when a task and a subtask have it", () => {
    const made = plan([task("a", { subtasks: [subtask("a1"), subtask("a1")] }), task("a1"), task("a")], ["p", "p"]);
    expect(told(made)).toEqual([
      'phases.1.id: "p" is the id of phases.0 already',
      'tasks.0.subtasks.1.id: "a1" is the id at tasks.0.subtasks.0 already: task and subtask ids are unique in a plan',
      'tasks.1.id: "a1" is the id at tasks.0.subtasks.0 already: task and subtask ids are unique in a plan',
      'tasks.2.id: "a" is the id at tasks.0 already: task and subtask ids are unique in a plan',
    ]);
  });

  it("names a prerequisite that is not there, with the one that was meant", () => {
    const made = plan(
      [
        task("task_1", { prerequisiteTaskIds: ["task_2", "task_9x"], phaseId: "fase_1" }),
        task("task_2", { subtasks: [subtask("task_2_a", { prerequisiteSubtaskIds: ["nothing-like-it"] })] }),
      ],
      ["phase_1"],
    );
    expect(told(made)).toEqual([
      'tasks.0.phaseId: "fase_1" is no phase of this plan; did you mean "phase_1"?',
      'tasks.0.prerequisiteTaskIds.1: "task_9x" is no task of this plan; did you mean "task_1"?',
      'tasks.1.subtasks.0.prerequisiteSubtaskIds.0: "nothing-like-it" is no subtask of this plan: add it, or take this name out',
    ]);
  });

  it("says where a subtask was named in place of a task, and the other way round", () => {
    const made = plan([
      task("a", { subtasks: [subtask("a1", { prerequisiteSubtaskIds: ["b"] })] }),
      task("b", { prerequisiteTaskIds: ["a1"] }),
    ]);
    expect(told(made)).toEqual([
      'tasks.0.subtasks.0.prerequisiteSubtaskIds.0: "b" is a task: name it in the prerequisite_task_ids of the task, or one of its subtasks here',
      'tasks.1.prerequisiteTaskIds.0: "a1" is a subtask of "a": name that task here, or let a subtask wait for it',
    ]);
  });

  it.each<[string, PlanTask[], string]>([
    ["itself", [task("a", { prerequisiteTaskIds: ["a"] })], "tasks.0.prerequisiteTaskIds.0: a → a;"],
    [
      "each other",
      [task("x"), task("a", { prerequisiteTaskIds: ["x", "b"] }), task("b", { prerequisiteTaskIds: ["a"] })],
      "tasks.1.prerequisiteTaskIds.1: a → b → a;",
    ],
    [
      "each other through subtasks",
      [
        task("a", { subtasks: [subtask("a1", { prerequisiteSubtaskIds: ["b1"] })] }),
        task("b", { prerequisiteTaskIds: ["a"], subtasks: [subtask("b1")] }),
      ],
      "tasks.0.subtasks.0.prerequisiteSubtaskIds.0: a1 → b1 → b → a → a1;",
    ],
    [
      "a later one while they block it",
      [task("a", { isBlocking: true, prerequisiteTaskIds: ["b"] }), task("x"), task("b")],
      'tasks.0.prerequisiteTaskIds.0: a → b → a ("a" is blocking: every later task waits for it);',
    ],
  ])("tells of tasks that wait for %s", (_name, tasks, words) => {
    const shorter = told(plan(tasks)).map((text) =>
      text.replace("is part of a circle in which each waits for the next: ", ""),
    );
    // Where a circle begins is not said: each of its members will do.
    expect(shorter.map((text) => normalised(text))).toEqual([normalised(`${words} take one prerequisite out`)]);
  });

  it("refuses the option of a person that an alternative would shadow, and one that is there twice", () => {
    const alternatives = ["call", "skip_task", "call"].map((option) => ({ option, action: "call", params: {} }));
    expect(told(plan([task("a", { subtasks: [subtask("a1", { alternatives })] })]))).toEqual([
      'tasks.0.subtasks.0.alternatives.1.option: "skip_task" is an option of this subtask already: choose another name',
      'tasks.0.subtasks.0.alternatives.2.option: "call" is an option of this subtask already: choose another name',
    ]);
  });

  it("tells of fifty faults at most", () => {
    const tasks = Array.from({ length: 5_000 }, (_, n) => task(`t${n}`, { prerequisiteTaskIds: ["none"] }));
    expect(faultsOf(plan(tasks))).toHaveLength(50);
  });
});

/** The names of a ring, sorted: `a → b → a` and `b → a → b` are one. The place is left out. */
function normalised(text: string): string {
  const [, ring = "", rest = ""] = /^\S+: ((?:[^ ;]+ → )+[^ ;]+)(.*)$/.exec(text) ?? [];
  return `${[...new Set(ring.split(" → "))].sort().join()}${rest}`;
}

describe("the circles of drawn plans", () => {
  const Drawn = fc.integer({ min: 1, max: 12 }).chain((size) =>
    fc.array(
      fc.record({
        blocking: fc.boolean(),
        phase: fc.integer({ min: 0, max: 2 }),
        before: fc.array(fc.integer({ min: 0, max: size - 1 }), { maxLength: 2 }),
        subtasks: fc.array(fc.array(fc.integer({ min: 0, max: size - 1 }), { maxLength: 1 }), { maxLength: 2 }),
      }),
      { minLength: size, maxLength: size },
    ),
  );

  it("are found exactly where a naive walk comes back to where it was", () => {
    fc.assert(
      fc.property(Drawn, (drawn) => {
        const made = plan(
          drawn.map(({ blocking, phase, before, subtasks }, n) =>
            task(`t${n}`, {
              isBlocking: blocking,
              phaseId: `p${phase}`,
              prerequisiteTaskIds: [...new Set(before)].map((other) => `t${other}`),
              subtasks: subtasks.map((others, s) =>
                subtask(`t${n}s${s}`, {
                  prerequisiteSubtaskIds: others
                    .filter((other) => (drawn[other]?.subtasks.length ?? 0) > 0)
                    .map((other) => `t${other}s0`),
                }),
              ),
            }),
          ),
          ["p2", "p0", "p1"],
        );
        expect(faultsOf(made).length > 0).toBe(!canBeDone(made));
      }),
      { numRuns: 400 },
    );
  });
});

/** Does what can be done until nothing more can: by looking at everything again each time. */
function canBeDone(made: Plan): boolean {
  const order = orderOf(made);
  const done = new Set<string>();
  const mayBegin = (at: number) => {
    const earlier = order.slice(0, order.indexOf(at));
    const { prerequisiteTaskIds = [] } = made.tasks[at] ?? {};
    return (
      prerequisiteTaskIds.every((id) => done.has(id)) &&
      earlier.every((other) => !made.tasks[other]?.isBlocking || done.has(made.tasks[other]?.id ?? ""))
    );
  };
  for (let before = -1; before < done.size; ) {
    before = done.size;
    for (const [at, { id, subtasks }] of made.tasks.entries()) {
      if (!mayBegin(at)) continue;
      for (const one of subtasks) if (one.prerequisiteSubtaskIds.every((other) => done.has(other))) done.add(one.id);
      if (subtasks.every((one) => done.has(one.id))) done.add(id);
    }
  }
  return made.tasks.every(({ id }) => done.has(id));
}

describe("the work that a check is", () => {
  /** Tasks that all block, in one phase, each with two subtasks and a chain through them: the most lines a plan can have. */
  const large = (tasks: number) =>
    plan(
      Array.from({ length: tasks }, (_, n) =>
        task(`t${n}`, {
          isBlocking: true,
          prerequisiteTaskIds: n === 0 ? [] : [`t${n - 1}`],
          subtasks: [subtask(`t${n}a`), subtask(`t${n}b`, { prerequisiteSubtaskIds: [`t${n}a`] })],
        }),
      ),
    );

  it("grows with the plan, not with its square: lines and nodes are counted", () => {
    const [small, big] = [graphOf(large(500)), graphOf(large(5_000))];
    expect(big.waitsFor.length).toBe(10 * small.waitsFor.length);
    expect(big.waiting.length).toBeLessThan(10.1 * small.waiting.length);
    expect(faultsOf(large(5_000))).toEqual([]);
  });
});
