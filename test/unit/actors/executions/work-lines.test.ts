/** The lines of the log about executions of plans, word for word. */
import { expect, test } from "vitest";
import { WorkLines } from "../../../../src/actors/executions/work-lines.ts";
import { plan, subtask, task } from "../../../support/plans/made.ts";
import { OnePlan } from "../../../support/plans/one-plan.ts";

test("each change of status and each failure is one line, and names nobody", async () => {
  const one = new OnePlan(plan([task("t", { subtasks: [subtask("task_1_1_a")] })]));
  await one.poll("larry");
  const errorMessage = "carol@bittersweet-farm.com bounced";
  await one.report("larry", "task_error", { taskId: "task_1_1_a", errorMessage, review: true });
  const { state } = one.journal;
  if (!state) throw new Error("no state");
  const said = new WorkLines(undefined).of(one.events, state).map(({ level, message }) => [level, message]);
  expect(said).toEqual([
    ["info", "Execution exec_1 transitioned: CREATED → QUEUED"],
    ["info", "Execution exec_1 transitioned: QUEUED → RUNNING"],
    ["error", expect.stringMatching(/^Task task_1_1_a failed: .* bounced$/)],
    ["info", "Execution exec_1 transitioned: RUNNING → BLOCKED"],
  ]);
  expect(JSON.stringify(said)).not.toContain("carol@");
});

test.each([
  [{ errorType: "timeout" }, "timeout"],
  [{}, "its agent gave no reason"],
])("a failure of which its agent says no more than %j has a reason all the same", async (said, reason) => {
  const one = new OnePlan(plan([task("t", { subtasks: [subtask("a")] })]));
  await one.poll("larry");
  await one.report("larry", "task_error", { taskId: "a", ...said });
  const { state } = one.journal;
  const lines = state ? new WorkLines(undefined).of(one.events, state) : [];
  expect(lines.map(({ message }) => message)).toContain(`Task a failed: ${reason}`);
});
