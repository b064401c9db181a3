/** Tasks that are taken apart: what is refused of an answer, in which order its subtasks are done, how sure it is. */
import { describe, expect, it } from "vitest";
import { planOf } from "../../../../src/contract/plans/from-request.ts";
import { PlanRequest } from "../../../../src/contract/plans/requests.ts";
import {
  DecompositionAnswer,
  decompositionOf,
  faultsOfAnswer,
  withDecomposition,
} from "../../../../src/domain/plan/decomposition.ts";

const subtask = (subtask_id: string, more: object = {}) => ({
  ...{ subtask_id, title: `Do ${subtask_id}`, action: "send_email", success_criteria: ["done"] },
  ...more,
});
const answer = (subtasks: object[], confidence = 0.9) =>
  DecompositionAnswer.parse({ decomposition_confidence: confidence, decomposed_subtasks: subtasks });
const made = (subtasks: object[], confidence?: number) =>
  decompositionOf(answer(subtasks, confidence), { taskId: "t", actions: ["send_email", "make_phone_call"] });

describe("subtasks of an answer", () => {
  it("are named after the task, in an order in which they can be done", () => {
    const { subtasks } = made([
      subtask("x", { depends_on: ["z", "y"] }),
      subtask("y", { depends_on: ["z"] }),
      subtask("z"),
    ]);
    expect(subtasks.map(({ id, title, dependsOn }) => [id, title, dependsOn])).toEqual([
      ["t_a", "Do z", []],
      ["t_b", "Do y", ["t_a"]],
      ["t_c", "Do x", ["t_a", "t_b"]],
    ]);
  });

  it("have two letters behind the 26th", () => {
    const { subtasks } = made(Array.from({ length: 28 }, (_, at) => subtask(`s${at}`)));
    expect(subtasks.slice(24).map(({ id }) => id)).toEqual(["t_y", "t_z", "t_aa", "t_ab"]);
  });
});

describe("the confidence", () => {
  it.each<readonly [string, readonly object[], readonly [number, number]]>([
    ["is the model's where all is known", [{}, {}, {}], [0.9, 0]],
    ["falls with an action that the agent does not have", [{}, { action: "fly" }], [0.45, 1]],
    ["falls with an action that is not there", [{}, { action: null }], [0.45, 1]],
    ["falls without criteria", [{}, {}, { success_criteria: [] }], [0.6, 1]],
  ])("%s", (_what, subtasks, [confidence, warnings]) => {
    const found = made(subtasks.map((more, at) => subtask(String(at), more)));
    expect(found.confidence).toBeCloseTo(confidence, 4);
    expect(found.warnings).toHaveLength(warnings);
  });
});

describe("an answer is refused", () => {
  it.each([
    ["that names two subtasks alike", [subtask("a"), subtask("a")], "names another subtask too"],
    [
      "that depends on what it does not have",
      [subtask("interview"), subtask("b", { depends_on: ["intervew"] })],
      'did you mean "interview"?',
    ],
    [
      "whose subtasks wait for each other",
      [subtask("a", { depends_on: ["b"] }), subtask("b", { depends_on: ["a"] })],
      "wait for each other",
    ],
    ["whose subtask waits for itself", [subtask("a", { depends_on: ["a"] })], "wait for each other"],
  ])("%s", (_what, subtasks, message) => {
    expect(
      faultsOfAnswer(answer(subtasks))
        .map((fault) => fault.message)
        .join(),
    ).toContain(message);
  });

  it("and no other one", () => {
    expect(faultsOfAnswer(answer([subtask("b", { depends_on: ["a"] }), subtask("a")]))).toEqual([]);
  });
});

describe("a plan", () => {
  const planWith = (subtasks: object[], other: object[] = []) => {
    const tasks = [
      { id: "t", title: "T", subtasks },
      { id: "interview", title: "U", subtasks: other },
    ];
    const plan = planOf(PlanRequest.parse({ goal: "g", tasks }), 1);
    if (!plan.ok) throw new Error(plan.detail);
    return plan.value;
  };
  const found = made([subtask("a"), subtask("b", { depends_on: ["a"], failure_handling: "Call" })]);

  it("takes the subtasks into the task, and says how they came to be", () => {
    const changed = withDecomposition(planWith([]), found, 7);
    expect(changed.ok && changed.value.tasks[0]).toMatchObject({
      ...{ id: "t", decomposed: true, decompositionConfidence: 0.9, decompositionNotes: null, updatedAtMs: 7 },
      subtasks: [
        { id: "t_a", prerequisiteSubtaskIds: [], timeoutHours: 24 },
        { id: "t_b", prerequisiteSubtaskIds: ["t_a"], failureHandling: "Call" },
      ],
    });
    const again = changed.ok ? withDecomposition(changed.value, made([subtask("x")]), 8) : changed;
    expect(again.ok && again.value.tasks[0]?.subtasks.map(({ id }) => id)).toEqual(["t_a"]);
  });

  it.each([
    ["whose task has subtasks that a person wrote", planWith([{ id: "own", title: "Own" }]), "task_has_subtasks"],
    ["in which an id is taken", planWith([], [{ id: "t_b", title: "Own" }]), "invalid_input"],
  ])("is left as it is %s", (_what, plan, code) => {
    expect(withDecomposition(plan, found, 7)).toMatchObject({ ok: false, code });
  });

  it("that has no such task is told which one was probably meant", () => {
    const missing = withDecomposition(planWith([]), { ...found, taskId: "interviw" }, 7);
    expect(missing).toMatchObject({
      ok: false,
      code: "invalid_input",
      detail: expect.stringContaining('did you mean "interview"?'),
    });
  });
});
