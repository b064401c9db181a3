/** Tasks that are taken apart, in real workerd: for whom, stored in which plan, confirmed by a person when it is not sure. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { createClient } from "../../src/client/client.ts";
import { eventually } from "../support/eventually.ts";
import { Deployment } from "../support/workers/deployment.ts";

const ACME = "acme-decompositions";
const AGENT = "agent_of_decompositions";
const server = new Deployment();
const keys: Record<string, string> = {};

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const make = async (name: string, more: object = {}) => {
    const key = { subject: name, scopes: ["execute", "read"], tenant: ACME, ...more } as const;
    keys[name] = (await server.newKey(key)).key;
  };
  await make("olga");
  await make("ivan");
  await make("ada", { scopes: ["admin"] });
  const { body } = await server.call("POST", "/api/agents/register", {
    key: keys.olga,
    body: { id: AGENT, capabilities: ["send_email", "conduct_interview", "document_findings"] },
  });
  keys.larry = String(body.key);
});

const TASK = { task_id: "task_1_1", title: "Interview Carol", description: "Understand her breeding records" };
const decompose = (who: string, more: object = {}, query = "") =>
  server.call("POST", `/api/agents/${AGENT}/decompose${query}`, { key: keys[who], body: { task: TASK, ...more } });

let made = 0;
async function plan(subtasks: object[] = [], who = "olga"): Promise<string> {
  made += 1;
  const plan_id = `plan_decomposed_${made}`;
  const body = { plan_id, goal: "Win Carol", tasks: [{ id: "task_1_1", title: "Interview Carol", subtasks }] };
  expect((await server.call("POST", "/api/plans", { key: keys[who], body })).status).toBe(201);
  return plan_id;
}
const read = async (plan_id: string) => (await server.call("GET", `/api/plans/${plan_id}`, { key: keys.ada })).body;

describe("a task", () => {
  test("is taken apart by the scripted rule where no key is, which is said, as an execution of its caller", async () => {
    const { status, body } = await decompose("olga");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ task_id: "task_1_1", decomposition_confidence: 0.8, simulated: true },
      execution_sequence: ["task_1_1_a", "task_1_1_b", "task_1_1_c"],
    });
    const path = `/api/v1/executions/${body.execution_id}`;
    const seen = await server.call("GET", path, { key: keys.olga });
    expect(seen.body).toMatchObject({ target: `${AGENT}.decompose`, status: "succeeded", attempts: [{ n: 1 }] });
    expect((await server.call("GET", path, { key: keys.ivan })).status).toBe(404);
  });

  test("is taken apart for the actions that the request names, before those of the registration", async () => {
    const { body } = await decompose("olga", { agent_capabilities: ["document_findings"] });
    expect(body.decomposed_subtasks).toMatchObject([{ action: "document_findings" }]);
  });

  test("is taken apart for the agent itself, whose owner has the execution; it stores nothing", async () => {
    const key = "the same";
    const asked = { key: keys.larry, headers: { "idempotency-key": key }, body: { task: TASK } };
    const { status, body } = await server.call("POST", `/api/agents/${AGENT}/decompose`, asked);
    expect(status).toBe(200);
    const again = await server.call("POST", `/api/agents/${AGENT}/decompose`, asked);
    expect(again.body.execution_id).toBe(body.execution_id);
    expect((await server.call("GET", `/api/v1/executions/${body.execution_id}`, { key: keys.olga })).status).toBe(200);
    const own = await server.call("POST", `/api/agents/${AGENT}/decompose`, { ...asked, key: keys.olga });
    expect(own.body.execution_id).not.toBe(body.execution_id);
    const stored = await decompose("larry", { plan_id: await plan() });
    expect([stored.status, stored.body.code]).toEqual([403, "forbidden_scope"]);
  });

  test("of an agent that is not there is not taken apart", async () => {
    const path = "/api/agents/nobody/decompose";
    expect((await server.call("POST", path, { key: keys.olga, body: { task: TASK } })).status).toBe(404);
  });

  test("goes to the typed client", async () => {
    const fetch = (input: RequestInfo | URL, init?: RequestInit) => server.send(new Request(input, init));
    const errand = createClient({ baseUrl: "https://errand.test", key: String(keys.olga), fetch });
    const got = await errand.pollingAgents.decompose(AGENT, { task: TASK }, { waitMs: 5_000 });
    expect("execution_sequence" in got && got.execution_sequence).toHaveLength(3);
  });
});

describe("with a plan", () => {
  test("what was found is its next version, for its owner, and is stored once", async () => {
    const plan_id = await plan();
    const { status, body } = await decompose("ada", { plan_id });
    expect([status, body.plan_id, body.plan_version]).toEqual([200, plan_id, 2]);
    expect(await read(plan_id)).toMatchObject({
      ...{ version: 2, owner: "olga", updated_by: "olga" },
      tasks: [
        {
          ...{ decomposed: true, decomposition_confidence: 0.8, decomposition_notes: expect.stringContaining("rule") },
          subtasks: [{ id: "task_1_1_a", action: "send_email" }, { prerequisite_subtask_ids: ["task_1_1_a"] }, {}],
        },
      ],
    });
    expect((await decompose("olga", { plan_id })).body.plan_version).toBe(2);
    expect((await decompose("ivan", { plan_id })).status).toBe(404);
  });

  test("a task is refused that is not there, or whose subtasks a person wrote", async () => {
    const written = await decompose("olga", { plan_id: await plan([{ id: "own", title: "Own" }]) });
    expect([written.status, written.body.code]).toEqual([409, "task_has_subtasks"]);
    const other = { ...TASK, task_id: "task_1_2" };
    const missing = await decompose("olga", { plan_id: await plan(), task: other });
    expect([missing.status, missing.body.code]).toEqual([400, "invalid_input"]);
  });

  test("what is not sure waits for a person, and is stored when it is confirmed", async () => {
    const plan_id = await plan();
    const { status, body } = await decompose("olga", { plan_id, agent_capabilities: ["fly"] }, "?wait=20");
    expect([status, body.status]).toEqual([202, "waiting"]);
    expect((await read(plan_id)).version).toBe(1);
    const path = `/api/v1/executions/${body.execution_id}`;
    const approval = await server.call("POST", `${path}/approval-response`, {
      key: keys.ada,
      body: { decision: "approved" },
    });
    expect(approval.status).toBe(200);
    await eventually(async () => expect((await read(plan_id)).version).toBe(2));
    expect(await read(plan_id)).toMatchObject({
      tasks: [{ decomposition_confidence: 0, subtasks: [{ action: null }] }],
    });
  });

  test("what is rejected is not stored", async () => {
    const plan_id = await plan();
    const { body } = await decompose("olga", { plan_id, agent_capabilities: ["fly"] }, "?wait=20");
    const path = `/api/v1/executions/${body.execution_id}`;
    await server.call("POST", `${path}/approval-response`, { key: keys.ada, body: { decision: "rejected" } });
    await eventually(async () =>
      expect((await server.call("GET", path, { key: keys.olga })).body).toMatchObject({
        status: "failed",
        error: expect.stringContaining("rejected"),
      }),
    );
    expect((await read(plan_id)).version).toBe(1);
  });

  test("a restart with another plan stores in none that is not the owner's", async () => {
    const [plan_id, foreign] = [await plan(), await plan([], "ivan")];
    const { body } = await decompose("olga", { plan_id });
    const path = `/api/v1/executions/${body.execution_id}`;
    const input = { task: TASK, capabilities: [{ action: "conduct_interview", params: [] }], plan_id: foreign };
    const sent = { input, reuse: "none" };
    const restarted = await server.call("POST", `${path}/restart`, { key: keys.olga, body: sent });
    const follower = `/api/v1/executions/${restarted.body.execution_id ?? restarted.body.id}`;
    await eventually(async () => {
      const seen = await server.call("GET", `${follower}`, { key: keys.olga });
      if (seen.body.status === "waiting")
        await server.call("POST", `${follower}/approval-response`, { key: keys.ada, body: { decision: "approved" } });
      expect(seen.body).toMatchObject({ status: "failed", error: expect.stringContaining("there is no plan") });
    });
    expect((await read(foreign)).version).toBe(1);
  });
});
