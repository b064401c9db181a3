/** Agents that poll, in real workerd: registered with a key of their own, changed by whom, seen by whom, refused when. */
import { applyD1Migrations, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { PollingAgents } from "../../src/actors/nodes/polling-agents.ts";
import { directoryName } from "../../src/actors/rpc/directory-name.ts";
import { createClient } from "../../src/client/client.ts";
import { DEFAULT_LIMITS } from "../../src/domain/values/limits.ts";
import type { Sealer } from "../../src/vault/vault.ts";
import type { Got, Deployment as Server } from "../support/workers/deployment.ts";
import { Deployment } from "../support/workers/deployment.ts";

const ACME = "acme-polling";
const server = new Deployment();
const keys: Record<string, string> = {};

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const make = async (name: string, request: Partial<Parameters<Server["newKey"]>[0]> = {}) => {
    keys[name] = (await server.newKey({ subject: name, scopes: ["execute", "read"], tenant: ACME, ...request })).key;
  };
  await make("olga");
  await make("ivan");
  await make("ada", { scopes: ["admin"] });
  await make("machine", { scopes: ["agent"] });
  await make("limited", { rate_limit_per_min: 40 });
  await make("rival", { tenant: "rival-polling", scopes: ["admin"] });
});

let made = 0;
const newId = () => `agent_of_test_${++made}`;
const call = (key: string | undefined, asked: string, body?: unknown) => {
  const [method = "", path = ""] = asked.split(" ");
  return server.call(method, `/api/agents${path}`, { key, ...(body === undefined ? {} : { body }) });
};
const register = (who: string, body: object) => call(keys[who], "POST /register", body);
const words = ({ status, body }: Got) => [status, body.code];

/** Registered by Olga, with the key that she was answered. */
async function larry(more: object = {}): Promise<{ readonly id: string; readonly key: string }> {
  const id = newId();
  const { status, body } = await register("olga", { id, name: "Larry", ...more });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return { id, key: String(body.key) };
}

describe("an agent", () => {
  test("is registered with its columns and one key, and read as it was answered", async () => {
    const id = newId();
    const { status, body } = await register("olga", {
      ...{ id, name: "Larry", role: "Full-stack contractor", poll_endpoint: "/api/agents/work" },
      capabilities: [{ action: "send_email", params: ["to", "body"], idempotent: false }, "make_phone_call"],
    });
    expect(status).toBe(201);
    const { key, key_id, agent_id, rate_limit_per_min, ...agent } = body;
    expect([agent_id, rate_limit_per_min]).toEqual([id, 100]);
    expect(key).toMatch(/^errand_/);
    expect(key_id).toMatch(/^key_/);
    expect(agent).toEqual({
      ...{
        id,
        name: "Larry",
        role: "Full-stack contractor",
        poll_endpoint: "/api/agents/work",
        webhook_url: null,
        webhook_signed: false,
      },
      ...{
        is_active: true,
        last_heartbeat: null,
        lapses: 0,
        drained_since: null,
        drained_until: null,
        owner: "olga",
        created_at: expect.stringMatching(/^\d{4}-/),
      },
      capabilities: [
        { action: "send_email", params: ["to", "body"], idempotent: false },
        { action: "make_phone_call", params: [], idempotent: null },
      ],
    });
    expect((await call(keys.ivan, `GET /${id}`)).body).toEqual(agent);
    const { body: own } = await call(String(key), `GET /${id}`);
    expect(own).toEqual({ ...agent, last_heartbeat: expect.stringMatching(/^\d{4}-/) });
  });

  test("has an id of ours and its id as name, when it says neither", async () => {
    const { body } = await register("olga", {});
    expect(body.id).toMatch(/^agent_[0-9a-f]{24}$/);
    expect(body.name).toBe(body.id);
  });

  test("is changed with its own key or by an administrator, and else by nobody", async () => {
    const { id, key } = await larry({ role: "Larry" });
    const again = { id, name: "Larry the Second" };
    expect(words(await register("olga", again))).toEqual([409, "id_taken"]);
    expect(words(await register("ivan", again))).toEqual([409, "id_taken"]);
    expect(words(await register("machine", again))).toEqual([403, "forbidden_scope"]);
    expect(words(await register("machine", { name: "new" }))).toEqual([403, "forbidden_scope"]);
    for (const who of ["olga", "ivan"])
      for (const asked of [`PATCH /${id}`, `DELETE /${id}`, `POST /${id}/rotate-key`])
        expect([asked, ...words(await call(keys[who], asked, {}))]).toEqual([asked, 403, "forbidden_scope"]);
    for (const who of ["machine", "rival"])
      for (const asked of [`GET /${id}`, `PATCH /${id}`, `DELETE /${id}`, `POST /${id}/rotate-key`])
        expect([who, asked, ...words(await call(keys[who], asked, asked.startsWith("GET") ? undefined : {}))]).toEqual([
          ...[who, asked, 404, "not_found"],
        ]);
    const renamed = await call(key, "POST /register", again);
    expect(renamed).toMatchObject({ status: 200, body: { name: "Larry the Second", role: "Larry", owner: "olga" } });
    expect(renamed.body.key).toBeUndefined();
    expect(await call(keys.ada, `PATCH /${id}`, { role: null, is_active: false })).toMatchObject({
      ...{ status: 200, body: { name: "Larry the Second", role: null, is_active: false } },
    });
    expect((await call(key, "POST /register", again)).body.is_active).toBe(false);
  });

  test("may do no more with its key than be that agent", async () => {
    const [{ id, key }, other] = [await larry(), await larry()];
    expect(words(await call(key, "POST /register", { name: "another" }))).toEqual([403, "forbidden_scope"]);
    for (const asked of [
      `GET /${other.id}`,
      `PATCH /${other.id}`,
      `DELETE /${other.id}`,
      `POST /${other.id}/rotate-key`,
    ])
      expect([asked, (await call(key, asked, asked.startsWith("GET") ? undefined : {})).status]).toEqual([asked, 404]);
    const { body } = await call(key, "GET ?limit=200");
    expect((body.items as { id: string }[]).map((agent) => agent.id)).toEqual([id]);
    expect((await call(keys.machine, "GET ")).body.items).toEqual([]);
  });

  test("gets its next key on request, and the one before is refused", async () => {
    const { id, key } = await larry({ rate_limit_per_min: 250 });
    const { status, body } = await call(key, `POST /${id}/rotate-key`, {});
    expect([status, body.agent_id, body.rate_limit_per_min]).toEqual([201, id, 250]);
    expect((await call(key, `GET /${id}`)).status).toBe(401);
    const { key: next } = (await call(keys.ada, `POST /${id}/rotate-key`, { rate_limit_per_min: 500 })).body;
    expect((await call(String(body.key), `GET /${id}`)).status).toBe(401);
    expect((await call(String(next), `GET /${id}`)).status).toBe(200);
    expect(words(await call(String(next), `POST /${id}/rotate-key`, { rate_limit_per_min: 501 }))).toEqual([
      ...[400, "invalid_input"],
    ]);
  });

  test("is removed with its key, and another may have the id then", async () => {
    const { id, key } = await larry();
    expect((await call(key, `DELETE /${id}`)).status).toBe(204);
    expect((await call(key, `GET /${id}`)).status).toBe(401);
    expect((await call(keys.olga, `GET /${id}`)).status).toBe(404);
    expect((await register("ivan", { id })).body).toMatchObject({ owner: "ivan", name: id });
    expect((await call(key, `GET /${id}`)).status).toBe(401);
  });

  test("has a key of 100 requests a minute, and never one of more than who made it", async () => {
    const { id, key } = await larry();
    const first = await call(key, `GET /${id}`);
    expect(first.headers.get("ratelimit-policy")).toContain("q=100");
    const { body } = await register("limited", { id: newId() });
    expect(body.rate_limit_per_min).toBe(40);
    expect(words(await register("limited", { id: newId(), rate_limit_per_min: 41 }))).toEqual([400, "invalid_input"]);
    const other = String(body.key);
    const statuses: number[] = [];
    for (let n = 0; n < 41; n += 1) statuses.push((await call(other, `GET /${body.id}`)).status);
    // Two of the forty were the registrations: its key draws on the key that made it.
    expect([statuses.at(0), statuses.at(-1)]).toEqual([200, 429]);
  });
});

test("lists are by id, in pages, and of one tenant", async () => {
  const client = createClient({
    ...{ baseUrl: "https://errand.test", key: String(keys.olga), retries: 0 },
    fetch: (request: RequestInfo | URL, init?: RequestInit) => server.send(new Request(request, init)),
  });
  const mine = [await larry(), await larry(), await larry()].map(({ id }) => id);
  const ids: string[] = [];
  for await (const { id } of client.pollingAgents.list()) ids.push(id);
  expect(ids).toEqual([...ids].sort());
  expect(ids).toEqual(expect.arrayContaining(mine));
  const page = await call(keys.olga, "GET ?limit=1");
  const next = await call(keys.olga, `GET ?limit=1&cursor=${String(page.body.next_cursor)}`);
  expect([page, next].map(({ body }) => (body.items as { id: string }[])[0]?.id)).toEqual(ids.slice(0, 2));
  expect((await call(keys.rival, "GET ")).body).toEqual({ items: [], next_cursor: null });
});

test("what cannot be an agent is refused by name", async () => {
  const refused = async (body: object) => {
    const got = await register("olga", body);
    const [first] = (got.body.errors ?? []) as { path: string }[];
    return [got.status, got.body.code, first?.path];
  };
  expect(await refused({ id: "a b" })).toEqual([400, "invalid_input", "id"]);
  expect(await refused({ id: "x", name: "" })).toEqual([400, "invalid_input", "name"]);
  expect(await refused({ id: "x", capabilities: ["a", "a"] })).toEqual([400, "invalid_input", "capabilities.1"]);
  expect(await refused({ id: "x", capabilities: [{ params: [] }] })).toEqual([400, "invalid_input", "capabilities.0"]);
  expect(await refused({ id: "x", webhook_url: "http://10.0.0.1/hook" })).toEqual([
    400,
    "address_refused",
    "webhook_url",
  ]);
  const large = [{ action: "a", params: "x".repeat(66_000) }];
  expect(await refused({ id: "x", capabilities: large })).toEqual([413, "payload_too_large", "capabilities"]);
  expect((await call(keys.olga, "GET /x")).status).toBe(404);
});

test("a tenant has so many", async () => {
  const nodes = env.NODES;
  if (!nodes) throw new Error("no directory is bound");
  await runInDurableObject(nodes.get(nodes.newUniqueId()), (_object, state) => {
    const sealer = { seal: (text: string) => text, open: (text: string) => text } as unknown as Sealer;
    const agents = new PollingAgents(state.storage, sealer, { ...DEFAULT_LIMITS, pollingAgents: 1 });
    const olga = { tenant: ACME, subject: "olga", scopes: ["execute"] } as const;
    const record = {
      name: "n",
      role: null,
      pollEndpoint: null,
      webhookUrl: null,
      webhookSecret: null,
      capabilities: [],
    };
    const add = (id: string) => agents.add(olga, { id, record, isActive: true }, 1);
    expect(add("one").ok).toBe(true);
    expect(add("two")).toMatchObject({
      code: "too_many_agents",
      detail: expect.stringContaining("ERRAND_MAX_POLLING_AGENTS"),
    });
    expect(agents.remove("one")).toBe(true);
    expect(add("two").ok).toBe(true);
  });
});

test("a sign of life is written when what is on disk is five minutes old", async () => {
  const nodes = env.NODES;
  if (!nodes) throw new Error("no directory is bound");
  await runInDurableObject(nodes.get(nodes.newUniqueId()), (_object, state) => {
    const sealer = { seal: (text: string) => text, open: (text: string) => text } as unknown as Sealer;
    const open = () => new PollingAgents(state.storage, sealer, DEFAULT_LIMITS);
    const larry = { tenant: ACME, subject: "agent:larry", scopes: ["agent"] } as const;
    const record = {
      name: "n",
      role: null,
      pollEndpoint: null,
      webhookUrl: null,
      webhookSecret: null,
      capabilities: [],
    };
    const agents = open();
    agents.add({ tenant: ACME, subject: "olga", scopes: ["execute"] }, { id: "larry", record, isActive: true }, 1);
    const heard = (book: PollingAgents, nowMs: number) => book.one(larry, "larry", nowMs)?.lastHeartbeatMs;
    const read = () => open().page({ after: undefined, limit: 1 }).agents[0]?.lastHeartbeatMs;
    expect([heard(agents, 1_000), read()]).toEqual([1_000, 1_000]);
    expect([heard(agents, 300_999), read()]).toEqual([300_999, 1_000]);
    expect([heard(agents, 301_000), read()]).toEqual([301_000, 301_000]);
  });
});

test("what an agent says of itself is sealed where it lies", async () => {
  const { id } = await larry({ role: "Canary of the seal" });
  const nodes = env.NODES;
  if (!nodes) throw new Error("no directory is bound");
  const rows = await runInDurableObject(nodes.get(nodes.idFromName(directoryName(ACME))), (_object, state) =>
    state.storage.sql.exec("SELECT * FROM polling_agents").toArray(),
  );
  const row = rows.find((one) => one.id === id);
  expect(row).toMatchObject({ owner: "olga", is_active: 1, heard_at_ms: null });
  expect(JSON.stringify(row)).not.toContain("Canary");
});

test("any call with its key is a sign of life", async () => {
  const { id, key } = await larry();
  const heard = async () => (await call(keys.olga, `GET /${id}`)).body.last_heartbeat;
  expect(await heard()).toBeNull();
  await server.call("GET", "/api/v1/executions/exec_none", { key });
  expect(await heard()).toMatch(/^\d{4}-/);
});

test("its limit of requests is kept while the object that counts goes away, and the refusal says when to come again", async () => {
  const { id, key } = await larry({ rate_limit_per_min: 12 });
  const poll = () => server.fetch("GET", `/api/agents/${id}/work`, { key });
  for (let sent = 0; sent < 12; sent += 1) {
    if (sent === 6 && env.NODES) await evictDurableObject(env.NODES.get(env.NODES.idFromName(directoryName(ACME))));
    expect([sent, (await poll()).status]).toEqual([sent, 204]);
  }
  const refused = await poll();
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ code: "rate_limited" });
});
