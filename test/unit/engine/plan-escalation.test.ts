/** Who is asked about a blocked subtask: the owner, whom the plan names, or whom a person names then. */
import { describe, expect, it } from "vitest";
import { notificationBody } from "../../../src/contract/notifications/notification.ts";
import { planExecutionDetail } from "../../../src/contract/plan-executions/bodies.ts";
import { ResolveTaskRequest } from "../../../src/contract/plan-executions/requests.ts";
import type { PlanExecutionView } from "../../../src/domain/read-models/plan-view.ts";
import { notificationOf } from "../../../src/engine/outbox/notification.ts";
import { plan, subtask, task } from "../../support/plans/made.ts";
import { LEASE_MS, OnePlan } from "../../support/plans/one-plan.ts";

const HOUR_MS = 3_600_000;

/** `a` and `b` are of a task that names Tessa, `c` and `d` of one that names nobody; the plan names Paul. */
function four() {
  const of = (...ids: string[]) => ids.map((id) => subtask(id));
  const tasks = [task("t1", { escalateTo: "tessa", subtasks: of("a", "b") }), task("t2", { subtasks: of("c", "d") })];
  return new OnePlan({ ...plan(tasks), escalateTo: "paul" });
}

async function block(one: OnePlan, taskId: string) {
  await one.poll("larry");
  return one.report("larry", "task_error", { taskId, review: true, blocking: false, errorMessage: "bounced" });
}

/** To whom the notifications of the log go, the newest last. */
function told(one: OnePlan) {
  const { state } = one.journal;
  return one.events.flatMap(({ type, seq }) => {
    const event = type === "subtask.escalated" ? "task.escalated" : "task.blocked";
    const message = state && notificationOf(one.journal, state, { to: "notification", event, seq });
    if (!message) return [];
    const { escalated_to, task_id } = notificationBody(message, one.now);
    return [[event, task_id, escalated_to, message.assignee ?? "owner"]];
  });
}

const asked = (one: OnePlan, id: string) =>
  planExecutionDetail(one.view() as PlanExecutionView)
    .tasks.flatMap(({ subtasks }) => subtasks)
    .find((piece) => piece.id === id)?.blocked?.escalated_to;

describe("a blocked subtask", () => {
  it("is asked of whom its task names, else of whom the plan names", async () => {
    const one = four();
    expect((await block(one, "a")).blocked?.assignee).toBe("tessa");
    one.tell({ type: "resolve_work", subtask: "a", option: "skip_task", by: "tessa" });
    await one.poll("larry");
    await one.report("larry", "task_complete", { taskId: "b" });
    expect((await block(one, "c")).blocked?.assignee).toBe("paul");
    one.crash();
    expect([asked(one, "c"), told(one)]).toEqual([
      "paul",
      [
        ["task.blocked", "a", "tessa", "tessa"],
        ["task.blocked", "c", "paul", "paul"],
      ],
    ]);
    const [gate] = one.journal.approvals.first(1);
    const opened = gate && one.journal.event(gate.openedSeq);
    expect(opened).toMatchObject({ data: { payload: { task_id: "c", escalated_to: "paul" } } });
    expect(one.broken()).toEqual([]);
  });

  it("that no report brings is asked of them too; where nobody is named, of the owner", async () => {
    const doubtful = four();
    await doubtful.poll("larry");
    await doubtful.report("larry", "task_started", { taskId: "a" });
    doubtful.pass(LEASE_MS);
    expect(asked(doubtful, "a")).toBe("tessa");
    const silent = new OnePlan(plan([task("t", { subtasks: [subtask("a", { action: null })] })]));
    silent.tell({ type: "begin_plan" });
    expect([asked(silent, "a"), told(silent)]).toEqual(["ann", [["task.blocked", "a", "ann", "owner"]]]);
  });

  it("is asked of another person from then on, who is told at once, and once more a day later", async () => {
    const one = four();
    await block(one, "a");
    one.pass(20 * HOUR_MS);
    const escalate = (to: string) => one.tell({ type: "escalate_work", subtask: "a", to, by: "tessa" });
    expect(escalate("anna")).toBe("ok");
    one.crash();
    expect(asked(one, "a")).toBe("anna");
    const seq = one.events.length;
    // Sent again it says nothing new.
    expect([escalate("anna"), one.events.length]).toEqual(["ok", seq]);
    one.pass(23 * HOUR_MS);
    expect(told(one)).toEqual([
      ["task.blocked", "a", "tessa", "tessa"],
      ["task.escalated", "a", "anna", "anna"],
    ]);
    one.pass(HOUR_MS);
    expect(told(one).slice(2)).toEqual([["task.escalated", "a", "anna", "anna"]]);
    expect(one.tell({ type: "resolve_work", subtask: "a", option: "retry_task", by: "anna" })).toBe("ok");
    expect(escalate("tessa")).toBe("no_open_gate");
    // Blocked anew it is asked of whom the plan names.
    expect((await block(one, "a")).blocked?.assignee).toBe("tessa");
    expect(one.broken()).toEqual([]);
  });

  it("is handed on twenty times at most, so that nobody is notified without end", async () => {
    const one = four();
    await block(one, "a");
    const answers = Array.from({ length: 22 }, (_one, at) =>
      one.tell({ type: "escalate_work", subtask: "a", to: `person_${at}`, by: "ann" }),
    );
    expect(answers.map((answer) => answer === "ok").lastIndexOf(true)).toBe(19);
    expect([answers.at(-1), asked(one, "a"), told(one).length]).toEqual(["invalid_state", "person_19", 21]);
    one.crash();
    expect(one.tell({ type: "escalate_work", subtask: "a", to: "ann", by: "ann" })).toBe("invalid_state");
    expect([one.tell({ type: "resolve_work", subtask: "a", option: "skip_task", by: "ann" }), one.broken()]).toEqual([
      "ok",
      [],
    ]);
  });

  it("answers a report that comes again as it was answered then, also when another one is asked meanwhile", async () => {
    const one = four();
    await one.poll("larry");
    const report = { taskId: "a", review: true, eventId: "evt_own" };
    await one.report("larry", "task_error", report);
    one.tell({ type: "escalate_work", to: "anna", by: "ann" });
    expect(await one.report("larry", "task_error", report)).toMatchObject({
      isDuplicate: true,
      blocked: { assignee: "tessa" },
    });
  });

  it("is handed to nobody by the process that dies before it was written", async () => {
    const one = four();
    await block(one, "a");
    await one.losing(0, async () => void one.tell({ type: "escalate_work", subtask: "a", to: "anna", by: "ann" }));
    expect([asked(one, "a"), told(one).length]).toEqual(["tessa", 1]);
    expect(one.broken()).toEqual([]);
  });
});

describe("a choice that is sent", () => {
  const words = (body: object) =>
    ResolveTaskRequest.safeParse(body).error?.issues.map(({ path, message }) => [path.join("."), message]);
  it("has an option or another person, not both, and no agent", () => {
    expect(words({ task_id: "a", escalate_to: "anna" })).toBeUndefined();
    const either = [["option", "is needed, or escalate_to, and not both"]];
    expect([words({ task_id: "a" }), words({ option: "skip_task", escalate_to: "anna" })]).toEqual([either, either]);
    expect(words({ escalate_to: "agent:larry" })).toEqual([
      ["escalate_to", "must be the subject of a person, and no agent's"],
    ]);
    expect(words({ escalate_to: "a\nb" })).toEqual([["escalate_to", "must hold no control characters"]]);
    expect(words({ escalate_to: "x".repeat(257) })).toHaveLength(1);
  });
});
