/** Plans as polling agents and their planners write them: each form is taken, and answered with every column. */
import { describe, expect, it } from "vitest";
import { planBody } from "../../src/contract/plans/bodies.ts";
import { planOf, warningsOf } from "../../src/contract/plans/from-request.ts";
import { PlanRequest } from "../../src/contract/plans/requests.ts";
import { CAROL_PLAN, CAROL_PLAN_ID, DECOMPOSED_SUBTASKS } from "../support/plans/carol.ts";

const AT = Date.parse("2026-02-11T16:00:00Z");

function stored(sent: unknown) {
  const made = planOf(PlanRequest.parse(sent), AT);
  if (!made.ok) throw new Error(made.detail);
  const times = { createdAtMs: AT, updatedAtMs: AT, updatedBy: "mark", owner: "mark", tenant: "t" };
  return planBody({ ...times, id: CAROL_PLAN_ID, version: 1, goal: "", tasks: 0, subtasks: 0, plan: made.value });
}

const planWith = (subtask: object) => ({
  goal: "g",
  tasks: [{ task_id: "task_1_1", title: "T", subtasks: [{ subtask_id: "task_1_1_a", title: "S", ...subtask }] }],
});

describe("the plan for Carol", () => {
  it("has the columns of a plan", () => {
    expect(stored(CAROL_PLAN)).toMatchObject({
      plan_id: "plan_carol_breeder_sys_20260211",
      goal: "Build custom breeder management system",
      business_type: "Dog breeding",
      industry: "Animal husbandry",
      target_customer: "Carol Campion (Bittersweet Farm, border collie breeder, 25+ years experience)",
      owner: "mark",
      phases: [{ phase_id: "phase_1" }, { phase_id: "phase_2" }, { phase_id: "phase_3" }],
      tasks_total: 3,
      subtasks_total: 5,
    });
  });

  it("has every column of a task, with the defaults of those that were not sent", () => {
    const { subtasks: _subtasks, ...task } = stored(CAROL_PLAN).tasks[2] ?? {};
    expect(task).toEqual({
      id: "task_3_1",
      plan_id: CAROL_PLAN_ID,
      phase_id: "phase_3",
      title: "Agree on the next step with Carol",
      description: "Analyze her feedback and schedule a call",
      assignee_role: "Business Analyst",
      escalate_to: null,
      estimated_hours: null,
      priority: 2,
      decomposed: false,
      decomposition_confidence: null,
      decomposition_notes: null,
      prerequisite_task_ids: ["task_2_1"],
      is_blocking: false,
      created_at: "2026-02-11T16:00:00.000Z",
      updated_at: "2026-02-11T16:00:00.000Z",
    });
  });

  it("has every column of a subtask", () => {
    expect(stored(CAROL_PLAN).tasks[1]?.subtasks[1]).toEqual({
      id: "task_2_1_b",
      task_id: "task_2_1",
      title: "Send the proposal",
      action: "send_email",
      params: { to: "carol@bittersweet-farm.com" },
      timeout_hours: 24,
      retry_policy: { max_attempts: 3, backoff: "exponential" },
      prerequisite_subtask_ids: ["task_2_1_a"],
      alternatives: [],
      idempotent: null,
      success_criteria: [],
      failure_handling: null,
      created_at: "2026-02-11T16:00:00.000Z",
    });
  });

  it("takes the subtasks of a decomposition as they are", () => {
    const subtasks = stored({ ...CAROL_PLAN, tasks: [{ id: "task_1_1", title: "T", subtasks: DECOMPOSED_SUBTASKS }] });
    const [a, b, c] = subtasks.tasks[0]?.subtasks ?? [];
    expect([a?.id, b?.prerequisite_subtask_ids, c?.prerequisite_subtask_ids]).toEqual([
      "task_1_1_a",
      ["task_1_1_a"],
      ["task_1_1_b"],
    ]);
    expect(a?.failure_handling).toBe("If bounce: try phone call");
    expect(b?.params).toEqual(DECOMPOSED_SUBTASKS[1]?.params);
    expect(c?.success_criteria).toEqual(DECOMPOSED_SUBTASKS[2]?.success_criteria);
  });

  it("is answered in a form that is taken again, and means the same", () => {
    const once = stored(CAROL_PLAN);
    expect(warningsOf(once)).toEqual([]);
    expect(stored(once)).toEqual(once);
  });
});

describe("both forms of a retry policy", () => {
  it.each([
    [
      { max_attempts: 3, backoff_seconds: 300 },
      { max_attempts: 3, backoff: "fixed", backoff_seconds: 300 },
    ],
    [
      { max_attempts: 5, backoff: "exponential" },
      { max_attempts: 5, backoff: "exponential" },
    ],
    [
      { backoff: "exponential", backoff_seconds: 10 },
      { max_attempts: 3, backoff: "exponential", backoff_seconds: 10 },
    ],
    [null, { max_attempts: 3, backoff: "exponential" }],
  ])("%j", (sent, kept) => {
    expect(stored(planWith({ retry_policy: sent })).tasks[0]?.subtasks[0]?.retry_policy).toEqual(kept);
  });
});

describe("what no part of a plan has", () => {
  it("is ignored, and told of with what was meant", () => {
    const sent = { ...planWith({ prerequisites: ["x"], created_at: "2026-02-11T16:00:00Z" }), goals: "h", zzz: 1 };
    expect(warningsOf(sent)).toEqual([
      "goals: is no field of it and was ignored; did you mean goal?",
      "zzz: is no field of it and was ignored",
      "tasks.0.subtasks.0.prerequisites: is no field of it and was ignored",
    ]);
  });

  it("is told of twenty times at most", () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`field ${n}`, n]));
    expect(warningsOf({ ...planWith({}), ...many })).toHaveLength(20);
  });
});

describe("phases", () => {
  const phasesOf = (phases: unknown, ...named: (string | null)[]) =>
    stored({
      goal: "g",
      phases,
      tasks: named.map((phase_id, n) => ({ id: `t${n}`, title: "T", phase_id })),
    }).phases.map(({ phase_id, title }) => [phase_id, title]);

  it("are texts or objects, and without them those that the tasks name, in their order", () => {
    expect(phasesOf(["p1", { id: "p2", title: "Two" }], "p2", null)).toEqual([
      ["p1", "p1"],
      ["p2", "Two"],
    ]);
    expect(phasesOf(undefined, "b", null, "a", "b")).toEqual([
      ["b", "b"],
      ["a", "a"],
    ]);
  });
});

describe("a place that is wrong", () => {
  it("is told with its name on the wire", () => {
    const refused = planOf(
      PlanRequest.parse({
        goal: "g",
        tasks: [{ title: "T" }, { id: "b", title: "T", subtasks: [{ title: "S" }] }],
        phases: [{ title: "P" }],
      }),
      AT,
    );
    expect(refused).toMatchObject({
      ok: false,
      code: "invalid_input",
      errors: ["phases.0.id", "tasks.0.id", "tasks.1.subtasks.0.id"].map((path) => ({
        path,
        message: "is missing: send a text that names it within the plan",
      })),
    });
  });

  it("of a prerequisite too", () => {
    const made = planOf(PlanRequest.parse(planWith({ depends_on: ["task_1_1_b"] })), AT);
    expect(made).toMatchObject({
      ok: false,
      detail:
        'tasks.0.subtasks.0.prerequisite_subtask_ids.0: "task_1_1_b" is no subtask of this plan; did you mean "task_1_1_a"?',
    });
  });
});
