/** Search attributes in real workerd: set at the start and by programs, found by lists, counted. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { createClient } from "../../src/client/client.ts";
import { attributeText } from "../../src/domain/execution/search-attributes.ts";
import type { ExecutionRow } from "../../src/registry/projection/projection.ts";
import { project, removeRows } from "../../src/registry/projection/projection.ts";
import { eventually } from "../support/eventually.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const server = new Deployment();
const TENANT = "acme-attributes";
const AT = Date.UTC(2026, 2, 4, 12);
const keys: Record<string, string> = {};

const texts = (attributes: Record<string, string | number | boolean>) =>
  JSON.stringify(Object.entries(attributes).map(([name, value]) => attributeText(name, value)));

function row(id: string, attributes: string | null, more: Partial<ExecutionRow> = {}): ExecutionRow {
  return {
    ...{ tenant: TENANT, id, seq: 1, owner: "olga", agent: "a", fn: "f", kind: "reasoner", status: "succeeded" },
    ...{ reason: null, run_id: "r", parent_id: null, session_id: null, actor_id: null, schedule_id: null },
    ...{ created_at_ms: AT + Number(id.slice(5)), started_at_ms: AT, finished_at_ms: AT, updated_at_ms: AT },
    ...{ error_code: null, error_message: null, turns: 0, tokens: 0, cost_usd: 0, next_wake_at_ms: null },
    ...{ attributes, ...more },
  };
}

const get = (who: string, path: string) => server.call("GET", `/api/v1/${path}`, { key: keys[who] ?? "" });
async function found(who: string, filter: object, more = ""): Promise<string[]> {
  const { body } = await get(who, `executions?attributes=${encodeURIComponent(JSON.stringify(filter))}${more}`);
  return (body.items as { execution_id: string }[]).map(({ execution_id }) => execution_id);
}

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  keys.olga = (await server.newKey({ subject: "olga", tenant: TENANT, scopes: ["execute", "read"] })).key;
  keys.ada = (await server.newKey({ subject: "ada", tenant: TENANT, scopes: ["admin"] })).key;
  keys.rival = (await server.newKey({ subject: "olga", tenant: "rival-attributes", scopes: ["admin"] })).key;
  await project(env.REGISTRY, [
    row("exec_1", texts({ customer: "acme", amount: 10, urgent: true })),
    row("exec_2", texts({ customer: "acme", amount: 20.5, urgent: false }), { status: "failed" }),
    row("exec_3", texts({ customer: "10", amount: 300 }), { owner: "ivan" }),
    row("exec_4", texts({ customer: 10 })),
    row("exec_5", null),
  ]);
});

describe("lists", () => {
  test("find by a value of its type, by bounds, and by several at once", async () => {
    expect(await found("ada", { customer: "acme" })).toEqual(["exec_2", "exec_1"]);
    expect(await found("ada", { customer: "acme" }, "&status=failed")).toEqual(["exec_2"]);
    expect(await found("ada", { customer: "10" })).toEqual(["exec_3"]);
    expect(await found("ada", { customer: 10 })).toEqual(["exec_4"]);
    expect(await found("ada", { amount: { gte: 20.5 } })).toEqual(["exec_3", "exec_2"]);
    expect(await found("ada", { amount: { gt: 10, lt: 300 } })).toEqual(["exec_2"]);
    expect(await found("ada", { customer: { gte: "a" } })).toEqual(["exec_2", "exec_1"]);
    expect(await found("ada", { customer: "acme", urgent: true })).toEqual(["exec_1"]);
    expect(await found("olga", { amount: { gte: 0 } })).toEqual(["exec_2", "exec_1"]);
    expect(await found("rival", { customer: "acme" })).toEqual([]);
  });

  test("show them, also in CSV", async () => {
    const { body } = await get("ada", "executions?run_id=r&limit=2");
    expect(body.items).toMatchObject([{ attributes: null }, { attributes: { customer: 10 } }]);
    const csv = await server.fetch("GET", "/api/v1/executions?run_id=r&format=csv", { key: keys.ada });
    expect(await csv.text()).toContain('"{""customer"":""acme"",""amount"":20.5,""urgent"":false}"');
  });

  test.each([
    ["customer", "JSON"],
    ['{"customer":{}}', "JSON"],
    ['{"customer":null}', "JSON"],
    [JSON.stringify(Object.fromEntries([..."abcdefghi"].map((name) => [name, 1]))), "at most 8"],
  ])("refuse %s", async (text, says) => {
    const { status, body } = await get("ada", `executions?attributes=${encodeURIComponent(text)}`);
    expect({ status, code: body.code }).toEqual({ status: 400, code: "invalid_input" });
    expect(body.detail).toContain(says);
  });
});

test("lists are the same off a session of the platform, which says a bookmark", async () => {
  const replicas = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY, ERRAND_READ_REPLICAS: "on" });
  const path = `/api/v1/executions?attributes=${encodeURIComponent('{"customer":"acme"}')}`;
  const first = await replicas.call("GET", path, { key: keys.ada });
  expect(first.body.items).toHaveLength(2);
  const bookmark = first.headers.get("x-errand-bookmark");
  expect(bookmark).toMatch(/^0\.[0-9a-f-]+$/);
  const again = await replicas.call("GET", path, { key: keys.ada, headers: { "x-errand-bookmark": bookmark ?? "" } });
  expect(again.body.items).toEqual(first.body.items);
  const odd = await replicas.call("GET", path, { key: keys.ada, headers: { "x-errand-bookmark": "0.zzz" } });
  expect(odd.status).toBe(200);
});

describe("the index", () => {
  test("counts values, of a user's own and of a tenant's", async () => {
    expect((await get("ada", "attributes/customer")).body).toEqual({
      ...{ attribute: "customer", executions: 4, complete: true },
      items: [
        { value: "acme", count: 2 },
        { value: "10", count: 1 },
        { value: 10, count: 1 },
      ],
    });
    expect((await get("olga", "attributes/amount?limit=1")).body).toMatchObject({ executions: 2, complete: false });
    expect((await get("rival", "attributes/customer")).body).toMatchObject({ executions: 0, items: [] });
    expect((await get("ada", "attributes/customer=%22acme%22")).status).toBe(400);
  });

  test("forgets what a newer row no longer has, and hears nothing of an older one", async () => {
    const own = { tenant: "moving", created_at_ms: AT };
    const links = async () => {
      const { results } = await env.REGISTRY.prepare("SELECT name FROM execution_links WHERE tenant = 'moving'").all();
      return results.map(({ name }) => name).sort();
    };
    await project(env.REGISTRY, [row("exec_9", texts({ stage: "a", kept: 1 }), own)]);
    await project(env.REGISTRY, [row("exec_9", texts({ stage: "b", kept: 1 }), { ...own, seq: 3 })]);
    await project(env.REGISTRY, [row("exec_9", texts({ stage: "late" }), { ...own, seq: 2 })]);
    expect(await links()).toEqual(["kept=1", 'stage="b"']);
    // Older code knows no attributes: what is there stays.
    await project(env.REGISTRY, [row("exec_9", null, { ...own, seq: 4 })]);
    expect(await links()).toEqual(["kept=1", 'stage="b"']);
    await env.REGISTRY.batch(removeRows(env.REGISTRY, [row("exec_9", null, own)]));
    expect(await links()).toEqual([]);
  });
});

describe("executions", () => {
  test("carry what the start says, into lists and through a restart", async () => {
    const fetch = (request: string | URL | Request, init?: RequestInit) => server.send(new Request(request, init));
    const errand = createClient({ baseUrl: "https://errand.test", key: keys.olga ?? "", fetch });
    const attributes = { order: "o-1", amount: -0, urgent: false };
    const input = { message: "tea", seconds: 0 };
    const started = await errand.executeAsync("clock.remind", input, { attributes });
    const ended = await errand.wait(started.execution_id);
    expect(ended.attributes).toEqual({ order: "o-1", amount: 0, urgent: false });
    const again = await errand.restart(started.execution_id, { reuse: "none" });
    expect((await errand.wait(again.execution_id)).attributes).toEqual({ order: "o-1", amount: 0, urgent: false });
    await eventually(async () => {
      const listed: string[] = [];
      for await (const { execution_id } of errand.list({ attributes: { order: "o-1", amount: { lte: 0 } } }))
        listed.push(execution_id);
      expect(listed).toEqual([again.execution_id, started.execution_id]);
    });
    expect((await errand.operations.attribute("order")).items).toEqual([{ value: "o-1", count: 2 }]);
    const restart = { action: "restart", filter: { attributes: { order: "o-1" } } } as const;
    await eventually(async () => expect((await errand.operations.bulkCount(restart)).matched).toBe(2));
  });

  test.each([
    [{ "1st": 1 }, "attributes.1st"],
    [{ a: null }, "attributes.a"],
    [{ a: "x".repeat(257) }, "attributes.a"],
    [{ a: { b: 1 } }, "attributes.a"],
    [Object.fromEntries([..."abcdefghi"].map((name) => [name, 1])), "attributes"],
  ])("%j is refused", async (attributes, path) => {
    const body = { input: { message: "tea", seconds: 0 }, attributes };
    const refused = await server.call("POST", "/api/v1/execute/async/clock.remind", { key: keys.olga, body });
    expect(refused).toMatchObject({ status: 400, body: { code: "invalid_input" } });
    expect((refused.body.errors as { path: string }[])[0]?.path).toBe(path);
  });
});
