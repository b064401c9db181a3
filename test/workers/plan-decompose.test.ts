/** Executions of plans whose tasks are taken apart when they are ready, in real workerd, by the scripted rule. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import type { Got } from "../support/workers/deployment.ts";
import { Deployment } from "../support/workers/deployment.ts";

const ACME = "acme-plans-decomposed";
const LARRY = "agent_larry_apart";
const ACTIONS = ["send_email", "conduct_interview", "document_findings"];
const server = new Deployment();
const keys: Record<string, string> = {};

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  keys.mark = (await server.newKey({ subject: "mark", scopes: ["execute", "read"], tenant: ACME })).key;
  const { body } = await call("mark", "POST /api/agents/register", { id: LARRY, capabilities: ACTIONS });
  keys[LARRY] = String(body.key);
});

function call(who: string, asked: string, body?: unknown): Promise<Got> {
  const [method = "", path = ""] = asked.split(" ");
  return server.call(method, path, { key: keys[who], ...(body === undefined ? {} : { body }) });
}

async function started(plan_id: string, title: string, more: object = {}): Promise<string> {
  const plan = { plan_id, goal: "Win Carol", tasks: [{ id: "task_1", title }], ...more };
  expect((await call("mark", "POST /api/plans", plan)).status).toBe(201);
  const { status, body } = await call("mark", "POST /api/executions", { plan_id, id: `exec_of_${plan_id}` });
  expect(status).toBe(201);
  return String(body.id);
}

const seen = async (id: string) => (await call("mark", `GET /api/executions/${id}`)).body;

interface Given {
  readonly work_available: boolean;
  readonly next_task: { readonly task_id: string; readonly action: string };
}

/** Polls until it is given something. */
async function work(): Promise<Given["next_task"]> {
  for (;;) {
    const { status, body } = await call(LARRY, `GET /api/agents/${LARRY}/work?wait=10`);
    expect(status).toBe(200);
    const given = body as unknown as Given;
    if (given.work_available) return given.next_task;
  }
}

describe("a task of prospecting without subtasks", () => {
  test("is taken apart when it is ready, and agents do what was found, in its order", async () => {
    const id = await started("plan_apart", "Interview Carol");
    const given: string[] = [];
    for (const action of ACTIONS) {
      const task = await work();
      given.push(task.task_id);
      expect(task.action).toBe(action);
      const report = { agent_id: LARRY, event_type: "task_complete", task_id: task.task_id, message: "Done." };
      expect((await call(LARRY, `POST /api/executions/${id}/events`, report)).status).toBe(201);
    }
    expect(given).toEqual(["task_1_a", "task_1_b", "task_1_c"]);
    expect(await seen(id)).toMatchObject({
      ...{ status: "COMPLETED", tasks_completed: 1 },
      tasks: [{ id: "task_1", status: "COMPLETE", subtasks_total: 3, subtasks_completed: 3 }],
    });
    // The plan as it is stored has no subtasks: they are of this execution.
    const stored = (await call("mark", "GET /api/plans/plan_apart")).body;
    expect(stored).toMatchObject({ version: 1, decompose: "ready", tasks: [{ subtasks: [] }] });
    const children = `GET /api/v1/executions?parent_execution_id=${id}`;
    await eventually(async () => expect(JSON.stringify((await call("mark", children)).body)).toContain('"succeeded"'));
  });
});

describe("a task that no rule knows", () => {
  test("is blocked until a person says what to do, and hears why", async () => {
    const id = await started("plan_barn", "Paint the barn");
    await eventually(async () => expect((await seen(id)).status).toBe("BLOCKED"));
    const { body } = await call("mark", `POST /api/executions/${id}/resolve`, { option: "retry_task" });
    expect(body.detail).toContain("give_action, complete_by_hand, skip_task, cancel_execution");
    // The index hears of it a moment later.
    await eventually(async () => {
      const inbox = (await call("mark", "GET /api/v1/approvals?status=pending")).body;
      expect(JSON.stringify(inbox)).toContain("no subtask was found that an agent of this plan can do");
    });
    await call("mark", `POST /api/executions/${id}/resolve`, { option: "skip_task" });
    expect((await seen(id)).status).toBe("COMPLETED");
  });

  test("is blocked at once where its plan says never", async () => {
    const id = await started("plan_never", "Interview Carol", { decompose: "never" });
    expect((await seen(id)).status).toBe("BLOCKED");
    const wrong = { plan_id: "plan_wrong", goal: "g", decompose: "later", tasks: [{ id: "t", title: "T" }] };
    expect((await call("mark", "POST /api/plans", wrong)).status).toBe(400);
    await call("mark", `PATCH /api/executions/${id}`, { status: "CANCELLED" });
  });
});
