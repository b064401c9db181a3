/** The state transitions of the guide, every one: what PATCH may set from each status, and what it answers where it may not. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { Deployment } from "../support/workers/deployment.ts";

const server = new Deployment();
const AGENT = "agent_of_moves";
let key = "";
let made = 0;

/** As the guide writes them. */
const VALID_TRANSITIONS: Readonly<Record<string, readonly string[]>> = {
  CREATED: ["QUEUED", "CANCELLED"],
  QUEUED: ["RUNNING", "CANCELLED"],
  RUNNING: ["BLOCKED", "PAUSED", "COMPLETED", "FAILED", "CANCELLED"],
  BLOCKED: ["RUNNING", "PAUSED", "CANCELLED"],
  PAUSED: ["RUNNING", "CANCELLED"],
  COMPLETED: [],
  FAILED: ["CANCELLED"],
  CANCELLED: [],
};
/** What a person may set; the others follow from the work. */
const SETTABLE = ["QUEUED", "RUNNING", "PAUSED", "CANCELLED"];
const CASES = Object.keys(VALID_TRANSITIONS).flatMap((from) => SETTABLE.map((to) => [from, to] as const));

const call = (asked: string, body?: unknown) => {
  const [method = "", path = ""] = asked.split(" ");
  return server.call(method, path, { key, ...(body === undefined ? {} : { body }) });
};

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  key = (await server.newKey({ subject: "mark", scopes: ["execute", "read"], tenant: "acme-moves" })).key;
  await call("POST /api/agents/register", { id: AGENT, capabilities: ["send_email"] });
  const subtask = { id: "a", title: "A", action: "send_email", retry_policy: { max_attempts: 1 } };
  const plan = { plan_id: "plan_of_moves", goal: "g", on_exhausted: "fail" };
  await call("POST /api/plans", { ...plan, tasks: [{ id: "t", title: "T", subtasks: [subtask] }] });
});

/** Returns an execution that stands there, by what agents and people do. */
async function standing(status: string): Promise<string> {
  made += 1;
  const id = `exec_of_moves_${made}`;
  const at = `/api/executions/${id}`;
  await call("POST /api/executions", { plan_id: "plan_of_moves", id, agent_id: AGENT, start: status !== "CREATED" });
  const report = (event_type: string, more: object = {}) =>
    call(`POST ${at}/events`, { agent_id: AGENT, event_type, task_id: "a", ...more });
  if (["RUNNING", "PAUSED"].includes(status)) await call(`PATCH ${at}`, { status: "RUNNING" });
  if (["PAUSED", "CANCELLED"].includes(status)) await call(`PATCH ${at}`, { status });
  if (["BLOCKED", "COMPLETED", "FAILED"].includes(status)) {
    const taken = async () => (await call(`GET /api/agents/${AGENT}/work?wait=10`)).body.execution_id;
    await expect.poll(taken).toBe(id);
    if (status === "BLOCKED") await report("task_blocked", { human_review_required: true });
    else await report(status === "FAILED" ? "task_error" : "task_complete");
  }
  expect((await call(`GET ${at}`)).body.status).toBe(status);
  return id;
}

describe("the table of transitions", () => {
  test.each(CASES)("%s → %s", async (from, to) => {
    const id = await standing(from);
    const option = from === "BLOCKED" && to === "RUNNING" ? { option: "retry_task" } : {};
    const { status, body } = await call(`PATCH /api/executions/${id}`, { status: to, ...option });
    const legal = VALID_TRANSITIONS[from] ?? [];
    // Where it stands already is no move.
    if (legal.includes(to) || from === to) expect([status, body.status]).toEqual([200, to]);
    else {
      expect([status, body.code]).toEqual([409, "invalid_state"]);
      // It names where it stands and each move that is left, in the words of PATCH.
      const detail = String(body.detail);
      for (const word of [from, ...SETTABLE.filter((move) => legal.includes(move))]) expect(detail).toContain(word);
      expect((await call(`GET /api/executions/${id}`)).body.status).toBe(from);
    }
    await call(`PATCH /api/executions/${id}`, { status: "CANCELLED" });
  });

  test.each(["BLOCKED", "COMPLETED", "FAILED", "CREATED", "DONE"])("nobody sets %s", async (to) => {
    const id = await standing("RUNNING");
    const { status, body } = await call(`PATCH /api/executions/${id}`, { status: to });
    expect([status, body.code]).toEqual([400, "invalid_input"]);
    for (const settable of SETTABLE) expect(body.detail).toContain(settable);
    await call(`PATCH /api/executions/${id}`, { status: "CANCELLED" });
  });
});
