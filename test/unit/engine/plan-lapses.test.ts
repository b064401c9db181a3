/** Leases that end without a word: who is named for it, until when, and what an outage of Errand itself makes of them. */
import { describe, expect, it } from "vitest";
import { workOfferOf } from "../../../src/engine/work/work-offer.ts";
import { plan, subtask, task } from "../../support/plans/made.ts";
import { LEASE_MS, OnePlan } from "../../support/plans/one-plan.ts";

const MINUTE_MS = 60_000;

const beside = (...ids: readonly string[]) => plan([task("t", { subtasks: ids.map((id) => subtask(id)) })]);

function lapsesOf(one: OnePlan) {
  const { state } = one.journal;
  if (!state) throw new Error("it has no state");
  return workOfferOf(one.journal, state)?.offer.lapses.map(({ agent, subtask: id }) => `${agent} ${id}`);
}

describe("a lease that ends without a word", () => {
  it("is told to the directory of agents, begun or not, until its agent is heard of again", async () => {
    const one = new OnePlan(beside("a", "b", "c"));
    await one.poll("larry");
    one.pass(LEASE_MS);
    expect(lapsesOf(one)).toEqual(["larry a"]);
    await one.poll("moe");
    await one.poll("larry");
    await one.report("larry", "task_started", { taskId: "b" });
    expect(lapsesOf(one)).toEqual([]);
    await one.report("moe", "task_complete", { taskId: "a" });
    one.pass(LEASE_MS);
    expect(one.at("b")).toMatchObject({ status: "blocked", errorType: "in_doubt" });
    expect(lapsesOf(one)).toEqual(["larry b"]);
    // A report that comes too late is no sign that it works.
    await one.report("larry", "task_complete", { taskId: "b" });
    expect(lapsesOf(one)).toEqual(["larry b"]);
    expect(one.broken()).toEqual([]);
  });

  it("says nothing about an agent whose subtask took longer than its timeout", async () => {
    const one = new OnePlan(plan([task("t", { subtasks: [subtask("a", { timeoutHours: 1, idempotent: true })] })]));
    await one.poll("larry");
    await one.report("larry", "task_started", { taskId: "a" });
    for (let third = 0; third < 6; third += 1) {
      await one.report("larry", "heartbeat");
      one.pass(LEASE_MS / 3);
    }
    expect(one.at("a")).toMatchObject({ status: "queued", attempt: 2 });
    expect(lapsesOf(one)).toEqual([]);
  });
});

describe("an outage of Errand", () => {
  it("ends no lease: its agent has a third of it more to be heard of", async () => {
    const one = new OnePlan(beside("a"));
    await one.poll("larry");
    await one.report("larry", "task_started", { taskId: "a" });
    one.crash();
    one.pass(LEASE_MS + MINUTE_MS);
    expect(one.at("a")).toMatchObject({ status: "started", lease: { deadlineMs: one.now + LEASE_MS / 3 } });
    one.crash();
    one.pass(LEASE_MS / 3 - 1);
    expect((await one.report("larry", "task_complete", { taskId: "a" })).applied).toBe(true);
    expect(one.broken()).toEqual([]);
  });

  it("is no word of an agent that fell silent before it", async () => {
    const one = new OnePlan(beside("a", "b"));
    await one.poll("larry");
    one.pass(LEASE_MS);
    await one.poll("larry");
    one.pass(LEASE_MS + MINUTE_MS);
    expect([one.at("a").status, lapsesOf(one)]).toEqual(["leased", ["larry a"]]);
  });

  it("gives no lease more than the time of its subtask", async () => {
    const one = new OnePlan(plan([task("t", { subtasks: [subtask("a", { timeoutHours: 1 })] })]));
    const limitMs = one.now + 60 * MINUTE_MS;
    await one.poll("larry");
    one.pass(55 * MINUTE_MS);
    expect(one.at("a")).toMatchObject({ status: "leased", lease: { deadlineMs: limitMs } });
    one.pass(5 * MINUTE_MS);
    expect([one.at("a").status, one.broken()]).toEqual(["queued", []]);
  });

  it("does not keep a lease whose agent stays silent after it", async () => {
    const one = new OnePlan(beside("a"));
    await one.poll("larry");
    one.pass(LEASE_MS + MINUTE_MS);
    expect(one.at("a").status).toBe("leased");
    expect(lapsesOf(one)).toEqual([]);
    one.pass(LEASE_MS / 3);
    expect(one.at("a").status).toBe("queued");
    expect(lapsesOf(one)).toEqual(["larry a"]);
    expect(one.broken()).toEqual([]);
  });
});
