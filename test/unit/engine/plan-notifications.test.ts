/** Of what an owner is notified, and what each notification says: read off the log of an execution of a plan. */
import { describe, expect, it } from "vitest";
import { notificationBody } from "../../../src/contract/notifications/notification.ts";
import { messagesOf } from "../../../src/domain/fold/messages.ts";
import { notificationOf } from "../../../src/engine/outbox/notification.ts";
import { plan, subtask, task } from "../../support/plans/made.ts";
import { OnePlan } from "../../support/plans/one-plan.ts";

const HOUR_MS = 3_600_000;

/** Those that the log made so far, as they are sent now. Each row of the outbox is a notification: none is written for nothing. */
function notified(one: OnePlan) {
  const { state } = one.journal;
  if (!state) throw new Error("it has no state");
  const change = { before: state, after: state, index: () => one.journal.index() };
  return one.events.flatMap((event) =>
    messagesOf(event, change).flatMap((message) => {
      if (message.to !== "notification") return [];
      const told = notificationOf(one.journal, state, message);
      if (!told) throw new Error(`a row of ${event.type} says nothing`);
      return [notificationBody(told, one.now)];
    }),
  );
}

describe("an owner is notified", () => {
  it("when an agent asks for a person, and once more after a day", async () => {
    const one = new OnePlan(plan([task("t", { subtasks: [subtask("a")] })]));
    await one.poll("larry");
    const errorMessage = "No answer from 860-455-9416";
    await one.report("larry", "task_error", { taskId: "a", errorMessage, review: true });
    const [first, ...none] = notified(one);
    expect(first).toMatchObject({ event: "task.blocked", task_id: "a", status: "BLOCKED" });
    expect(String(first?.text)).toMatch(/^Execution \S+ blocked: No answer from /);
    expect([String(first?.text).includes("455"), none]).toEqual([false, []]);
    one.pass(24 * HOUR_MS);
    expect(notified(one).slice(1)).toMatchObject([
      {
        event: "task.escalated",
        task_id: "a",
        blocked_since: first?.blocked_since,
        next_step_options: ["retry_task", "skip_task", "cancel_execution"],
      },
    ]);
  });

  it("when a subtask is in doubt, and when a plan does not say what to do", async () => {
    const one = new OnePlan(
      plan([task("t", { subtasks: [subtask("a")] }), task("t2", { subtasks: [subtask("b", { action: null })] })]),
    );
    expect(notified(one)).toMatchObject([{ task_id: "b", message: "its plan does not say what to do" }]);
    await one.poll("larry");
    await one.report("larry", "task_started", { taskId: "a" });
    one.pass(30 * 60_000);
    expect(notified(one).at(-1)).toMatchObject({
      event: "task.blocked",
      task_id: "a",
      message: expect.stringContaining("may have happened"),
    });
  });

  it("of no failure that is tried again", async () => {
    const one = new OnePlan(plan([task("t", { subtasks: [subtask("a")] })]));
    await one.poll("larry");
    await one.report("larry", "task_error", { taskId: "a", errorMessage: "busy" });
    expect(notified(one)).toEqual([]);
  });
});
