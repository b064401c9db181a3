/** Polls that wait, in real workerd: woken when there is something, also by a directory that slept meanwhile. */
import { applyD1Migrations, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, inject, test } from "vitest";
import { directoryName } from "../../src/actors/node-directory-actor.ts";
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
