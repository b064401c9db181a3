/** Leases, retries, blocks and ends of an execution of a plan, on the engine itself. */
import { describe, expect, it } from "vitest";
import { timerName } from "../../../src/domain/execution/timer.ts";
import { messagesOf } from "../../../src/domain/fold/messages.ts";
import { plan, subtask, task, undivided } from "../../support/plans/made.ts";
import { LEASE_MS, OnePlan } from "../../support/plans/one-plan.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Two subtasks in a row, and one beside them. */
const chain = () =>
  plan([
    task("t1", { subtasks: [subtask("a"), subtask("b", { prerequisiteSubtaskIds: ["a"] })] }),
    task("t2", { subtasks: [subtask("c")] }),
  ]);

const types = (one: OnePlan) => one.events.map(({ type }) => type);

describe("a lease", () => {
  it("is given again, unchanged, to an agent that did not begin", async () => {
    const one = new OnePlan(chain());
    const first = await one.poll("larry");
    const again = await one.poll("larry");
    expect(again.task).toEqual(first.task);
    expect((await one.poll("moe")).task?.id).toBe("c");
    expect(one.broken()).toEqual([]);
  });

  it("that ends before its agent began is offered again, with the next epoch and the same attempt", async () => {
    const one = new OnePlan(chain());
    await one.poll("larry");
    one.pass(LEASE_MS);
    const { task: given } = await one.poll("moe");
    expect([given?.id, given?.lease.epoch, given?.attempt]).toEqual(["a", 2, 1]);
    const late = await one.report("larry", "task_complete", { taskId: "a" });
    expect([late.applied, late.why]).toEqual([false, "a is held by another agent"]);
    expect(one.at("a").status).toBe("leased");
    expect(one.broken()).toEqual([]);
  });

  it("that ends after its agent began leaves the subtask in doubt, and a person decides", async () => {
    const one = new OnePlan(chain());
    await one.poll("larry");
    await one.report("larry", "task_started", { taskId: "a" });
    one.pass(LEASE_MS);
    expect(one.at("a")).toMatchObject({ status: "blocked", errorType: "in_doubt" });
    expect(one.at("a").blocked?.options).toEqual(["retry_task", "complete_by_hand", "skip_task", "cancel_execution"]);
    // The others go on.
    expect((await one.poll("moe")).task?.id).toBe("c");
    expect(one.tell({ type: "resolve_work", option: "retry_task", by: "mark" })).toBe("ok");
    expect((await one.poll("larry")).task?.id).toBe("a");
    expect(one.broken()).toEqual([]);
  });

  it("whose agent comes back and cannot tell whether it happened has the same options, whatever its alternatives are", async () => {
    const alternatives = [{ option: "approve_phone_call", action: "make_phone_call", params: {} }];
    const one = new OnePlan(plan([task("t1", { subtasks: [subtask("a", { alternatives })] })]));
    await one.poll("larry");
    await one.report("larry", "task_started", { taskId: "a" });
    await one.report("larry", "task_error", { taskId: "a", errorType: "in_doubt", review: true });
    expect(one.at("a").blocked?.options).toEqual(["retry_task", "complete_by_hand", "skip_task", "cancel_execution"]);
    expect(one.broken()).toEqual([]);
  });

  it("of what may be done twice is offered again, begun or not", async () => {
    const one = new OnePlan(chain());
    await one.poll("larry", { send_email: true });
    await one.report("larry", "task_started", { taskId: "a" });
    one.pass(LEASE_MS);
    expect((await one.poll("moe", { send_email: true })).task).toMatchObject({ id: "a", attempt: 1 });
    expect(one.broken()).toEqual([]);
  });

  it("that is given anew has what an earlier attempt said of its progress: its data, else its message", async () => {
    const one = new OnePlan(chain());
    const idempotent = { send_email: true };
    expect((await one.poll("larry", idempotent)).task?.lastProgress).toBeUndefined();
    await one.report("larry", "task_progress", { taskId: "a", message: "half" });
    one.pass(LEASE_MS);
    expect((await one.poll("moe", idempotent)).task).toMatchObject({ id: "a", lastProgress: "half" });
    await one.report("moe", "task_progress", { taskId: "a", message: "more", output: { done: 7 } });
    await one.report("moe", "task_progress", { taskId: "a", message: "nearly there" });
    one.pass(LEASE_MS);
    one.crash();
    expect((await one.poll("larry", idempotent)).task).toMatchObject({ id: "a", lastProgress: { done: 7 } });
    expect(one.broken()).toEqual([]);
  });

  it("has at its second lease the data of its first", async () => {
    const one = new OnePlan(chain());
    const idempotent = { send_email: true };
    await one.poll("larry", idempotent);
    await one.report("larry", "task_progress", { taskId: "a", output: { done: 1 } });
    one.pass(LEASE_MS);
    expect((await one.poll("moe", idempotent)).task).toMatchObject({ id: "a", lastProgress: { done: 1 } });
  });

  it("is renewed by a heartbeat, which is written only when it moves the end by more than a third", async () => {
    const one = new OnePlan(chain());
    await one.poll("larry");
    await one.report("larry", "task_started", { taskId: "a" });
    const before = one.events.length;
    one.pass(LEASE_MS / 3);
    await one.report("larry", "heartbeat");
    expect(one.events.length).toBe(before);
    one.pass(1);
    await one.report("larry", "heartbeat");
    expect(types(one).slice(before)).toEqual(["agent.heartbeat"]);
    one.pass(LEASE_MS - 1);
    expect(one.at("a").status).toBe("started");
    one.pass(1);
    expect(one.at("a").status).toBe("blocked");
    expect(one.broken()).toEqual([]);
  });

  it("that is lost is not renewed: its agent hears so by its next heartbeat, also when it holds it again under another one", async () => {
    const one = new OnePlan(chain());
    const { task: first } = await one.poll("larry");
    const lost = { taskId: "a", leaseId: first?.lease.id };
    expect((await one.report("larry", "heartbeat", lost)).applied).toBe(true);
    one.pass(LEASE_MS);
    expect(await one.report("larry", "heartbeat", lost)).toMatchObject({
      ...{ applied: false, why: "no agent holds a: it is queued", lease: undefined },
    });
    await one.poll("moe");
    const { applied, why } = await one.report("larry", "heartbeat", { ...lost, message: "still at it" });
    expect([applied, why]).toEqual([false, "a is held by another agent"]);
    one.pass(LEASE_MS);
    await one.poll("larry");
    const before = one.events.length;
    one.pass(LEASE_MS / 2);
    expect(await one.report("larry", "heartbeat", lost)).toMatchObject({
      applied: false,
      why: expect.stringContaining("has ended"),
    });
    expect(await one.report("larry", "heartbeat", { leaseId: lost.leaseId })).toMatchObject({ applied: false });
    expect(one.events.length).toBe(before);
    expect((await one.report("larry", "heartbeat")).applied).toBe(true);
    expect(types(one).slice(before)).toEqual(["agent.heartbeat"]);
    expect(one.broken()).toEqual([]);
  });

  it("is over with its execution: a heartbeat hears so, whether it names something or not", async () => {
    const one = new OnePlan(plan([task("t", { subtasks: [subtask("a")] })]));
    await one.poll("larry");
    one.tell({ type: "cancel", by: "mark" });
    const told = { applied: false, why: "the execution has ended: it is cancelled", forceCancel: true };
    expect(await one.report("larry", "heartbeat")).toMatchObject(told);
    expect(await one.report("larry", "heartbeat", { taskId: "a" })).toMatchObject(told);
  });

  it("may be begun twice as the plan says of its own action, and as the agent says of another one", async () => {
    const alternatives = [{ option: "call", action: "make_phone_call", params: {} }];
    const one = new OnePlan(plan([task("t", { subtasks: [subtask("a", { idempotent: true, alternatives })] })]));
    const given = async (option: string) => {
      await one.report("larry", "task_error", { taskId: "a", errorMessage: "no", review: true });
      one.tell({ type: "resolve_work", subtask: "a", option, params: { n: 1 }, by: "mark" });
      return (await one.poll("larry", { send_email: false, make_phone_call: false })).task;
    };
    expect((await one.poll("larry")).task).toMatchObject({ action: "send_email", idempotent: true });
    expect(await given("call")).toMatchObject({ action: "make_phone_call", idempotent: false });
  });

  it("is renewed alone where a heartbeat names its task", async () => {
    const one = new OnePlan(chain());
    for (const id of ["a", "c"]) {
      expect((await one.poll("larry")).task?.id).toBe(id);
      await one.report("larry", "task_started", { taskId: id });
    }
    one.pass(LEASE_MS / 2);
    expect((await one.report("larry", "heartbeat", { taskId: "t2" })).applied).toBe(true);
    one.pass(LEASE_MS / 2);
    expect([one.at("a").status, one.at("c").status]).toEqual(["blocked", "started"]);
    expect(one.broken()).toEqual([]);
  });

  it("does not end before its time, whatever rings", async () => {
    const one = new OnePlan(chain());
    await one.poll("larry");
    one.pass(LEASE_MS - 1);
    expect(one.tell({ type: "fire_timer", name: timerName("lease", "a") })).toBe("ok");
    expect(one.at("a").status).toBe("leased");
  });

  it("is never renewed beyond the timeout of its subtask", async () => {
    const one = new OnePlan(plan([task("t", { subtasks: [subtask("a", { timeoutHours: 0.75 })] })]));
    await one.poll("larry", { send_email: true });
    await one.report("larry", "task_started", { taskId: "a" });
    for (let beats = 0; beats < 4; beats += 1) {
      one.pass(11 * MINUTE_MS);
      await one.report("larry", "heartbeat");
    }
    one.pass(MINUTE_MS);
    expect(one.at("a")).toMatchObject({ status: "queued", attempt: 2 });
    expect(one.broken()).toEqual([]);
  });

  it("that three agents lost in a row blocks a poisoned subtask", async () => {
    const one = new OnePlan(plan([task("t", { subtasks: [subtask("a")] })]));
    for (const agent of ["larry", "moe", "larry"]) {
      expect((await one.poll(agent)).task?.id).toBe("a");
      one.pass(LEASE_MS);
    }
    expect(one.at("a")).toMatchObject({ status: "blocked", errorType: "poisoned" });
    expect(one.status).toBe("blocked");
    one.tell({ type: "resolve_work", option: "retry_task", by: "mark" });
    expect((await one.poll("larry")).task?.id).toBe("a");
    one.pass(LEASE_MS);
    expect(one.at("a")).toMatchObject({ status: "queued", lapses: ["larry"] });
    expect(one.broken()).toEqual([]);
  });

  it("and everything else survives the death of the process", async () => {
    const one = new OnePlan(chain());
    const { task: given } = await one.poll("larry");
    await one.report("larry", "task_started", { taskId: "a" });
    one.crash();
    expect(one.at("a")).toMatchObject({ status: "started", lease: { id: given?.lease.id } });
    await one.report("larry", "task_complete", { taskId: "a", output: { sent: true } });
    one.crash();
    expect(one.view()?.tasks?.[0]?.subtasks[0]?.result).toEqual({ sent: true });
    expect((await one.poll("larry")).task?.id).toBe("b");
    expect(one.broken()).toEqual([]);
  });
});

describe("a report", () => {
  it("tells the directory of agents when what is ready may have changed, and not of progress", async () => {
    const one = new OnePlan(chain());
    await one.poll("larry");
    for (const type of ["task_started", "task_progress", "task_progress", "task_complete"] as const)
      await one.report("larry", type, { taskId: "a" });
    const { state: after } = one.journal;
    if (!after) throw new Error("no execution");
    const change = { before: after, after, index: () => one.journal.index() };
    const reports = one.events.filter(({ type }) => type === "agent.reported");
    expect(reports.map((event) => messagesOf(event, change).map(({ to }) => to))).toEqual([
      ["offers"],
      [],
      [],
      ["offers"],
    ]);
  });

  it("is the same one when its agent sends its id again, and another one from another agent", async () => {
    const one = new OnePlan(chain());
    await one.poll("larry");
    await one.poll("moe");
    const first = await one.report("larry", "task_complete", { taskId: "a", eventId: "1" });
    const again = await one.report("larry", "task_complete", { taskId: "a", eventId: "1" });
    expect([first.isDuplicate, again.isDuplicate, again.applied]).toEqual([false, true, true]);
    const other = await one.report("moe", "task_complete", { taskId: "c", eventId: "1" });
    expect([other.isDuplicate, other.applied, one.at("c").status]).toEqual([false, true, "complete"]);
    expect(one.broken()).toEqual([]);
  });

  it("that names a task moves what its agent holds of that task, and nothing of another one", async () => {
    const one = new OnePlan(chain());
    await one.poll("larry");
    const { applied, why } = await one.report("larry", "task_complete", { subtaskId: "t2" });
    expect([applied, why, one.at("a").status]).toEqual([false, "it names no subtask that its agent holds", "leased"]);
    expect((await one.report("larry", "task_complete", { subtaskId: "t1" })).applied).toBe(true);
    expect(one.at("a").status).toBe("complete");
    expect(one.broken()).toEqual([]);
  });
});

describe("a reported error", () => {
  it("is tried again after its backoff, until the attempts are spent and a person is asked", async () => {
    const retryPolicy = { maxAttempts: 2, backoff: "fixed", backoffSeconds: 300 } as const;
    const one = new OnePlan(plan([task("t", { subtasks: [subtask("a", { retryPolicy })] })]));
    await one.poll("larry");
    const failed = await one.report("larry", "task_error", { taskId: "a", errorMessage: "no route" });
    expect(failed.blocked).toBeUndefined();
    expect((await one.poll("larry")).task).toBeUndefined();
    one.pass(300_000);
    expect((await one.poll("larry")).task).toMatchObject({ id: "a", attempt: 2 });
    const spent = await one.report("larry", "task_error", { taskId: "a", errorMessage: "no route" });
    expect(spent.blocked).toMatchObject({ assignee: "ann", options: ["retry_task", "skip_task", "cancel_execution"] });
    expect(one.status).toBe("blocked");
    expect(one.broken()).toEqual([]);
  });

  it("fails the task where the plan says so: what waits for it is skipped with the reason, and the execution fails", async () => {
    const retryPolicy = { maxAttempts: 1, backoff: "fixed", backoffSeconds: 1 } as const;
    const failing = { ...chain(), onExhausted: "fail" as const };
    const one = new OnePlan({
      ...failing,
      tasks: failing.tasks.map((each) => ({ ...each, subtasks: each.subtasks.map((s) => ({ ...s, retryPolicy })) })),
    });
    await one.poll("larry");
    await one.report("larry", "task_error", { taskId: "a", errorMessage: "no route" });
    expect(one.at("b")).toMatchObject({ status: "skipped", error: "it waited for a, which failed" });
    expect(one.status).toBe("running");
    await one.poll("larry");
    await one.report("larry", "task_complete", { taskId: "c" });
    expect(one.status).toBe("failed");
    expect(one.tell({ type: "dismiss_failure", by: "mark" })).toBe("ok");
    expect(one.journal.state?.work?.dismissed).toBe(true);
    expect(one.broken()).toEqual([]);
  });

  it("that does not block the whole execution lets the others go on, and blocks it when none can", async () => {
    const one = new OnePlan(chain());
    await one.poll("larry");
    await one.report("larry", "task_error", { taskId: "a", review: true, blocking: false });
    expect(one.status).toBe("running");
    expect((await one.poll("larry")).task?.id).toBe("c");
    await one.report("larry", "task_complete", { taskId: "c" });
    expect(one.status).toBe("blocked");
    expect(one.tell({ type: "resume", by: "mark" })).toBe("invalid_state");
    expect(one.tell({ type: "resolve_work", option: "skip_task", by: "mark" })).toBe("ok");
    expect(one.status).toBe("running");
    expect(one.broken()).toEqual([]);
  });
});

describe("a block that an agent reports", () => {
  it("is escalated after a day, and no timer of it is left when a person has chosen", async () => {
    const one = new OnePlan(chain());
    const timers = () => one.timers.filter((name) => /^(?:lease|escalation|redelivery):/.test(name));
    await one.poll("larry");
    expect(timers()).toEqual(["lease:a"]);
    await one.report("larry", "task_error", { taskId: "a", review: true });
    expect(timers()).toEqual(["escalation:a"]);
    one.tell({ type: "resolve_work", option: "retry_task", by: "mark" });
    expect(timers()).toEqual([]);
    await one.poll("larry");
    await one.report("larry", "task_blocked", { taskId: "a", review: true });
    one.pass(24 * HOUR_MS);
    expect(types(one).filter((type) => type === "subtask.escalated")).toHaveLength(1);
    expect(timers()).toEqual([]);
    expect(one.broken()).toEqual([]);
  });
});

describe("a subtask that waits for the outside", () => {
  it("keeps its lease for two days, and is then a person's", async () => {
    const one = new OnePlan(plan([task("t", { subtasks: [subtask("a")] })]));
    await one.poll("larry");
    await one.report("larry", "task_blocked", { taskId: "a", message: "waits for the reply" });
    expect([one.at("a").status, one.status]).toEqual(["awaiting", "blocked"]);
    one.pass(47 * HOUR_MS);
    await one.report("larry", "task_progress", { taskId: "a" });
    expect(one.status).toBe("running");
    await one.report("larry", "task_blocked", { taskId: "a" });
    one.pass(48 * HOUR_MS);
    expect(one.at("a")).toMatchObject({ status: "blocked", errorType: "timeout" });
    one.pass(24 * HOUR_MS);
    expect(types(one)).toContain("subtask.escalated");
    expect(one.broken()).toEqual([]);
  });

  it("waits two days in all, however often it says so, and has a lease again when it goes on", async () => {
    const one = new OnePlan(plan([task("t", { subtasks: [subtask("a")] }), task("t2", { subtasks: [subtask("b")] })]));
    for (const id of ["a", "b"]) {
      await one.poll("larry");
      await one.report("larry", "task_blocked", { taskId: id });
    }
    one.pass(24 * HOUR_MS);
    await one.report("larry", "task_blocked", { taskId: "a" });
    await one.report("larry", "task_progress", { taskId: "b" });
    one.pass(LEASE_MS);
    expect(one.at("b")).toMatchObject({ status: "blocked", errorType: "in_doubt" });
    one.pass(24 * HOUR_MS - LEASE_MS);
    expect(one.at("a")).toMatchObject({ status: "blocked", errorType: "timeout" });
    expect(one.broken()).toEqual([]);
  });
});

describe("an execution", () => {
  it("is complete when every subtask is complete or skipped, and says so once per task", async () => {
    const one = new OnePlan(chain());
    for (const id of ["a", "b", "c"]) {
      await one.poll("larry");
      await one.report("larry", "task_complete", { taskId: id });
    }
    expect(one.status).toBe("succeeded");
    expect(types(one).filter((type) => type === "plan.progressed")).toHaveLength(2);
    expect(one.view()).toMatchObject({ tasksCompleted: 2, subtasksCompleted: 3 });
    expect(one.broken()).toEqual([]);
  });

  it("gives out what a blocking task holds back when that has ended, and by priority", async () => {
    const one = new OnePlan(
      plan([
        task("first", { isBlocking: true, subtasks: [subtask("a")] }),
        task("later", { subtasks: [subtask("b")] }),
        task("urgent", { priority: 0, subtasks: [subtask("c")] }),
      ]),
    );
    expect((await one.poll("larry")).task?.id).toBe("a");
    expect((await one.poll("moe")).task).toBeUndefined();
    await one.report("larry", "task_complete", { taskId: "first" });
    expect((await one.poll("moe")).task?.id).toBe("c");
    expect(one.broken()).toEqual([]);
  });

  it("asks a person what to do where the plan does not say it", async () => {
    const one = new OnePlan(undivided([task("t")]));
    expect([one.status, one.at("t").blocked?.options[0]]).toEqual(["blocked", "give_action"]);
    expect(one.tell({ type: "resolve_work", option: "give_action", by: "mark" })).toBe("invalid_input");
    one.tell({ type: "resolve_work", option: "give_action", action: "send_email", params: { to: "x" }, by: "mark" });
    expect((await one.poll("larry")).task).toMatchObject({ id: "t", params: { to: "x" }, lease: { epoch: 1 } });
    expect(one.broken()).toEqual([]);
  });

  it("goes on with what a person gave it before: with other params, or with what its agent suggests", async () => {
    const alternatives = [{ option: "approve_phone_call", action: "make_phone_call", params: { number: "1" } }];
    const one = new OnePlan(undivided([task("t1", { subtasks: [subtask("a", { alternatives })] }), task("t2")]));
    const calls = { make_phone_call: false };
    await one.poll("larry");
    await one.report("larry", "task_error", { taskId: "a", review: true, blocking: false });
    one.tell({ type: "resolve_work", subtask: "a", option: "approve_phone_call", by: "mark" });
    expect((await one.poll("larry", calls)).task).toMatchObject({ id: "a", action: "make_phone_call" });
    await one.report("larry", "task_error", { taskId: "a", errorType: "in_doubt", review: true, blocking: false });
    one.tell({ type: "resolve_work", subtask: "a", option: "retry_task", params: { number: "2" }, by: "mark" });
    expect((await one.poll("larry", calls)).task).toMatchObject({
      ...{ id: "a", action: "make_phone_call", params: { number: "2" } },
    });
    const given = { action: "make_phone_call", params: { number: "3" } };
    one.tell({ type: "resolve_work", subtask: "t2", option: "give_action", ...given, by: "mark" });
    await one.poll("moe", calls);
    await one.report("moe", "task_error", { taskId: "t2", review: true, blocking: false, suggestions: ["At noon"] });
    one.tell({ type: "resolve_work", subtask: "t2", option: "approve_suggestion_1", by: "mark" });
    expect((await one.poll("moe", calls)).task).toMatchObject({
      ...{ id: "t2", action: "make_phone_call", params: { number: "3", suggestion: "At noon" } },
    });
    expect(one.broken()).toEqual([]);
  });

  it("may not do twice what its plan forbids, also with other params", async () => {
    const one = new OnePlan(plan([task("t", { subtasks: [subtask("a", { idempotent: false })] })]));
    await one.poll("larry", { send_email: true });
    await one.report("larry", "task_error", { taskId: "a", review: true });
    one.tell({ type: "resolve_work", option: "retry_task", params: { to: "x" }, by: "mark" });
    expect((await one.poll("larry", { send_email: true })).task).toMatchObject({
      params: { to: "x" },
      idempotent: false,
    });
    expect(one.broken()).toEqual([]);
  });

  it("fails by time after a week of active time", async () => {
    const one = new OnePlan(chain());
    await one.poll("larry");
    for (let days = 0; days < 8; days += 1) one.pass(24 * HOUR_MS);
    expect(one.status).toBe("timeout");
    expect(one.broken()).toEqual([]);
  });
});

describe("5,000 subtasks", () => {
  it("cost each event the rows that it changes, and an object that is opened reads where they stand", async () => {
    const tasks = Array.from({ length: 500 }, (_one, at) =>
      task(`t${at}`, { subtasks: Array.from({ length: 10 }, (_two, n) => subtask(`s${at}_${n}`)) }),
    );
    const one = new OnePlan(plan(tasks));
    expect(one.rowsWritten).toBe(0);
    for (let done = 0; done < 30; done += 1) {
      const { task: given } = await one.poll("larry");
      await one.report("larry", "task_complete", { taskId: given?.id ?? "" });
    }
    // Each lease: where it stands, and once that the agent was here; each report: where it stands, and its id.
    expect(one.rowsWritten).toBe(30 * 3 + 1);
    one.crash();
    expect(one.view()?.subtasksCompleted).toBe(30);
    expect((await one.poll("larry")).task?.id).toBe("s3_0");
  });
});
