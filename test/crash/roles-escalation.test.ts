/**
 * SIGKILL of the runtime amid the two promises of plans that name people and roles: a subtask that asks for a role is left to an agent of it
 * that waits, also by the process that comes after; and who was asked about a block is asked by it too, once, at their own address.
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PATIENCE_MS } from "../support/patience.ts";
import { sleep } from "../support/processes/api.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";
import { seeded } from "../support/simulator/random.ts";

const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const ROOT = "root-key-of-roles-and-escalation-0123456789";
const TENANT = "acme";
const draw = seeded(SEED);

const keys: Record<string, string> = { root: ROOT };
/** What came at each person's address, with the id of its delivery. */
const came: { who: string; event: string; execution: string; delivery: string }[] = [];
let server: Server;
let stateDir: string;

const receiver = createServer(async (request, response) => {
  let text = "";
  for await (const piece of request) text += piece;
  const { event, execution_id: execution } = JSON.parse(text);
  came.push({ who: (request.url ?? "").slice(1), event, execution, delivery: String(request.headers["webhook-id"]) });
  response.writeHead(204).end();
});

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-roles-"));
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const { port } = receiver.address() as AddressInfo;
  const allowed = { ERRAND_ALLOWED_HOSTS: "127.0.0.1" };
  server = await startServer({ stateDir, env: { ERRAND_AUTH: "keys", ERRAND_ROOT_KEY: ROOT, ...allowed } });
  const people: [string, string[]][] = [
    ["mark", ["execute", "read"]],
    ["nora", ["approve"]],
    ["olga", ["approve"]],
  ];
  for (const [subject, scopes] of people) {
    const { body } = await call("root", "POST /api/v1/keys", { name: subject, tenant: TENANT, subject, scopes });
    keys[subject] = String(body.key);
    const url = `http://127.0.0.1:${port}/${subject}`;
    expect((await call(subject, "PUT /api/v1/notifications", { url })).status).toBe(200);
  }
  for (const [id, role] of [
    ["ana", "Analyst"],
    ["dev", "Developer"],
  ] as const) {
    const registered = { id, role, capabilities: ["look"], rate_limit_per_min: 10_000 };
    const { body } = await call("mark", "POST /api/agents/register", registered);
    keys[id] = String(body.key);
  }
});
afterAll(async () => {
  await server?.kill("SIGKILL");
  receiver.closeAllConnections();
  receiver.close();
  await rm(stateDir, { recursive: true, force: true });
});

interface Got {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Once; what a kill cuts rejects. */
async function ask(who: string, asked: string, body?: object): Promise<Got> {
  const [method = "", path = ""] = asked.split(" ");
  const headers = { authorization: `Bearer ${keys[who]}` };
  const sent = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await fetch(`${server.url}${path}`, sent);
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
}

/** Again while the runtime is down. */
async function call(who: string, asked: string, body?: object): Promise<Got> {
  for (const until = Date.now() + PATIENCE_MS; ; await sleep(50)) {
    const got = await ask(who, asked, body).catch(() => undefined);
    if (got && got.status < 500) return got;
    if (Date.now() > until) throw new Error(`${asked}: the runtime does not come back`);
  }
}

/** The runtime dies so many milliseconds after this was sent, and comes back; whether an answer came is not known. */
async function killedAfter(ms: number, sent: Promise<unknown>): Promise<void> {
  const over = sent.catch(() => undefined);
  await sleep(ms);
  await server.restart();
  await over;
}

interface Subtask {
  readonly agent_id: string | null;
  readonly blocked: { readonly escalated_to: string; readonly next_step_options: string[] } | null;
}

async function subtaskOf(id: string): Promise<Subtask | undefined> {
  const { body } = await call("mark", `GET /api/executions/${id}`);
  return (body.tasks as { subtasks: Subtask[] }[] | undefined)?.[0]?.subtasks[0];
}

async function leasedTo(id: string): Promise<unknown[]> {
  const { body } = await call("mark", `GET /api/v1/executions/${id}/events?limit=1000`);
  const events = body.items as { type: string; data: { agent?: string } }[];
  return events.filter(({ type }) => type === "subtask.leased").map(({ data }) => data.agent);
}

const store = (plan_id: string, task: object) =>
  call("mark", "POST /api/plans", {
    ...{ plan_id, goal: "Be looked at" },
    tasks: [{ id: "t", title: "T", subtasks: [{ id: "a", title: "A", action: "look" }], ...task }],
  });

test(`a subtask is left to the role that it asks for, by the process after a kill too, CRASH_SEED=${SEED}`, {
  timeout: 2 * PATIENCE_MS,
}, async () => {
  await store("plan_roles", { assignee_role: "Analyst" });
  for (const [round, ms] of [5 + draw() * 40, 60 + draw() * 200].entries()) {
    const id = `exec_role_${round}`;
    const start = { plan_id: "plan_roles", id };
    // Both wait, and the subtask comes; or it comes as the process dies.
    const polls = ["ana", "dev"].map((agent) => ask(agent, `GET /api/agents/${agent}/work?wait=25`));
    const started = sleep(300).then(() => ask("mark", "POST /api/executions", start));
    await killedAfter(300 + ms, Promise.allSettled([...polls, started]));
    // It polls before the other comes: nothing else of it is remembered by the next process.
    const again = await call("ana", "GET /api/agents/ana/work");
    expect((await call("mark", "POST /api/executions", start)).status).toBeLessThan(300);
    expect((await call("dev", "GET /api/agents/dev/work?wait=1")).status).toBe(204);
    const given = again.status === 200 ? again : await call("ana", "GET /api/agents/ana/work?wait=10");
    expect(given.body).toMatchObject({ execution_id: id, next_task: { task_id: "a" } });
    expect(new Set(await leasedTo(id))).toEqual(new Set(["ana"]));
    const done = { agent_id: "ana", event_type: "task_complete", task_id: "a" };
    expect((await call("ana", `POST /api/executions/${id}/events`, done)).body).toMatchObject({ applied: true });
  }
  // Where no agent of the role came back, it is nobody's to wait for.
  const lone = { plan_id: "plan_roles", id: "exec_role_alone" };
  const ana = ask("ana", "GET /api/agents/ana/work?wait=25");
  await sleep(200);
  await killedAfter(0, ana);
  expect((await call("mark", "POST /api/executions", lone)).status).toBe(201);
  expect((await call("dev", "GET /api/agents/dev/work?wait=20")).body).toMatchObject({ execution_id: lone.id });
  const end = { agent_id: "dev", event_type: "task_complete", task_id: "a" };
  expect((await call("dev", `POST /api/executions/${lone.id}/events`, end)).body).toMatchObject({ applied: true });
});

test(`a block that is handed on as the runtime dies has one person to ask, who is told once, CRASH_SEED=${SEED}`, {
  timeout: 2 * PATIENCE_MS,
}, async () => {
  await store("plan_asks", { escalate_to: "nora" });
  const ids = Array.from({ length: 6 }, (_none, n) => `exec_asks_${n}`);
  for (const id of ids) {
    await call("mark", "POST /api/executions", { plan_id: "plan_asks", id, agent_id: "dev" });
    expect((await call("dev", "GET /api/agents/dev/work?wait=10")).body).toMatchObject({ execution_id: id });
    const event = { event_type: "task_error", task_id: "a", human_review_required: true, error_message: "closed" };
    const { body } = await call("dev", `POST /api/executions/${id}/events`, { agent_id: "dev", ...event });
    expect(body).toMatchObject({ escalated_to: "nora" });
  }
  const handOn = { task_id: "a", escalate_to: "olga" };
  const answered: (string | undefined)[] = [];
  // One after the other, so that one of them is in the middle.
  const handing = async () => {
    for (const id of ids) {
      const got = await ask("mark", `POST /api/executions/${id}/resolve`, handOn);
      if (got.status === 200) answered.push(id);
    }
  };
  await killedAfter(draw() * 60, handing());
  for (const id of ids) {
    const to = (await subtaskOf(id))?.blocked?.escalated_to;
    // What was answered is so; of the others each is asked one person or the other, and is handed on now.
    expect(answered.includes(id) ? ["olga"] : ["nora", "olga"]).toContain(to);
    if (to !== "olga") expect((await call("mark", `POST /api/executions/${id}/resolve`, handOn)).status).toBe(200);
    expect((await subtaskOf(id))?.blocked?.escalated_to).toBe("olga");
  }
  const heardOf = (id: string, who: string, event: string) =>
    new Set(
      came.filter((one) => one.execution === id && one.who === who && one.event === event).map((o) => o.delivery),
    );
  const wanted = ids.map(() => [1, 1, 0]);
  const told = () =>
    ids.map((id) => [
      heardOf(id, "nora", "task.blocked").size,
      heardOf(id, "olga", "task.escalated").size,
      heardOf(id, "nora", "task.escalated").size + heardOf(id, "mark", "task.blocked").size,
    ]);
  await expect.poll(told, { timeout: PATIENCE_MS, interval: 100 }).toEqual(wanted);
  for (const id of ids) {
    const resolved = await call("olga", `POST /api/executions/${id}/resolve`, { task_id: "a", option: "skip_task" });
    expect(resolved.body).toMatchObject({ status: "COMPLETED" });
  }
});
