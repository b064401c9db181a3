/** Tasks without subtasks that are taken apart when they are ready, by executions beneath the one of their plan. */
import { describe, expect, it } from "vitest";
import type { ChildFinished } from "../../../src/domain/execution/child-command.ts";
import type { CreateCommand } from "../../../src/domain/execution/command.ts";
import type { Decomposition } from "../../../src/domain/plan/decomposition.ts";
import type { Plan } from "../../../src/domain/plan/plan.ts";
import { messageOf } from "../../../src/engine/outbox/outbox-message.ts";
import { restartMessage } from "../../../src/engine/outbox/restart-message.ts";
import { plan, subtask, task } from "../../support/plans/made.ts";
import { OnePlan } from "../../support/plans/one-plan.ts";
import { seeded } from "../../support/simulator/random.ts";

const NOTHING = { turns: 0, tokens: 0, costUsd: 0, children: 0 };

/** One task with a subtask, and behind it one that says not what to do. */
const twoTasks = (more: Partial<Plan> = {}): Plan => ({
  ...plan([task("t1", { subtasks: [subtask("a")] }), task("t2", { prerequisiteTaskIds: ["t1"], title: "Ask Carol" })]),
  ...more,
});

/** Two subtasks, the second behind the first. */
function found(taskId: string, ids: readonly string[] = [`${taskId}_a`, `${taskId}_b`]): Decomposition {
  const subtasks = ids.map((id, at) => ({
    ...{ id, title: `Do ${id}`, action: "send_email", params: { n: at }, successCriteria: [], failureHandling: null },
    dependsOn: at === 0 ? [] : [ids[at - 1] ?? ""],
  }));
  return { taskId, confidence: 0.8, subtasks, notes: "", warnings: [] };
}

const childOf = (one: OnePlan, id: string) => one.at(id).childId ?? "";
const starts = (one: OnePlan) => one.events.filter(({ type }) => type === "child.started");

function ended(childId: string, outcome: ChildFinished["outcome"]): ChildFinished {
  return { type: "child_finished", childId, status: outcome.ok ? "succeeded" : "failed", outcome, usage: NOTHING };
}
const gives = (childId: string, value: Decomposition) => ended(childId, { ok: true, value: value as never });
const fails = (childId: string, message: string) =>
  ended(childId, { ok: false, error: { code: "approval_rejected", message } });

/** Does whatever is ready, until nothing is. Returns what was done, in its order. */
async function doAll(one: OnePlan): Promise<string[]> {
  const done: string[] = [];
  for (;;) {
    const { task: given } = await one.poll("larry");
    if (!given) return done;
    done.push(given.id);
    await one.report("larry", "task_complete", { taskId: given.id });
  }
}

describe("a task without subtasks", () => {
  it("is taken apart by one execution beneath this one, once it is ready, and waits for it", async () => {
    const one = new OnePlan(twoTasks({ targetCustomer: "Carol" }));
    expect(starts(one)).toEqual([]);
    expect(await doAll(one)).toEqual(["a"]);
    const [{ seq = 0 } = {}, ...more] = starts(one);
    expect(more).toEqual([]);
    const childId = childOf(one, "t2");
    expect(messageOf(one.journal, { to: "child", verb: "start", childId, seq })).toMatchObject({
      verb: "start",
      childId,
      origin: { agent: "errand", fn: "decompose", builtIn: "decomposition", parentId: "exec_1", owned: true },
      input: {
        task: { task_id: "t2", title: "Ask Carol" },
        plan_context: { goal: "A goal", target_customer: "Carol" },
        ...{ capabilities: null, agent_id: null, execution_id: "exec_1" },
      },
    });
    expect([one.status, one.at("t2").status]).toEqual(["running", "decomposing"]);
    expect(one.view()?.why).toMatchObject({ owner: "child", sentence: expect.stringContaining("taken apart: t2") });
    one.crash();
    await one.poll("larry");
    expect(starts(one)).toHaveLength(1);
    expect(one.broken()).toEqual([]);
  });

  it("names the person who is awaited where each execution that takes one apart waits for one", async () => {
    const one = new OnePlan(plan([task("t"), task("u")]));
    one.tell({ type: "begin_plan" });
    const [t, u] = [childOf(one, "t"), childOf(one, "u")];
    const waits = (childId: string, waiting: boolean, seq: number) =>
      one.tell({ type: "child_waiting", childId, waiting, seq });
    const why = () => one.view()?.why;
    waits(t, true, 3);
    const asked = (id: string, child: string) =>
      `a person has to decide before a task is taken apart: ${id} (${child})`;
    expect(why()).toEqual({ owner: "child", sentence: `a task is taken apart: u (${u}); ${asked("t", t)}` });
    one.crash();
    waits(u, true, 3);
    one.crash();
    expect(why()).toEqual({
      owner: "person",
      sentence: `a person has to decide before 2 tasks are taken apart: t (${t}), u (${u})`,
    });
    waits(t, false, 4);
    expect(why()).toEqual({ owner: "child", sentence: `a task is taken apart: t (${t}); ${asked("u", u)}` });
    one.tell(fails(u, "no"));
    expect(one.at("u")).not.toHaveProperty("childWaits");
    expect([one.status, one.broken()]).toEqual(["running", []]);
  });

  it("names that person too while agents have something else to do, in another process also", async () => {
    const one = new OnePlan(plan([task("t"), task("u", { subtasks: [subtask("a")] })]));
    one.tell({ type: "begin_plan" });
    const t = childOf(one, "t");
    one.tell({ type: "child_waiting", childId: t, waiting: true, seq: 3 });
    const asked = `; a person has to decide before a task is taken apart: t (${t})`;
    one.crash();
    expect(one.view()?.why).toEqual({
      owner: "agent",
      sentence: `the subtask a waits for an agent that polls and can do send_email${asked}`,
    });
    await one.poll("larry");
    expect(one.view()?.why).toMatchObject({ owner: "agent", sentence: `agents work at a (larry)${asked}` });
    await one.report("larry", "task_complete", { taskId: "a" });
    expect(one.view()?.why).toEqual({ owner: "person", sentence: asked.slice(2) });
  });

  it("has what was found for its subtasks, in their order, and the execution goes on with them", async () => {
    const one = new OnePlan(twoTasks());
    await doAll(one);
    one.tell(gives(childOf(one, "t2"), found("t2")));
    expect(one.work.piece("t2")).toBeUndefined();
    expect(one.journal.state?.work?.subtasks).toBe(3);
    one.crash();
    expect((await one.poll("larry")).task).toMatchObject({ id: "t2_a", action: "send_email", params: { n: 0 } });
    expect((await one.poll("moe")).task).toBeUndefined();
    await one.report("larry", "task_complete", { taskId: "t2_a" });
    expect(await doAll(one)).toEqual(["t2_b"]);
    expect(one.status).toBe("succeeded");
    expect(one.view()).toMatchObject({
      ...{ tasksCompleted: 2, subtasksCompleted: 3 },
      tasks: [{ id: "t1" }, { id: "t2", status: "COMPLETE", isWhole: false, completed: 2 }],
    });
    one.crash();
    expect(one.work.subtasksCompleted).toBe(3);
    expect(one.broken()).toEqual([]);
  });

  it("asks a person, with the reason, where it could not be taken apart, and is not taken apart again", async () => {
    const one = new OnePlan(twoTasks());
    await doAll(one);
    const childId = childOf(one, "t2");
    one.tell(fails(childId, "a person rejected it"));
    expect([one.status, one.at("t2").status]).toEqual(["blocked", "blocked"]);
    expect(one.at("t2").blocked).toMatchObject({
      why: `it could not be taken apart (${childId}): a person rejected it`,
      options: ["give_action", "complete_by_hand", "skip_task", "cancel_execution"],
    });
    one.crash();
    one.tell({ type: "resolve_work", option: "give_action", action: "send_email", by: "mark" });
    expect(await doAll(one)).toEqual(["t2"]);
    expect([one.status, starts(one).length]).toEqual(["succeeded", 1]);
    expect(one.broken()).toEqual([]);
  });

  it.each([
    ["has the ids of others", found("t2", ["a"])],
    ["is of another task", found("t1")],
    ["is no decomposition", { taskId: "t2" } as Decomposition],
  ])("asks a person where what was found %s", async (_case, value) => {
    const one = new OnePlan(twoTasks());
    await doAll(one);
    one.tell(gives(childOf(one, "t2"), value));
    expect(one.at("t2").blocked?.why).toContain("it could not be taken apart");
    expect(one.broken()).toEqual([]);
  });

  it("asks a person where the execution beneath is refused", async () => {
    const one = new OnePlan(twoTasks());
    one.childRefusal = { ok: false, code: "target_not_found", detail: "there is no decomposition here" };
    await doAll(one);
    // By the answer alone: nothing else is told to it.
    await expect.poll(() => one.at("t2").status).toBe("blocked");
    expect(one.at("t2").blocked?.why).toContain("there is no decomposition here");
    expect(one.broken()).toEqual([]);
  });

  it("asks a person at once where the plan says so, and where it is a subtask that says not what to do", async () => {
    const never = new OnePlan(plan([task("t")]));
    expect(never.at("t").status).toBe("decomposing");
    for (const given of [
      { ...plan([task("t")]), decompose: "never" as const },
      plan([task("t1", { subtasks: [subtask("t", { action: null })] })]),
    ]) {
      const one = new OnePlan(given);
      expect([one.at("t").status, starts(one).length]).toEqual(["blocked", 0]);
      expect(one.at("t").blocked?.why).toBe("its plan does not say what to do");
    }
  });

  it("keeps its execution from being blocked by another task that waits for a person", async () => {
    const one = new OnePlan(plan([task("t"), task("u", { subtasks: [subtask("u_a", { action: null })] })]));
    expect([one.status, one.at("u_a").status]).toEqual(["queued", "blocked"]);
    one.tell(gives(childOf(one, "t"), found("t")));
    expect(await doAll(one)).toEqual(["t_a", "t_b"]);
    expect(one.status).toBe("blocked");
    expect(one.broken()).toEqual([]);
  });

  it("is one of ten at most that are taken apart at once", () => {
    const one = new OnePlan(plan(Array.from({ length: 12 }, (_one, at) => task(`t${at}`))));
    expect([one.work.count("decomposing"), one.work.count("blocked")]).toEqual([10, 0]);
    one.tell(gives(childOf(one, "t0"), found("t0")));
    expect([one.at("t10").status, one.at("t11").status]).toEqual(["decomposing", "queued"]);
    one.tell(fails(childOf(one, "t1"), "no"));
    expect([one.at("t1").status, one.at("t11").status]).toEqual(["blocked", "decomposing"]);
    expect(one.broken()).toEqual([]);
  });
});

describe("an execution whose task is taken apart", () => {
  it("tells the execution beneath it of its cancel, and what that says later changes nothing", async () => {
    const one = new OnePlan(plan([task("t")]));
    const childId = childOf(one, "t");
    one.tell({ type: "cancel", by: "mark" });
    const sent = [...one.journal.outbox.values()].map(({ message }) => message);
    expect(sent).toContainEqual(expect.objectContaining({ to: "child", verb: "cancel", childId }));
    one.tell(gives(childId, found("t")));
    expect([one.status, one.events.some(({ type }) => type === "task.decomposed")]).toEqual(["cancelled", false]);
    expect(one.broken()).toEqual([]);
  });

  it("takes the result while it is paused, asks and gives nothing then, and goes on with it", async () => {
    const one = new OnePlan(plan([task("t"), task("u")]));
    const [t, u] = [childOf(one, "t"), childOf(one, "u")];
    one.tell({ type: "begin_plan" });
    one.tell({ type: "pause", by: "mark" });
    one.tell(gives(t, found("t")));
    one.tell(fails(u, "no"));
    expect([(await one.poll("larry")).task, one.at("u").status]).toEqual([undefined, "queued"]);
    one.crash();
    one.tell({ type: "resume", by: "mark" });
    expect(one.at("u").status).toBe("blocked");
    expect(await doAll(one)).toEqual(["t_a", "t_b"]);
    expect(one.broken()).toEqual([]);
  });

  it("is followed by one that has the subtasks already, and what of them is complete", async () => {
    const one = new OnePlan(plan([task("t"), task("u")]));
    one.tell(gives(childOf(one, "t"), found("t")));
    await one.poll("larry");
    await one.report("larry", "task_complete", { taskId: "t_a" });
    one.tell({ type: "cancel", by: "mark" });
    const words = { scope: "execution", reuse: "succeeded-before", fork: false, digest: "d", by: "mark" } as const;
    expect(one.tell({ type: "restart", id: "exec_2", runId: "run_2", ...words })).toBe("ok");
    const message = restartMessage(one.journal, one.journal.state?.seq ?? 0);
    if (message?.to !== "successor" || !message.plan || !message.finished) throw new Error("nothing follows");
    const { origin, input, plan: done, finished } = message;
    const command: CreateCommand = { type: "create", origin, input, plan: done, finished };
    const next = new OnePlan(plan([]), { command });
    expect([next.at("t_a").status, next.at("u").status]).toEqual(["complete", "decomposing"]);
    expect(childOf(next, "u")).not.toBe(childOf(one, "u"));
    expect(await doAll(next)).toEqual(["t_b"]);
    expect(next.broken()).toEqual([]);
  });

  it.each([0, 0.5, 0.99])(
    "comes to the same end wherever its process dies (%d of what was not on disk stays)",
    async (draw) => {
      const one = new OnePlan(twoTasks());
      // Each call dies once with what it did, and is sent again by whom it belongs to.
      const twice = async (call: () => Promise<unknown>) => {
        await one.losing(draw, call);
        await call();
      };
      await twice(() => one.poll("larry"));
      const reported = { taskId: "a", eventId: "evt_a" };
      await twice(() => one.report("larry", "task_complete", reported));
      const childId = childOf(one, "t2");
      await twice(async () => one.tell(gives(childId, found("t2"))));
      for (const taskId of ["t2_a", "t2_b"]) {
        await twice(() => one.poll("larry"));
        await twice(() => one.report("larry", "task_complete", { taskId, eventId: `evt_${taskId}` }));
      }
      const told = one.events.map(({ type }) => type);
      expect(one.status).toBe("succeeded");
      for (const type of ["child.started", "task.decomposing", "child.finished", "task.decomposed"] as const)
        expect(told.filter((each) => each === type)).toHaveLength(1);
      expect(one.broken()).toEqual([]);
    },
  );
});

/** Draws what happens next, and where the process dies; a sender that got no answer sends the same again. */
async function drawnSchedule(draw: () => number): Promise<OnePlan> {
  const count = 1 + Math.floor(draw() * 6);
  const tasks = Array.from({ length: count }, (_one, at) => {
    const prerequisiteTaskIds = at > 0 && draw() < 0.4 ? [`t${Math.floor(draw() * at)}`] : [];
    return task(`t${at}`, { prerequisiteTaskIds, isBlocking: draw() < 0.2 });
  });
  const one = new OnePlan(plan(tasks));
  const ends = new Map<string, ChildFinished>();
  const endOf = (childId: string, taskId: string) => {
    const known = ends.get(childId) ?? (draw() < 0.7 ? gives(childId, found(taskId)) : fails(childId, "no"));
    ends.set(childId, known);
    return known;
  };
  const sent = async (call: () => Promise<unknown>) => {
    if (draw() < 0.3) await one.losing(draw(), call);
    else await call();
    if (draw() < 0.1) one.evict();
  };
  for (let step = 0; step < 500 && one.status !== "succeeded"; step += 1) {
    const [apart] = one.work.decomposing;
    const [blocked] = one.work.blocked;
    const what = draw();
    if (what < 0.35 && apart) {
      const end = endOf(childOf(one, apart.id), apart.id);
      await sent(async () => one.tell(end));
    } else if (what < 0.5 && ends.size > 0) {
      // Its end is told again: the answer was lost.
      const again = [...ends.values()][Math.floor(draw() * ends.size)];
      if (again) await sent(async () => one.tell(again));
    } else if (what < 0.65 && blocked) {
      const choice = draw() < 0.5 ? { option: "give_action", action: "send_email" } : { option: "skip_task" };
      await sent(async () => one.tell({ type: "resolve_work", subtask: blocked.id, ...choice, by: "mark" }));
    } else {
      await sent(async () => {
        const { task: given } = await one.poll("larry");
        if (given) await one.report("larry", "task_complete", { taskId: given.id });
      });
    }
  }
  return one;
}

describe("drawn schedules of tasks that are taken apart", () => {
  it("end, keep every promise, and begin each decomposition once, whatever dies and is said twice", async () => {
    for (let seed = 1; seed <= 80; seed += 1) {
      const one = await drawnSchedule(seeded(seed));
      const apart = starts(one).map(({ data }) => (data as { childId: string }).childId);
      expect({ seed, status: one.status, broken: one.broken() }).toEqual({ seed, status: "succeeded", broken: [] });
      expect(new Set(apart).size).toBe(apart.length);
    }
  });
});
