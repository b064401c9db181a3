/** Polls that wait, in real workerd: woken when there is something, also by a directory that slept meanwhile. */
import { applyD1Migrations, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, inject, test } from "vitest";
import { directoryName } from "../../src/actors/rpc/directory-name.ts";
import type { WorkHinter } from "../../src/operations/plan-execution-ports.ts";
import { Deployment } from "../support/workers/deployment.ts";

const ACME = "acme-waiting-polls";
const server = new Deployment();
let key = "";

/** Shorter than the net under lost words: only a word that comes ends it with something. */
const WAIT = "wait=9";

const call = (method: string, path: string, body?: unknown) =>
  server.call(method, path, { key, ...(body === undefined ? {} : { body }) });

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  ({ key } = await server.newKey({ subject: "mark", scopes: ["execute", "read"], tenant: ACME }));
  const tasks = [{ id: "t", title: "T", subtasks: [{ id: "a", title: "A", action: "ping" }] }];
  await call("POST", "/api/plans", { plan_id: "plan_ping", goal: "Ping", tasks });
});

function directory() {
  if (!env.NODES) throw new Error("no directory is bound");
  return env.NODES.get(env.NODES.idFromName(directoryName(ACME)));
}

const waiting = () => runInDurableObject(directory(), (_object, state) => state.getWebSockets().length);

test.each([["awake"], ["asleep"]])("a poll that waits is woken by a directory that is %s", async (mode) => {
  const agent = `agent_${mode}`;
  await call("POST", "/api/agents/register", { id: agent, capabilities: ["ping"] });
  const poll = call("GET", `/api/agents/${agent}/work?${WAIT}`);
  await expect.poll(waiting).toBe(1);
  if (mode === "asleep") await evictDurableObject(directory());
  const { body } = await call("POST", "/api/executions", { plan_id: "plan_ping", agent_id: agent });
  expect(await poll).toMatchObject({ status: 200, body: { execution_id: body.id, next_task: { task_id: "a" } } });
  // It waits no more.
  await expect.poll(waiting).toBe(0);
});

test("a poll that waits for nothing ends with 204", async () => {
  await call("POST", "/api/agents/register", { id: "agent_idle", capabilities: ["fly"] });
  expect((await call("GET", "/api/agents/agent_idle/work?wait=1")).status).toBe(204);
});

test("a subtask that asks for a role is left to the agent of that role that waits, and goes to another when that one is gone", async () => {
  const tasks = [
    {
      id: "t",
      title: "T",
      assignee_role: "Analyst",
      subtasks: ["a", "b"].map((id) => ({ id, title: id, action: "ask" })),
    },
  ];
  await call("POST", "/api/plans", { plan_id: "plan_of_roles", goal: "Ask", tasks });
  const keys = new Map<string, string>();
  for (const [id, role] of [
    ["agent_ana", "Analyst"],
    ["agent_dev", "Developer"],
  ] as const) {
    const { body } = await call("POST", "/api/agents/register", { id, role, capabilities: ["ask"] });
    keys.set(id, String(body.key));
  }
  const poll = (id: string, wait = "wait=0") =>
    server.call("GET", `/api/agents/${id}/work?${wait}`, { key: String(keys.get(id)) });
  const done = (id: string, execution: unknown, task: unknown) =>
    server.call("POST", `/api/executions/${execution}/events`, {
      key: String(keys.get(id)),
      body: { agent_id: id, event_type: "task_complete", task_id: task },
    });
  const waits = poll("agent_ana", WAIT);
  await expect.poll(waiting).toBe(1);
  const { body } = await call("POST", "/api/executions", { plan_id: "plan_of_roles" });
  expect(String(body.status_message)).toContain('one with the role "Analyst" goes first');
  const first = await waits;
  expect(first.body).toMatchObject({ execution_id: body.id, next_task: { task_id: "a" } });
  await done("agent_ana", body.id, "a");
  // She polled a moment ago, and holds nothing: the next one is left to her.
  const developer = { tenant: ACME, subject: "agent:agent_dev", scopes: ["agent" as const] };
  const left = () =>
    runInDurableObject(directory(), async (object) => {
      const hints = await (object as unknown as WorkHinter).workFor(developer, "agent_dev", undefined);
      return hints.ok && hints.value?.reserved;
    });
  await expect.poll(left).toEqual([{ role: "Analyst", actions: ["ask"] }]);
  expect((await poll("agent_dev")).status).toBe(204);
  await server.call("PATCH", "/api/agents/agent_ana", {
    key: String(keys.get("agent_ana")),
    body: { is_active: false },
  });
  const second = await poll("agent_dev", WAIT);
  expect(second).toMatchObject({ status: 200, body: { execution_id: body.id, next_task: { task_id: "b" } } });
});
