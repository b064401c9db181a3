/** Who gets what of a plan, who hears of a pause, and what readers and the directory of agents are told. */
import { describe, expect, it } from "vitest";
import { mayDo } from "../../../src/domain/node/work-offer.ts";
import { reportPage } from "../../../src/engine/work/report-page.ts";
import { workOfferOf } from "../../../src/engine/work/work-offer.ts";
import { plan, subtask, task, undivided } from "../../support/plans/made.ts";
import { LEASE_MS, OnePlan } from "../../support/plans/one-plan.ts";

const HOUR_MS = 3_600_000;

const beside = (...ids: string[]) => plan([task("t", { subtasks: ids.map((id) => subtask(id)) })]);
const offerOf = ({ journal }: OnePlan) => journal.state && workOfferOf(journal, journal.state)?.offer;

describe("a subtask", () => {
  it("goes to an agent of its role first, and to any other that can do it", async () => {
    const one = new OnePlan(
      plan([
        task("t1", { assigneeRole: "Developer", subtasks: [subtask("a")] }),
        task("t2", { subtasks: [subtask("b")] }),
        task("t3", { assigneeRole: "Analyst", subtasks: [subtask("c")] }),
      ]),
    );
    const given: (string | undefined)[] = [];
    for (let polls = 0; polls < 3; polls += 1) {
      const { task: next } = await one.poll("larry", { send_email: false }, { role: "Analyst" });
      given.push(next?.id);
      await one.report("larry", "task_started", { taskId: next?.id });
    }
    expect(given).toEqual(["b", "c", "a"]);
    expect(one.broken()).toEqual([]);
  });

  it("of an execution for one agent is given to that one alone", async () => {
    const one = new OnePlan(beside("a"), { agentId: "larry" });
    expect((await one.poll("moe")).task).toBeUndefined();
    expect((await one.poll("larry")).task?.id).toBe("a");
    expect([one.journal.work.knows("larry"), one.journal.work.knows("moe")]).toEqual([true, false]);
    one.crash();
    expect([one.journal.work.knows("larry"), one.journal.work.knows("moe")]).toEqual([true, false]);
  });

  it("says what was done before it and what comes, also in a process that was started anew", async () => {
    const one = new OnePlan(beside("a", "b", "c"));
    await one.poll("larry");
    await one.report("larry", "task_complete", { taskId: "a", message: "Called Carol, high interest" });
    one.crash();
    expect((await one.poll("larry")).task).toMatchObject({
      ...{ id: "b", previous: ["Called Carol, high interest"], upcoming: ["Do c"] },
    });
  });

  it("says how long the wait after a failure is: doubled with each attempt, up to an hour", async () => {
    const retryPolicy = { maxAttempts: 9, backoff: "exponential", backoffSeconds: null } as const;
    const one = new OnePlan(plan([task("t", { subtasks: [subtask("a", { retryPolicy })] })]));
    const waits: (number | undefined)[] = [];
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      waits.push((await one.poll("larry")).task?.backoffMs);
      await one.report("larry", "task_error", { taskId: "a" });
      one.pass(HOUR_MS);
    }
    expect(waits.map((ms) => (ms ?? 0) / 60_000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it("whose attempts were spent by its timeout leaves the others to go on", async () => {
    const retryPolicy = { maxAttempts: 1, backoff: "fixed", backoffSeconds: 0 } as const;
    const one = new OnePlan(
      plan([task("t", { subtasks: [subtask("a", { retryPolicy, timeoutHours: 0.25 }), subtask("b")] })]),
    );
    await one.poll("larry", { send_email: true });
    await one.report("larry", "task_started", { taskId: "a" });
    one.pass(LEASE_MS);
    expect(one.at("a")).toMatchObject({
      status: "blocked",
      errorType: "timeout",
      error: "it took longer than its timeout",
    });
    expect([one.status, (await one.poll("larry")).task?.id]).toEqual(["running", "b"]);
    expect(one.broken()).toEqual([]);
  });

  it("that is blocked blocks the execution while others are held, where its agent says so", async () => {
    const one = new OnePlan(beside("a", "b"));
    await one.poll("larry");
    await one.poll("moe");
    await one.report("larry", "task_error", { taskId: "a", review: true });
    expect(one.status).toBe("blocked");
    await one.report("moe", "task_complete", { taskId: "b" });
    expect(one.status).toBe("blocked");
    expect(one.tell({ type: "resolve_work", option: "skip_task", by: "mark" })).toBe("ok");
    expect(one.status).toBe("succeeded");
    expect(one.events.find(({ type }) => type === "gate.decided")?.data).toMatchObject({
      verdict: { decision: "rejected", option: "skip_task", decidedBy: "mark" },
    });
    expect(one.broken()).toEqual([]);
  });

  it("has to be named where several are blocked", async () => {
    const one = new OnePlan(undivided([task("t1"), task("t2")]));
    const choice = { type: "resolve_work", option: "skip_task", by: "mark" } as const;
    expect(one.tell(choice)).toBe("invalid_input");
    expect(one.tell({ ...choice, subtask: "t2" })).toBe("ok");
    expect(one.tell({ ...choice, subtask: "t2" })).toBe("no_open_gate");
    expect(one.tell(choice)).toBe("ok");
    expect(one.status).toBe("succeeded");
  });

  it("without an action asks a person: of many, fifty at once", async () => {
    const last = task("last", { subtasks: [subtask("a"), subtask("b")] });
    const one = new OnePlan(undivided([...Array.from({ length: 60 }, (_one, at) => task(`t${at}`)), last]));
    expect(one.work.count("blocked")).toBe(50);
    await one.poll("larry");
    // What is ready and says not what to do is nothing for an agent.
    expect((await one.report("larry", "task_complete", { taskId: "a" })).next?.id).toBe("b");
    expect(one.tell({ type: "resolve_work", subtask: "t0", option: "skip_task", by: "mark" })).toBe("ok");
    expect([one.work.count("blocked"), one.at("t50").status]).toEqual([50, "blocked"]);
    expect(one.broken()).toEqual([]);
  });
});

describe("a pause", () => {
  const paused = async () => {
    const one = new OnePlan(beside("a", "b", "c"));
    await one.poll("larry");
    await one.poll("moe");
    one.tell({ type: "pause", by: "mark" });
    return one;
  };
  const stop = (one: OnePlan) => one.journal.state?.work?.stop?.agents;

  it("is heard by each agent that holds something: by a poll, once, or as it reports that it is paused", async () => {
    const one = await paused();
    expect(stop(one)).toEqual(["larry", "moe"]);
    await one.report("larry", "task_progress", { taskId: "a", status: "running" });
    expect(stop(one)).toEqual(["larry", "moe"]);
    const done = await one.report("larry", "task_complete", { taskId: "a", status: "paused" });
    expect([done.applied, done.forcePause, done.message]).toEqual([true, true, "Task complete. Proceeding to Do c"]);
    expect(stop(one)).toEqual(["moe"]);
    const heard = await one.poll("moe");
    expect([heard.isNews, heard.forcePause, heard.task]).toEqual([true, true, undefined]);
    expect(stop(one)).toBeUndefined();
    expect((await one.poll("moe")).isNews).toBe(false);
    expect(one.broken()).toEqual([]);
  });

  it("that is over has to be heard by none", async () => {
    const one = await paused();
    one.tell({ type: "resume", by: "mark" });
    expect(stop(one)).toBeUndefined();
    expect(await one.poll("larry")).toMatchObject({ isNews: false, task: { id: "a" } });
    expect(one.broken()).toEqual([]);
  });
});

describe("an offer", () => {
  it("names what is ready, who has not begun, and after a cancel who has not heard of it", async () => {
    const one = new OnePlan(beside("a"));
    expect(offerOf(one)).toMatchObject({ isOpen: true, actions: ["send_email"], agents: [] });
    await one.poll("larry");
    expect(offerOf(one)).toMatchObject({ isOpen: true, actions: [], agents: ["larry"] });
    await one.report("larry", "task_started", { taskId: "a" });
    expect(offerOf(one)).toMatchObject({ actions: [], agents: [] });
    one.tell({ type: "cancel", by: "mark" });
    expect(offerOf(one)).toMatchObject({ isOpen: false, actions: [], agents: ["larry"] });
    expect(await one.poll("larry")).toMatchObject({ isNews: true, forceCancel: true });
    expect(offerOf(one)).toMatchObject({ isOpen: false, agents: [] });
  });
});

describe("a reader", () => {
  it("gets reports page by page, newest first, of all subtasks or of one, and each once", async () => {
    const one = new OnePlan(beside("a", "b"));
    await one.poll("larry");
    await one.poll("moe");
    for (let n = 0; n < 300; n += 1) {
      await one.report("larry", "task_progress", { taskId: "a", message: `a${n}` });
      if (n % 100 === 0) await one.report("moe", "task_progress", { taskId: "b", message: `b${n}` });
    }
    const all: (string | undefined)[] = [];
    let before: number | null | undefined;
    do {
      const page = reportPage(one.journal, { limit: 70, before: before ?? undefined });
      all.push(...page.reports.map(({ message }) => message));
      before = page.before;
    } while (before !== null);
    expect([all.length, new Set(all).size, all[0], all.at(-1)]).toEqual([303, 303, "a299", "a0"]);
    const own = reportPage(one.journal, { limit: 70, subtask: "b" });
    expect(own.reports.map(({ message }) => message)).toEqual(["b200", "b100", "b0"]);
  });

  it("gets results up to a size, and hears that later ones were left out", async () => {
    const one = new OnePlan(beside("a", "b"));
    for (const id of ["a", "b"]) {
      await one.poll("larry");
      await one.report("larry", "task_complete", { taskId: id, output: "x".repeat(1_200_000) });
    }
    const view = one.view();
    expect([view?.isCut, view?.tasks?.[0]?.subtasks.map(({ result }) => result !== undefined)]).toEqual([
      true,
      [true, false],
    ]);
  });
});

describe("an offer of a plan with very many words", () => {
  const many = () => {
    const tasks = Array.from({ length: 2_000 }, (_one, at) =>
      task(`t${at}`, {
        assigneeRole: `role ${at} ${"x".repeat(150)}`,
        subtasks: [subtask(`s${at}`, { action: `action_${at}_${"y".repeat(100)}` })],
      }),
    );
    return new OnePlan(plan(tasks));
  };

  it("stays small, and hides no work", async () => {
    const one = many();
    const offer = offerOf(one);
    expect(JSON.stringify(offer).length).toBeLessThan(100_000);
    expect([offer?.ready, offer?.isCut]).toEqual([2_000, true]);
    const last = `action_1999_${"y".repeat(100)}`;
    expect(offer && mayDo(offer, new Set([last]))).toBe(true);
    expect((await one.poll("larry", { [last]: false })).task?.id).toBe("s1999");
  });

  it("of few words names them all, and nobody who can do none of them", () => {
    const offer = offerOf(new OnePlan(beside("a")));
    expect([offer?.isCut, offer && mayDo(offer, new Set(["fly"]))]).toEqual([false, false]);
  });

  it("says who holds something, also while the execution is paused", async () => {
    const one = new OnePlan(beside("a", "b"));
    await one.poll("larry");
    await one.report("larry", "task_started", { taskId: "a" });
    one.tell({ type: "pause", by: "ann" });
    expect(offerOf(one)).toMatchObject({ ready: 0, holders: ["larry"] });
    await one.report("larry", "task_complete", { taskId: "a" });
    expect(offerOf(one)?.holders).toEqual([]);
  });
});
