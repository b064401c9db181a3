/** The kit `errand/agent` in a Worker, against the real runtime: a plan is done, tried again, blocked, gone on with, and cancelled. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, expect, inject, test } from "vitest";
import * as z from "zod";
import type { ActionContext, PollingAgent, PollingAgentOptions } from "../../src/agent/index.ts";
import { Blocked, createPollingAgent, waitFor } from "../../src/agent/index.ts";
import { eventually } from "../support/eventually.ts";
import { Deployment } from "../support/workers/deployment.ts";

const server = new Deployment();
const fetch = (input: RequestInfo | URL, init?: RequestInit) => server.send(new Request(input, init));
const agents: PollingAgent[] = [];
let key = "";
let made = 0;

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  key = (await server.newKey({ subject: "olga", scopes: ["execute", "read"], tenant: "acme-agent-kit" })).key;
});
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.stop({ graceMs: 0 })));
});

type Run = (params: Record<string, unknown>, ctx: ActionContext) => Promise<object>;

async function started(
  run: Run,
  more: Partial<PollingAgentOptions> = {},
): Promise<{ agent: PollingAgent; id: string }> {
  made += 1;
  const id = `agent_of_kit_${made}`;
  const agent = createPollingAgent({
    ...{ url: "https://errand.test", key, id, fetch, waitSeconds: 1, signals: false },
    actions: { work: { input: z.record(z.string(), z.json()), run: run as never } },
    ...more,
  } as PollingAgentOptions);
  agents.push(agent);
  await agent.start();
  return { agent, id };
}

/** Returns the id of the execution. */
async function begun(agent_id: string, subtasks: object[]): Promise<string> {
  const plan_id = `plan_of_kit_${made}`;
  const tasks = [
    { id: "t", title: "T", subtasks: subtasks.map((subtask) => ({ action: "work", title: "S", ...subtask })) },
  ];
  expect((await server.call("POST", "/api/plans", { key, body: { plan_id, goal: "g", tasks } })).status).toBe(201);
  const { status, body } = await server.call("POST", "/api/executions", { key, body: { plan_id, agent_id } });
  expect(status).toBe(201);
  return String(body.id);
}
const read = async (id: string) => (await server.call("GET", `/api/executions/${id}`, { key })).body;
const ended = (id: string, status: string) => eventually(async () => expect(await read(id)).toMatchObject({ status }));

test("a plan is done in order, each subtask once, under a key that is the same for every attempt", async () => {
  const done: unknown[] = [];
  const { id: agent } = await started(async ({ n }, { idempotencyKey, attempt, say }) => {
    done.push([n, attempt, idempotencyKey]);
    if (n === 2 && attempt === 1) throw new Error("not yet");
    say(`Did ${n}`);
    return { n: n as number };
  });
  const retry_policy = { max_attempts: 2, backoff_seconds: 0 };
  const id = await begun(agent, [
    { id: "a", params: { n: 1 } },
    { id: "b", params: { n: 2 }, depends_on: ["a"], retry_policy },
  ]);
  await ended(id, "COMPLETED");
  expect(done).toEqual([
    [1, 1, `${id}/a`],
    [2, 1, `${id}/b`],
    [2, 2, `${id}/b`],
  ]);
  expect(await read(id)).toMatchObject({
    tasks: [{ status: "COMPLETE", subtasks: [{ result_data: { n: 1 } }, { result_data: { n: 2 }, attempt: 2 }] }],
  });
});

test("what is blocked goes on as a person decides, and what waits as the outside answers", async () => {
  const { agent, id: name } = await started(async ({ to, from }) => {
    if (to === "nobody") throw new Blocked("It bounced", { suggestions: ["Call"] });
    return from === undefined ? waitFor("Waits for an answer") : { from };
  });
  const id = await begun(name, [{ id: "a", params: { to: "nobody" } }]);
  await ended(id, "BLOCKED");
  const decision = { option: "retry_task", params: { to: "carol" } };
  expect((await server.call("POST", `/api/executions/${id}/resolve`, { key, body: decision })).status).toBe(200);
  await eventually(async () => expect(agent.working).toEqual([`${id}/a`]));
  await eventually(async () => expect(await agent.settle(`${id}/a`, { output: { said: "yes" } })).toBe(true));
  await ended(id, "COMPLETED");
  expect(await read(id)).toMatchObject({ tasks: [{ subtasks: [{ result_data: { said: "yes" } }] }] });
});

test("what runs is aborted when its execution is cancelled", async () => {
  const aborted = Promise.withResolvers<unknown>();
  const run: Run = async (_params, { signal }) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    aborted.resolve(signal.reason);
    throw signal.reason;
  };
  const { id: name } = await started(run, { heartbeatMs: 200 });
  const id = await begun(name, [{ id: "a" }]);
  await ended(id, "RUNNING");
  await server.call("PATCH", `/api/executions/${id}`, { key, body: { status: "CANCELLED" } });
  expect(await aborted.promise).toMatchObject({ message: expect.stringMatching(/cancelled|ended/i) });
  await ended(id, "CANCELLED");
});
