/** The stream of a plan's execution as its readers see it: true from its first frame on, whatever the plan becomes meanwhile. */
import { describe, expect, it } from "vitest";
import type { ExecutionBody } from "../../../src/contract/executions/body.ts";
import { eventFrame, updateFrame } from "../../../src/contract/stream/frames.ts";
import { PlanFrames } from "../../../src/contract/stream/plan-frames.ts";
import { iso } from "../../../src/contract/wire.ts";
import type { PlanExecutionView } from "../../../src/domain/read-models/plan-view.ts";
import { plan, subtask, task } from "../../support/plans/made.ts";
import { OnePlan } from "../../support/plans/one-plan.ts";

function frames(one: OnePlan) {
  const made = new PlanFrames("exec_1", one.view() as PlanExecutionView);
  let seen = one.events.length;
  return {
    first: (state = one.journal.state) => {
      if (!state) throw new Error("it has no state");
      // What a plan's stream reads of a snapshot.
      const execution = { status: state.status, created_at: iso(state.createdAtMs) } as ExecutionBody;
      return made.of({ type: "snapshot", seq: state.seq, execution, turns_in_flight: [] });
    },
    /** What the events since the last look became, and how things stand after them. */
    news: () => {
      const events = one.events.slice(seen);
      seen += events.length;
      const told = events.map((event) => made.of(eventFrame(event)));
      if (!one.journal.state) throw new Error("it has no state");
      return [...told, made.of(updateFrame(one.journal.state))];
    },
  };
}

const found = (taskId: string) => ({
  ...{ taskId, confidence: 0.9, notes: "", warnings: [] },
  subtasks: [
    {
      ...{ id: `${taskId}_a`, title: "Call the farm", action: "send_email", params: {} },
      ...{ dependsOn: [], successCriteria: [], failureHandling: null },
    },
  ],
});

describe("the stream of a plan", () => {
  it("names what is worked at by its title, also where a task got its subtasks while the stream was open", async () => {
    const one = new OnePlan(plan([task("t")]));
    one.tell({ type: "begin_plan" });
    const stream = frames(one);
    const outcome = { ok: true, value: found("t") as never } as const;
    const usage = { turns: 0, tokens: 0, costUsd: 0, children: 0 };
    one.tell({ type: "child_finished", childId: one.at("t").childId ?? "", status: "succeeded", outcome, usage });
    await one.poll("larry");
    expect(stream.news().at(-1)).toMatchObject({
      progress: { current_task_id: "t_a", current_task_title: "Call the farm", tasks_total: 1, percent: 0 },
    });
  });

  it("begins with counts and a status of one moment, though the snapshot is older", async () => {
    const one = new OnePlan(plan([task("t", { subtasks: [subtask("a")] })]));
    const before = one.journal.state;
    await one.poll("larry");
    await one.report("larry", "task_complete", { taskId: "a" });
    expect(frames(one).first(before)).toMatchObject({
      ...{ type: "execution_update", status: "COMPLETED" },
      progress: { tasks_completed: 1, tasks_total: 1, percent: 100, current_task_id: null, current_task_title: null },
    });
  });

  it("names nothing that is worked at once the execution has ended", async () => {
    const one = new OnePlan(plan([task("t", { subtasks: [subtask("a")] })]));
    const stream = frames(one);
    await one.poll("larry");
    expect(stream.news().at(-1)).toMatchObject({ progress: { current_task_id: "a", current_task_title: "Do a" } });
    one.tell({ type: "cancel", by: "ann" });
    expect(stream.news().at(-1)).toMatchObject({ status: "CANCELLED", progress: { current_task_id: null } });
  });
});
