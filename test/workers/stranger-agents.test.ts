/**
 * The key of an agent that polls, on every path below /api, about what is Olga's: her plan that another agent works at, her approval, her
 * memory, her agent. Made from the table of endpoints: a new one is asked too. Nothing of hers is answered; what is answered at all is
 * the agent's own, and is named here.
 */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import type { Endpoint } from "../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../src/contract/endpoints.ts";
import { eventually } from "../support/eventually.ts";
import type { Got } from "../support/workers/deployment.ts";
import { Deployment } from "../support/workers/deployment.ts";

const server = new Deployment();
const [ACME, RIVAL] = ["acme-strangers", "rival-strangers"];
/** Stands in every text of Olga's. */
const SECRET = "olgasecret";
const HERS = {
  execution: `exec_${SECRET}_plan`,
  agent: `agent_${SECRET}`,
  plan: `plan_${SECRET}`,
  session: `session_${SECRET}`,
  run: `run_${SECRET}`,
};
const keys: Record<string, string> = {};
const named: Record<string, string> = {};

const ROWS = (Object.values(ENDPOINTS) as readonly Endpoint[]).filter(({ path }) => path.startsWith("/api"));

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  for (const [name, tenant] of [
    ["olga", ACME],
    ["rita", RIVAL],
  ] as const)
    keys[name] = (await server.newKey({ subject: name, scopes: ["execute", "read"], tenant })).key;
  const agentOf = async (who: string, id: string) => {
    const { body } = await call(who, "POST /api/agents/register", {
      id,
      capabilities: ["send_email"],
      rate_limit_per_min: 10_000,
    });
    return String(body.key);
  };
  keys.worker = await agentOf("olga", HERS.agent);
  keys.stranger = await agentOf("olga", "agent_stranger");
  keys.rival = await agentOf("rita", "agent_stranger");

  const subtasks = [{ id: `task_${SECRET}`, title: SECRET, action: "send_email", params: { to: SECRET } }];
  const plan = { plan_id: HERS.plan, goal: SECRET, tasks: [{ id: `t_${SECRET}`, title: SECRET, subtasks }] };
  await call("olga", "POST /api/plans", plan);
  await call("olga", "POST /api/executions", { plan_id: HERS.plan, id: HERS.execution, agent_id: HERS.agent });
  await eventually(async () => expect((await call("worker", `GET /api/agents/${HERS.agent}/work`)).status).toBe(200));
  const blocked = { event_type: "task_blocked", human_review_required: true, message: SECRET, error_type: SECRET };
  const about = { agent_id: HERS.agent, task_id: `task_${SECRET}` };
  await call("worker", `POST /api/executions/${HERS.execution}/events`, { ...about, ...blocked });
  const { body } = await call("olga", `GET /api/executions/${HERS.execution}`);
  const [task] = body.tasks as { subtasks: { blocked: { gate_id: string } }[] }[];
  const headers = { "x-run-id": HERS.run, "x-session-id": HERS.session };
  const memory = { key: "k", data: SECRET, scope: "session", scope_id: HERS.session };
  await server.call("POST", "/api/v1/memory/set", { key: keys.olga, body: memory, headers });
  const { id: keyId } = await server.newKey({ scopes: ["read"], tenant: ACME, subject: SECRET });
  Object.assign(named, {
    ...{ id: HERS.execution, execution_id: HERS.execution, plan_id: HERS.plan, agent_id: HERS.agent },
    ...{ run_id: HERS.run, workflow_id: HERS.run, session_id: HERS.session, key_id: keyId, node_id: HERS.agent },
    ...{ gate: task?.subtasks[0]?.blocked.gate_id ?? "", target: `plan.${HERS.plan}`, key: "k" },
  });
  for (const name of ["gate_id", "approval_request_id", "request_id"]) named[name] = named.gate ?? "";
});

function call(who: string, asked: string, body?: unknown): Promise<Got> {
  const [method = "", path = ""] = asked.split(" ");
  return server.call(method, path, { key: keys[who], ...(body === undefined ? {} : { body }) });
}

/** Each names what is Olga's wherever it can name anything. */
const BODIES: Readonly<Record<string, object>> = {
  reportEvents: { agent_id: HERS.agent, event_type: "task_complete", task_id: `task_${SECRET}` },
  changePlanExecution: { status: "CANCELLED" },
  resolveTask: { option: "skip_task" },
  startPlan: { plan_id: HERS.plan },
  createPlan: { plan_id: HERS.plan, goal: "g", tasks: [{ id: "t", title: "T" }] },
  registerAgent: { id: HERS.agent, name: "Mine" },
  changePollingAgent: { is_active: false },
  decomposeTask: { task: { task_id: "t", title: "T" }, plan_id: HERS.plan },
  createToken: { execution_id: HERS.execution },
  batchStatus: { execution_ids: [HERS.execution] },
  getMemory: { key: "k", scope: "session", scope_id: HERS.session },
  setMemory: { key: "k", data: 1, scope: "session", scope_id: HERS.session },
  bulkNodeStatus: { node_ids: [HERS.agent] },
  approve: { decision: "approved" },
};

/** What an agent may ask at all, and gets nothing of hers: its own memory, its own nodes, itself. */
const OWN = new Set([
  ...["getPollingAgent", "listPollingAgents", "openapi", "docs", "home", "health", "healthV1", "ready", "readyV1"],
  ...[
    "getMemory",
    "getVector",
    "listNodes",
    "discoverCapabilities",
    "bulkNodeStatus",
    "memorySocket",
    "memoryEvents",
    "memoryHistory",
  ],
  ...["setMemory", "deleteMemory", "setVector", "putVector", "searchVectors", "deleteVector", "deleteVectorNamespace"],
  ...["deleteVectorByPath"],
]);

/** About the request alone, or about the deployment: nothing of hers was looked at. */
const NOT_LOOKED = new Set([400, 415, 426, 503]);

function ask(endpoint: Endpoint, key: string | undefined): Promise<Got> {
  const path = endpoint.path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => named[name] ?? "x");
  const headers: Record<string, string> = { "x-execution-id": HERS.execution, "x-session-id": HERS.session };
  if (/stream|socket|feed/i.test(endpoint.id)) headers.upgrade = "websocket";
  const body = endpoint.method === "GET" ? {} : { body: BODIES[endpoint.id] ?? {} };
  return server.call(endpoint.method, path, { key, headers, ...body });
}

describe.each(["stranger", "rival"])("the key of an agent that is a %s", (who) => {
  test.each(ROWS.map((endpoint) => [endpoint.id, endpoint] as const))("%s", async (id, endpoint) => {
    const { status, body } = await ask(endpoint, keys[who]);
    if (status < 400) expect([id, OWN.has(id)]).toEqual([id, true]);
    else if (!NOT_LOOKED.has(status)) expect([id, [403, 404]]).toEqual([id, expect.arrayContaining([status])]);
    expect(JSON.stringify(body).replaceAll(new RegExp(Object.values(named).join("|"), "g"), "")).not.toContain(SECRET);
  });

  test("has changed nothing", async () => {
    const { body } = await call("olga", `GET /api/executions/${HERS.execution}`);
    expect(body).toMatchObject({ status: "BLOCKED", plan_id: HERS.plan, agent_id: HERS.agent });
    expect((await call("olga", `GET /api/agents/${HERS.agent}`)).body).toMatchObject({ is_active: true });
    expect((await call("olga", `GET /api/plans/${HERS.plan}`)).body).toMatchObject({ version: 1, goal: SECRET });
    const events = await call("olga", `GET /api/executions/${HERS.execution}/events`);
    expect((events.body.items as object[]).length).toBe(1);
    const memory = { key: "k", scope: "session", scope_id: HERS.session };
    const headers = { "x-session-id": HERS.session };
    const kept = await server.call("POST", "/api/v1/memory/get", { key: keys.olga, body: memory, headers });
    expect(kept.body).toMatchObject({ data: SECRET });
  });
});
