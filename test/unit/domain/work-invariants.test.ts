/** The checker of promises on the work of agents: a good log with one thing wrong in it, or one row beside it. */
import { describe, expect, it } from "vitest";
import type { Event } from "../../../src/domain/execution/event.ts";
import type { InvariantView, WorkRows } from "../../../src/domain/invariants/entries.ts";
import { checkInvariants } from "../../../src/domain/invariants/invariants.ts";
import type { SubtaskState } from "../../../src/domain/work/subtask-state.ts";
import { Work } from "../../../src/domain/work/work.ts";
import { plan, subtask, task } from "../../support/plans/made.ts";
import { OnePlan } from "../../support/plans/one-plan.ts";

/** `a` was done by Larry; `b` was begun by him and is his. */
async function begun() {
  const one = new OnePlan(plan([task("t", { subtasks: [subtask("a"), subtask("b")] })]));
  for (const id of ["a", "b"]) {
    await one.poll("larry");
    await one.report("larry", "task_started", { taskId: id, eventId: `${id}_started` });
    if (id === "a") await one.report("larry", "task_complete", { taskId: id, eventId: "a_done" });
  }
  return one;
}

const rowsOf = ({ journal }: OnePlan): WorkRows => ({
  states: () => journal.work.states(),
  seqOf: journal.work.reportSeq,
});

function broken({ journal, now, events }: OnePlan, change: Partial<InvariantView>): string[] {
  const { state, timers } = journal;
  if (!state) throw new Error("there is no state");
  const alarmAtMs = journal.alarmAtMs ?? now;
  const good = { state, timers: timers.all(), alarmAtMs, now, events };
  return checkInvariants({ ...good, ...change }).flatMap(({ promise, verdict, detail }) =>
    verdict === "violated" ? [`${promise}: ${detail}`] : [],
  );
}

const p5 = (one: OnePlan, change: Partial<InvariantView>) => broken(one, change).filter((line) => /^P[25]/.test(line));

describe("the work of agents", () => {
  it("is found as it should be, and without its rows not proven", async () => {
    const one = await begun();
    expect(broken(one, { work: rowsOf(one) })).toEqual([]);
    expect(one.broken()).toEqual([]);
    const { state } = one.journal;
    const reports =
      state && checkInvariants({ events: one.events, state, now: one.now, chain: { ok: true, head: "" } as never });
    expect(reports?.find(({ promise }) => promise === "P5")).toMatchObject({
      verdict: "not_checkable_here",
      detail: expect.stringContaining("work"),
    });
  });

  type Added = readonly [type: Event["type"], data: object];
  const lease = (id: string, epoch: number, more: object = {}): Added => [
    "subtask.leased",
    {
      ...{ subtask: id, agent: "moe", leaseId: "lease_2", epoch, deadlineMs: 1, limitMs: 2, idempotent: false },
      ...more,
    },
  ];
  const report = (agent: string, to: string, id = "b"): Added => [
    "agent.reported",
    { eventId: "own", agent, eventType: "task_complete", applied: true, move: { to, subtask: id } },
  ];
  const requeued: Added = ["subtask.requeued", { subtask: "b", why: "lease_ended", attempt: 1, lapsed: "larry" }];

  it.each<[string, string, readonly Added[]]>([
    ["two holders", '"b" was given to "moe" while "larry" held it', [lease("b", 2)]],
    ["what may have happened", '"b" may have happened, and was given out again in silence', [requeued, lease("b", 2)]],
    ["what was done", '"a" was given out after it was completed', [lease("a", 2)]],
    ["an epoch that was left out", 'a lease of "b" has the epoch 3 after 1', [requeued, lease("b", 3)]],
    ["a report of another agent", '"moe" moved "b", which it did not hold', [report("moe", "completed")]],
    [
      "a second end",
      '"b" was completed after it was completed',
      [report("larry", "completed"), ["subtask.completed", { subtask: "b", by: "mark" }]],
    ],
    [
      "a skip of what is done",
      '"a" was skipped after it was completed',
      [["subtask.skipped", { subtasks: ["a"], why: "no" }]],
    ],
  ])("%s is found", async (_what, detail, added) => {
    const one = await begun();
    const { events } = one;
    const more = added.map(
      ([type, data], n) => ({ seq: events.length + 1 + n, atMs: one.now, v: 1, type, data }) as Event,
    );
    expect(p5(one, { events: [...events, ...more] }).join("\n")).toContain(detail);
  });

  it("is not found broken where a person had it done again, or its agent said how it ended", async () => {
    const one = await begun();
    const byPerson: Added = ["subtask.requeued", { subtask: "b", why: "retry_task", attempt: 1, by: "mark" }];
    for (const before of [
      [requeued, byPerson],
      [report("larry", "delayed"), requeued],
    ]) {
      const more = [...before, lease("b", 2)].map(
        ([type, data], n) => ({ seq: one.events.length + 1 + n, atMs: one.now, v: 1, type, data }) as Event,
      );
      expect(p5(one, { events: [...one.events, ...more] }).filter((line) => line.startsWith("P2"))).toEqual([]);
    }
  });

  it.each<[string, string, (rows: SubtaskState[]) => SubtaskState[]]>([
    ["that is missing", 'the row of "a" is not as the log has it', (rows) => rows.filter(({ id }) => id !== "a")],
    [
      "that says something else",
      'the row of "b" is not as the log has it',
      (rows) => rows.map((row) => (row.id === "b" ? { ...row, epoch: 2 } : row)),
    ],
    [
      "of no subtask",
      'the row of "z" belongs to no subtask',
      (rows) => [...rows, { id: "z", status: "queued", attempt: 1, epoch: 0 }],
    ],
  ])("a row %s is found", async (_what, detail, change) => {
    const one = await begun();
    const { states, seqOf } = rowsOf(one);
    const work = { seqOf, states: () => change([...states()]) };
    expect(p5(one, { work })).toEqual([`P5: ${detail}`]);
  });

  it("a report without its row is found: sent again it would be written down again", async () => {
    const one = await begun();
    const { states, seqOf } = rowsOf(one);
    const work: WorkRows = { states, seqOf: (named) => (named.eventId === "a_done" ? undefined : seqOf(named)) };
    expect(p5(one, { work })).toEqual(['P5: the report "a_done" of "larry" has not its row']);
  });

  it("is folded as the engine has it", async () => {
    const one = await begun();
    const folded = new Work(one.plan);
    for (const event of one.events) folded.apply(event);
    expect(folded.state({ at: 1, id: "b" })).toEqual(one.at("b"));
  });
});
