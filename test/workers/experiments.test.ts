/** Experiments, in real workerd on D1: runs divided among versions, by session, and counted. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, inject, test } from "vitest";
import { createClient } from "../../src/client/client.ts";
import type { Deployment as Server } from "../support/workers/deployment.ts";
import { Deployment } from "../support/workers/deployment.ts";

const server = new Deployment();
const keys: Record<string, string> = {};
const NAME = "text.divided";
const TARGET = `/api/v1/experiments/${NAME}.run`;

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const make = async (name: string, request: Partial<Parameters<Server["newKey"]>[0]> = {}) => {
    const wanted = { subject: name, scopes: ["execute", "read"], tenant: "acme-divided", ...request } as const;
    keys[name] = (await server.newKey(wanted)).key;
  };
  await make("olga", { scopes: ["execute", "read", "agent"] });
  await make("ivan");
  await make("ada", { scopes: ["admin"] });
  for (const version of ["0.1.0", "0.2.0"]) await put({ version });
  await put({ version: "0.3.0", status: "draft" });
});

const put = (rest: object) =>
  server.call("PUT", `/api/v1/agents/${NAME}`, {
    key: keys.olga,
    body: {
      ...{ name: NAME, description: "Counts.", capabilities: ["Count"], reasoning_mode: "oneshot" },
      ...{ skills_available: ["text.count"], ...rest },
    },
  });
const divide = (who: string, ...weights: (readonly [string, number])[]) =>
  server.call("PUT", TARGET, {
    key: keys[who],
    body: { versions: weights.map(([version, weight]) => ({ version, weight })) },
  });
const run = async (headers: Record<string, string> = {}, body: object = {}) => {
  const sent = { key: keys.olga, headers, body: { task_context: '{"text":"a"}', ...body } };
  const got = await server.call("POST", `/api/v1/agents/${NAME}/run`, sent);
  const { agent } = got.body.details as { agent: { version: string } };
  return { version: agent.version, id: String(got.body.execution_id) };
};

test("runs are divided, a session keeps its version, and each says which it ran", async () => {
  const got = await divide("olga", ["0.1.0", 1], ["0.2.0", 1]);
  expect(got.body).toMatchObject({
    target: `${NAME}.run`,
    updated_by: "olga",
    versions: [{ n: 0, success: null }, {}],
  });
  const sessions = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const first = await Promise.all(sessions.map((name) => run({ "x-session-id": name })));
  expect(new Set(first.map(({ version }) => version))).toEqual(new Set(["0.1.0", "0.2.0"]));
  const again = await Promise.all(sessions.map((name) => run({ "x-session-id": name })));
  expect(again.map(({ version }) => version)).toEqual(first.map(({ version }) => version));
  const [one] = first;
  const { body } = await server.call("GET", `/api/v1/executions/${one?.id}`, { key: keys.olga });
  expect(body.version).toBe(one?.version);
  const counted = async () => (await server.call("GET", TARGET, { key: keys.olga })).body;
  await expect.poll(counted, { timeout: 30_000 }).toMatchObject({ runs_counted: 16 });
  const ended = async () => (await counted()).versions as { version: string; n: number }[];
  await expect.poll(async () => (await ended()).reduce((sum, { n }) => sum + n, 0), { timeout: 30_000 }).toBe(16);
  for (const { version, n } of await ended())
    expect([version, n]).toEqual([version, [...first, ...again].filter((ran) => ran.version === version).length]);
  expect((await ended())[0]).toMatchObject({ success: 1, p50_ms: expect.any(Number), cost_usd: 0 });
});

test("a named version runs all the same, and a version of weight 0 does not by itself", async () => {
  await divide("olga", ["0.1.0", 1], ["0.2.0", 0]);
  expect((await run({}, { version: "0.2.0" })).version).toBe("0.2.0");
  const ran = await Promise.all(Array.from({ length: 6 }, () => run()));
  expect(new Set(ran.map(({ version }) => version))).toEqual(new Set(["0.1.0"]));
});

test("the same request again is the same run, whatever is stored or divided meanwhile", async () => {
  await divide("olga", ["0.1.0", 1]);
  const headers = { "idempotency-key": "once" };
  const first = await run(headers);
  await divide("olga", ["0.2.0", 1]);
  await put({ version: "0.4.0" });
  expect(await run(headers)).toEqual(first);
  expect((await run()).version).toBe("0.2.0");
});

test("a version that does not run any more is passed over, and without an experiment the current one runs", async () => {
  await divide("olga", ["0.1.0", 1], ["0.2.0", 1]);
  await put({ version: "0.2.0", status: "archived" });
  const ran = await Promise.all(["a", "b", "c", "d", "e", "f"].map((name) => run({ "x-session-id": name })));
  expect(new Set(ran.map(({ version }) => version))).toEqual(new Set(["0.1.0"]));
  await put({ version: "0.2.0", status: "active" });
  expect((await server.call("DELETE", TARGET, { key: keys.olga })).status).toBe(204);
  expect((await server.call("GET", TARGET, { key: keys.olga })).status).toBe(404);
  expect((await run()).version).toBe("0.4.0");
});

test("what cannot be is refused, and an agent of the code is divided by an administrator", async () => {
  const refused = async (who: string, ...weights: (readonly [string, number])[]) => {
    const { status, body } = await divide(who, ...weights);
    return [status, body.code];
  };
  expect(await refused("olga", ["9.9.9", 1])).toEqual([404, "agent_not_found"]);
  expect(await refused("olga", ["0.3.0", 1])).toEqual([409, "agent_not_active"]);
  expect(await refused("olga", ["0.1.0", 0])).toEqual([400, "invalid_input"]);
  expect(await refused("olga", ["0.1.0", 1], ["0.1.0", 1])).toEqual([400, "invalid_input"]);
  expect(await refused("olga")).toEqual([400, "invalid_input"]);
  expect(await refused("ivan", ["0.1.0", 1])).toEqual([404, "agent_not_found"]);
  const bundled = (who: string) =>
    server.call("PUT", "/api/v1/experiments/api.designer", {
      key: keys[who],
      body: { versions: [{ version: "0.1.0", weight: 1 }] },
    });
  expect([(await bundled("olga")).status, (await bundled("ada")).status]).toEqual([403, 200]);
});

test("is there for the typed client", async () => {
  const fetch = (input: RequestInfo | URL, init?: RequestInit) => server.send(new Request(input, init));
  const errand = createClient({ baseUrl: "https://errand.test", key: keys.olga ?? "", fetch });
  await errand.agents.experiments.put(`${NAME}.run`, [{ version: "0.1.0", weight: 1 }]);
  expect((await errand.agents.experiments.get(`${NAME}.run`)).versions).toMatchObject([
    { version: "0.1.0", weight: 1 },
  ]);
  await errand.agents.experiments.delete(`${NAME}.run`);
  await expect(errand.agents.experiments.get(`${NAME}.run`)).rejects.toThrow("no experiment");
});

test("calls of a node are divided among its versions, by session, and each says which it has", async () => {
  const node = "divided-node";
  const call = (method: string, path: string, body?: object) =>
    server.call(method, `/api/v1${path}`, { key: keys.olga, ...(body ? { body } : {}) });
  for (const version of ["1.0.0", "2.0.0"]) {
    const registration = {
      id: node,
      version,
      base_url: "https://agents.example.com",
      reasoners: [{ id: "think" }],
    };
    expect((await call("POST", "/nodes/register", registration)).status).toBe(201);
  }
  const versions = [
    { version: "1.0.0", weight: 1 },
    { version: "2.0.0", weight: 1 },
  ];
  const experiment = `/experiments/${node}.think`;
  expect((await call("PUT", experiment, { versions })).body).toMatchObject({ target: `${node}.think`, versions });
  const versionIn = async (session: string) => {
    const sent = { key: keys.olga, headers: { "x-session-id": session }, body: { input: {} } };
    const { body } = await server.call("POST", `/api/v1/execute/async/${node}.think`, sent);
    return (await call("GET", `/executions/${body.execution_id}`)).body.version;
  };
  const sessions = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const first = await Promise.all(sessions.map(versionIn));
  expect(new Set(first)).toEqual(new Set(["1.0.0", "2.0.0"]));
  expect(await Promise.all(sessions.map(versionIn))).toEqual(first);
  await call("PUT", experiment, { versions: [{ version: "2.0.0", weight: 1 }] });
  expect(new Set(await Promise.all(sessions.map(versionIn)))).toEqual(new Set(["2.0.0"]));
  const counted = async () => (await call("GET", experiment)).body;
  await expect.poll(counted, { timeout: 30_000 }).toMatchObject({ runs_counted: 8 });
  expect((await call("PUT", experiment, { versions: [{ version: "3.0.0", weight: 1 }] })).status).toBe(400);
  expect((await server.call("GET", `/api/v1${experiment}`, { key: keys.ivan })).status).toBe(200);
  expect((await server.call("DELETE", `/api/v1${experiment}`, { key: keys.ivan })).status).toBe(403);
  expect((await call("DELETE", experiment)).status).toBe(204);
});
