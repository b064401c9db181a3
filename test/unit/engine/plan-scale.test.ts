/** What an execution of a plan costs when it is long and large: counted in rows, because time depends on the machine. */
import { expect, it } from "vitest";
import { plan, subtask, task } from "../../support/plans/made.ts";
import { OnePlan } from "../../support/plans/one-plan.ts";

const one = (count: number) =>
  new OnePlan(plan([task("t", { subtasks: Array.from({ length: count }, (_one, at) => subtask(`s${at}`)) })]));

/** Log rows that the first command of a process reads, in an execution in which agents reported so often. */
async function readAfter(reports: number): Promise<number> {
  const execution = one(3);
  await execution.poll("larry");
  for (let said = 0; said < reports; said += 1)
    await execution.report("larry", "task_progress", { taskId: "s0", message: "on my way" });
  execution.crash();
  execution.logRowsRead = 0;
  expect((await execution.report("larry", "task_complete", { taskId: "s0" })).applied).toBe(true);
  return execution.logRowsRead;
}

it("the first command of a process reads no report, however many there are", async () => {
  const few = await readAfter(20);
  expect(few).toBeLessThan(10);
  expect(await readAfter(2_000)).toBe(few);
});

it("heartbeats write nothing until a third of the lease is over, however many come", async () => {
  const execution = one(3);
  await execution.poll("larry");
  const before = [execution.rowsWritten, execution.events.length];
  for (let beat = 0; beat < 500; beat += 1) await execution.report("larry", "heartbeat");
  expect([execution.rowsWritten, execution.events.length]).toEqual(before);
});

it("a report is looked for once, and is known when it comes again", async () => {
  const execution = one(3);
  await execution.poll("larry");
  execution.workLooks = 0;
  const said = { taskId: "s0", eventId: "e1" };
  expect(await execution.report("larry", "task_progress", said)).toMatchObject({ applied: true, isDuplicate: false });
  expect(execution.workLooks).toBe(1);
  const { length } = execution.events;
  expect(await execution.report("larry", "task_progress", said)).toMatchObject({ isDuplicate: true });
  expect(execution.events).toHaveLength(length);
});

it("a lease writes the row of its subtask, and an agent's own once; it looks for progress where there may be some", async () => {
  const execution = one(3);
  const wrote = async (agent: string) => {
    [execution.rowsWritten, execution.workLooks] = [0, 0];
    await execution.poll(agent);
    return [execution.rowsWritten, execution.workLooks];
  };
  expect(await wrote("larry")).toEqual([2, 0]);
  await execution.report("larry", "task_progress", { taskId: "s0", output: { sent: 1 } });
  await execution.report("larry", "task_complete", { taskId: "s0" });
  expect(await wrote("larry")).toEqual([1, 0]);
  execution.crash();
  expect(execution.journal.work.knows("larry")).toBe(true);
});

it("an event reads no subtask of a task beyond those that it is about, however many the task has", async () => {
  const readIn = async (count: number) => {
    const execution = one(count);
    await execution.poll("larry");
    const [{ task: whole } = { task: task("none") }] = execution.work.order.pieces;
    const subtasks = whole.subtasks;
    let read = 0;
    // Each piece of the task has this very task.
    Object.assign(whole, {
      subtasks: new Proxy(subtasks, {
        get: (target, name) => {
          read += 1;
          return Reflect.get(target, name);
        },
      }),
    });
    await execution.report("larry", "task_complete", { taskId: "s0" });
    return read / count;
  };
  // A look or two of each that is ready.
  expect(await readIn(400)).toBeLessThan((await readIn(100)) * 1.5);
});
