/** An execution of a plan that follows another one: what it takes over, what it does anew, what it asks a person about first. */
import { describe, expect, it } from "vitest";
import type { CreateCommand } from "../../../src/domain/execution/command.ts";
import { restartMessage } from "../../../src/engine/outbox/restart-message.ts";
import { plan, subtask, task } from "../../support/plans/made.ts";
import { OnePlan } from "../../support/plans/one-plan.ts";

const chain = () =>
  plan([
    task("t1", { subtasks: [subtask("a"), subtask("b", { prerequisiteSubtaskIds: ["a"] })] }),
    task("t2", { subtasks: [subtask("c"), subtask("d", { idempotent: true }), subtask("e")] }),
  ]);

/** The start of the execution that follows, as the outbox sends it. */
function restarted(one: OnePlan, reuse: "succeeded-before" | "none" = "succeeded-before"): CreateCommand {
  const words = { scope: "execution", reuse, fork: false, digest: `of ${reuse}`, by: "mark" } as const;
  expect(one.tell({ type: "restart", id: "exec_2", runId: "run_2", ...words })).toBe("ok");
  const message = restartMessage(one.journal, one.journal.state?.seq ?? 0);
  if (message?.to !== "successor" || !message.plan) throw new Error("nothing follows");
  const { origin, input, plan: done, finished } = message;
  return { type: "create", origin, input, plan: done, ...(finished ? { finished } : {}) };
}

const following = (command: CreateCommand) => new OnePlan(chain(), { command });

describe("a restart of an execution of a plan", () => {
  it("takes over what is complete, with its result, and has the rest done", async () => {
    const one = new OnePlan(chain());
    const { task: given } = await one.poll("larry");
    await one.report("larry", "task_complete", { taskId: given?.id ?? "", output: { sent: true }, message: "Sent." });
    one.tell({ type: "cancel", by: "mark" });
    const next = following(restarted(one));
    expect(next.at("a")).toMatchObject({ status: "complete", outcome: "Sent." });
    expect(next.journal.work.resultOf("a")).toEqual({ sent: true });
    expect((await next.poll("larry")).task?.id).toBe("b");
    await next.report("larry", "task_complete", { taskId: "b" });
    expect(next.journal.state?.results).toEqual({ reused: 1, own: 1 });
    next.crash();
    expect(next.view()?.subtasksCompleted).toBe(2);
    expect(next.broken()).toEqual([]);
  });

  it("asks a person about what was begun there and may not be done twice, before an agent gets it", async () => {
    const one = new OnePlan(chain());
    for (const id of ["a", "c", "d"]) {
      expect((await one.poll("larry")).task?.id).toBe(id);
      await one.report("larry", "task_started", { taskId: id });
    }
    one.tell({ type: "cancel", by: "mark" });
    const next = following(restarted(one));
    expect([next.at("a").status, next.at("c").errorType, next.at("d").status]).toEqual([
      "blocked",
      "in_doubt",
      "queued",
    ]);
    expect(next.at("a").blocked?.options).toEqual(["retry_task", "complete_by_hand", "skip_task", "cancel_execution"]);
    expect((await next.poll("larry")).task?.id).toBe("d");
    expect(next.tell({ type: "resolve_work", subtask: "a", option: "retry_task", by: "mark" })).toBe("ok");
    expect((await next.poll("moe")).task?.id).toBe("a");
    expect(next.journal.state?.work?.doubted).toBeUndefined();
    expect(next.broken()).toEqual([]);
  });

  it("asks also about what waited for the outside there", async () => {
    const one = new OnePlan(chain());
    await one.poll("larry");
    await one.report("larry", "task_started", { taskId: "a" });
    await one.report("larry", "task_blocked", { taskId: "a", message: "Sent. Waiting for the response." });
    expect(one.at("a").status).toBe("awaiting");
    one.tell({ type: "cancel", by: "mark" });
    expect(following(restarted(one)).at("a")).toMatchObject({ status: "blocked", errorType: "in_doubt" });
  });

  it("leaves outputs behind that are too many for one call, and takes their subtasks over all the same", async () => {
    const ids = ["a", "b", "c", "d", "e", "f", "g"];
    const long = plan([task("t", { subtasks: ids.map((id) => subtask(id)) }), task("u", { subtasks: [subtask("z")] })]);
    const one = new OnePlan(long);
    for (const id of ids) {
      expect((await one.poll("larry")).task?.id).toBe(id);
      await one.report("larry", "task_complete", { taskId: id, output: { text: "x".repeat(1_500_000) } });
    }
    one.tell({ type: "cancel", by: "mark" });
    const command = restarted(one);
    const kept = command.finished?.subtasks.filter(({ output }) => output !== undefined).map(({ subtask: id }) => id);
    expect(kept).toEqual(["a", "b", "c", "d", "e"]);
    const next = new OnePlan(long, { command });
    expect([next.work.subtasksCompleted, (await next.poll("larry")).task?.id]).toEqual([7, "z"]);
  });

  it("does everything anew where that is asked for", async () => {
    const one = new OnePlan(chain());
    await one.poll("larry");
    await one.report("larry", "task_complete", { taskId: "a" });
    one.tell({ type: "cancel", by: "mark" });
    const next = following(restarted(one, "none"));
    expect((await next.poll("larry")).task?.id).toBe("a");
  });

  it("is complete at once where all was done", async () => {
    const one = new OnePlan(plan([task("t", { subtasks: [subtask("a")] })]));
    await one.poll("larry");
    await one.report("larry", "task_complete", { taskId: "a" });
    expect(one.status).toBe("succeeded");
    expect(new OnePlan(one.plan, { command: restarted(one) }).status).toBe("succeeded");
  });
});
