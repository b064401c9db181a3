/** The list of executions of plans is read off the index: no execution is asked, and it says what the execution itself would. */
import { beforeEach, describe, expect, test } from "vitest";
import { planExecutionBody, planRowBody } from "../../../src/contract/plan-executions/bodies.ts";
import { PlanExecutionsQuery } from "../../../src/contract/plan-executions/requests.ts";
import type { Principal } from "../../../src/domain/execution/principal.ts";
import { messagesOf } from "../../../src/domain/fold/messages.ts";
import type { PlanExecutionView } from "../../../src/domain/read-models/plan-view.ts";
import type { Refusal } from "../../../src/domain/values/fault.ts";
import { accept, refuse } from "../../../src/domain/values/fault.ts";
import { rowMessage } from "../../../src/engine/outbox/outbox-message.ts";
import { PlanExecutions } from "../../../src/operations/plans/plan-executions.ts";
import { Registries } from "../../../src/registry/databases/registries.ts";
import type { ExecutionRow } from "../../../src/registry/projection/projection.ts";
import { executionRow, project } from "../../../src/registry/projection/projection.ts";
import { sealRow } from "../../../src/registry/projection/sealed-rows.ts";
import { executionRegistry } from "../../../src/registry/run-registry.ts";
import { plan, subtask, task } from "../../support/plans/made.ts";
import { OnePlan } from "../../support/plans/one-plan.ts";
import { RegistryDatabase } from "../../support/registry-database.ts";

const ANN: Principal = { tenant: "t", subject: "ann", scopes: ["read"] };
/** Reads and writes of a text for its place, so that one that is read for another place is seen. */
const sealer = {
  sealText: (text: string, place: string) => `\u0001${place}|${text}`,
  openText: (stored: string, place: string) => {
    const head = `\u0001${place}|`;
    if (!stored.startsWith(head)) throw new Error(`sealed for another place: ${stored.slice(1, 60)}`);
    return stored.slice(head.length);
  },
};

let registry: RegistryDatabase;
let asked: string[];
let views: Map<string, PlanExecutionView>;
let refusals: Map<string, Refusal>;
beforeEach(() => {
  registry = new RegistryDatabase();
  asked = [];
  views = new Map();
  refusals = new Map();
});

function executions(): PlanExecutions {
  const client = {
    plan: async (_caller: Principal, id: string) => {
      asked.push(id);
      const refusal = refusals.get(id);
      if (refusal) return refusal;
      const view = views.get(id);
      if (!view) throw new Error(`no object of ${id} may be called`);
      return accept(view);
    },
  };
  const databases = new Map([[0, registry.d1]]);
  const index = executionRegistry(new Registries({ databases, maxBytes: 1, now: () => 0 }), sealer);
  return new PlanExecutions({ client, registry: index } as unknown as ConstructorParameters<typeof PlanExecutions>[0]);
}

/** Its row, as the execution sends it now. */
function rowOf(one: OnePlan, id: string, atMs: number): ExecutionRow {
  const message = rowMessage(one.journal);
  if (!message) throw new Error("it was never committed");
  const { state, owedWakeAtMs, head, plan: progress } = message;
  const row = executionRow(state, owedWakeAtMs, { head, plan: progress });
  return sealRow({ ...row, id, created_at_ms: atMs }, sealer);
}

const two = () =>
  plan([
    task("t1", { subtasks: [subtask("a"), subtask("b", { prerequisiteSubtaskIds: ["a"] })] }),
    task("t2", { subtasks: [subtask("c", { alternatives: [{ option: "call", action: "phone", params: {} }] })] }),
  ]);

async function doneUpTo(subtasks: number): Promise<OnePlan> {
  const one = new OnePlan(two(), { agentId: "larry" });
  for (let n = 0; n < subtasks; n += 1) {
    const { task: given } = await one.poll("larry");
    await one.report("larry", "task_complete", { taskId: String(given?.id) });
  }
  return one;
}

async function all(query: Record<string, string> = {}) {
  const items: ReturnType<typeof planRowBody>[] = [];
  let cursor: string | null = null;
  do {
    const parsed = PlanExecutionsQuery.parse({ limit: "50", ...query, ...(cursor === null ? {} : { cursor }) });
    const page = await executions().list(ANN, parsed);
    items.push(...page.items.map(planRowBody));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

describe("the list of executions of plans", () => {
  test("answers a hundred of them without a call to any of their objects, newest first", async () => {
    const some = await Promise.all([0, 1, 2, 3].map(doneUpTo));
    const rows = Array.from({ length: 100 }, (_, n) => rowOf(some[n % 4] as OnePlan, `exec_other${n}`, 1_000 + n));
    await project(registry.d1, rows);
    const items = await all();
    expect(asked).toEqual([]);
    expect(items.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, n) => `exec_other${99 - n}`));
    expect(items.slice(0, 4)).toMatchObject([
      { status: "COMPLETED", tasks_total: 2, tasks_completed: 2, subtasks_completed: 3, current_task_id: null },
      { status: "RUNNING", tasks_completed: 1, subtasks_completed: 2, current_task_id: "c", agent_id: "larry" },
      { status: "RUNNING", tasks_completed: 0, subtasks_completed: 1, current_task_id: "b" },
      { status: "QUEUED", tasks_completed: 0, subtasks_total: 3, current_task_id: "a", plan_version: 1 },
    ]);
    expect((await all({ status: "RUNNING" })).length).toBe(50);
    expect(asked).toEqual([]);
  });

  test("says of each what the execution itself says, also where it is blocked, paused, or has ended", async () => {
    const blocked = await doneUpTo(0);
    await blocked.poll("larry");
    await blocked.report("larry", "task_error", { taskId: "a", review: true, blocking: true, errorMessage: "bounced" });
    const paused = await doneUpTo(1);
    await paused.poll("larry");
    paused.tell({ type: "pause", by: "ann" });
    const cancelled = await doneUpTo(2);
    cancelled.tell({ type: "cancel", by: "ann", reason: "no more" });
    for (const [n, one] of [blocked, paused, cancelled].entries()) {
      const own = planExecutionBody({ ...(one.view() as PlanExecutionView), tasks: [] });
      await project(registry.d1, [rowOf(one, `exec_other${n}`, 1_000 + n)]);
      const [listed] = await all();
      expect(listed).toEqual({ ...own, id: `exec_other${n}`, created_at: listed?.created_at });
    }
    expect((await all()).map(({ status }) => status)).toEqual(["CANCELLED", "PAUSED", "BLOCKED"]);
    expect((await all())[1]).toMatchObject({ pause_requested: true });
    expect((await all())[2]?.status_message).toContain("blocked until a person chooses");
    expect(asked).toEqual([]);
  });

  test("names no text of a plan in the database", async () => {
    const one = await doneUpTo(0);
    await one.poll("larry");
    await one.report("larry", "task_error", { taskId: "a", review: true });
    await project(registry.d1, [rowOf(one, "exec_other1", 1_000)]);
    const [stored] = registry.sqlite.prepare("SELECT plan_progress FROM executions").all() as {
      plan_progress: string;
    }[];
    expect(stored?.plan_progress.charCodeAt(0)).toBe(1);
  });

  test("asks an execution whose row was written by older code, and such a row takes nothing from a newer one", async () => {
    const one = await doneUpTo(1);
    views.set("exec_other1", one.view() as PlanExecutionView);
    await project(registry.d1, [{ ...rowOf(one, "exec_other1", 1_000), plan_progress: null }]);
    expect(await all()).toMatchObject([{ status: "RUNNING", subtasks_completed: 1, current_task_id: "b" }]);
    expect(asked).toEqual(["exec_other1"]);
    await project(registry.d1, [{ ...rowOf(one, "exec_other2", 2_000), seq: 1 }]);
    await project(registry.d1, [{ ...rowOf(one, "exec_other2", 2_000), plan_progress: null }]);
    expect((await all())[0]).toMatchObject({ id: "exec_other2", subtasks_completed: 1 });
    expect(asked).toEqual(["exec_other1", "exec_other1"]);
  });

  test("has one that does not answer as the index knows it, says so, and has none that is gone", async () => {
    const one = await doneUpTo(1);
    for (const id of ["exec_other1", "exec_other2"])
      await project(registry.d1, [{ ...rowOf(one, id, 1_000), plan_progress: null }]);
    refusals.set("exec_other1", refuse("unreadable", "its log cannot be read"));
    refusals.set("exec_other2", refuse("gone", "its retention is over"));
    expect(await all({ status: "RUNNING" })).toMatchObject([
      {
        ...{ id: "exec_other1", status: "RUNNING", plan_id: "plan_1", owner: one.journal.state?.origin.owner },
        status_message: expect.stringContaining("does not answer now (unreadable)"),
      },
    ]);
  });

  test("finds one that failed and was dismissed where it says that it stands", async () => {
    const one = new OnePlan({ ...two(), onExhausted: "fail" });
    for (const id of ["a", "c"])
      for (let attempt = 0; attempt < 3; attempt += 1) {
        one.pass(3_600_000);
        await one.poll("larry");
        await one.report("larry", "task_error", { taskId: id });
      }
    expect(one.status).toBe("failed");
    await project(registry.d1, [rowOf(one, "exec_other1", 1_000)]);
    expect(await all({ status: "FAILED" })).toMatchObject([{ status: "FAILED", dismissed: false }]);
    one.tell({ type: "dismiss_failure", by: "ann" });
    await project(registry.d1, [rowOf(one, "exec_other1", 1_000)]);
    expect(await all({ status: "FAILED" })).toEqual([]);
    expect(await all({ status: "CANCELLED" })).toMatchObject([{ status: "CANCELLED", dismissed: true }]);
  });
});

describe("the row of an execution of a plan", () => {
  test("says nothing that a crash may take back: what is staged is on disk first", async () => {
    const one = await doneUpTo(0);
    const { task: given } = await one.poll("larry");
    one.journal.dispatch(
      {
        type: "report_work",
        report: { eventId: "evt_x", agent: "larry", eventType: "task_complete", taskId: String(given?.id) },
        leaseId: undefined,
        gateId: "gate_:exec_1.x",
        draw: 0.5,
      },
      "agent:larry",
    );
    expect(one.journal.hasStaged).toBe(true);
    // Half of it is never told: the message stays in the outbox until the storage takes the rest.
    one.refusedCommits = 1;
    expect(() => rowMessage(one.journal)).toThrow("not on disk yet");
    one.turn();
    expect(rowMessage(one.journal)).toMatchObject({
      plan: { subtasksCompleted: 1 },
      state: { seq: one.journal.state?.seq },
    });
    expect(one.journal.hasStaged).toBe(false);
    const told = rowMessage(one.journal);
    // What leaves waits at the output gate until that is on disk.
    one.store.flushed(one.store.mark);
    one.crash();
    expect(rowMessage(one.journal)).toEqual(told);
  });

  test("is written once more when the last agent has heard of a pause", async () => {
    const one = await doneUpTo(0);
    await one.poll("larry");
    await one.poll("larry");
    one.tell({ type: "pause", by: "ann" });
    expect(rowMessage(one.journal)?.plan?.stop).toBe("pause");
    const before = one.journal.state;
    await one.poll("larry");
    const { state: after } = one.journal;
    const seen = one.events.find(({ type }) => type === "stop.seen");
    if (!before || !after || !seen) throw new Error("the agent did not hear of the pause");
    const told = messagesOf(seen, { before, after, index: () => one.journal.index() });
    expect(told.map(({ to }) => to)).toEqual(["offers", "registry"]);
    expect(rowMessage(one.journal)?.plan?.stop).toBeUndefined();
  });
});
