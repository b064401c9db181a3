/** Concurrency limits in workerd: starts wait in their queue, go on in turn, and give their slots back. */
import { abortAllDurableObjects, applyD1Migrations, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, inject, test, vi } from "vitest";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const server = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY });
const DEMO = { claim: "c", amount: 1 };
const PATIENCE = { timeout: 25_000, interval: 50 };
const FN = encodeURIComponent("approvals/demo");

beforeAll(() => applyD1Migrations(env.REGISTRY, inject("migrations")));

const keyOf = async (tenant: string) =>
  (await server.newKey({ tenant, subject: "ann", scopes: ["execute", "read", "admin", "approve"] })).key;

async function queueOf(key: string, name = "approvals/demo") {
  const { body } = await server.call("GET", "/api/v1/queues", { key });
  const items = body.items as readonly {
    readonly queue: string;
    readonly limit: number | null;
    readonly oldest_at: string | null;
  }[];
  return items.find(({ queue }) => queue === name);
}

const get = async (key: string, id: string) => (await server.call("GET", `/api/v1/executions/${id}`, { key })).body;
const until = (key: string, id: string, status: string) =>
  vi.waitFor(async () => expect((await get(key, id)).status).toBe(status), PATIENCE);

async function decide(key: string, id: string) {
  const path = `/api/v1/executions/${id}/approval-response`;
  const { approval_request_id } = (await get(key, id)).waiting_for as { readonly approval_request_id: string };
  const got = await server.call("POST", path, { key, body: { decision: "approved", approval_request_id } });
  expect(got.status).toBe(200);
}

test("a paused queue holds its starts in queued, says where each stands, and lets them go in turn", async () => {
  const key = await keyOf("paused-queue");
  const paused = await server.call("PUT", `/api/v1/queues/${FN}`, { key, body: { limit: 1 } });
  expect(paused).toMatchObject({ status: 200, body: { queue: "approvals/demo", limit: 1, depth: 0, running: 0 } });
  expect((await server.call("POST", `/api/v1/queues/${FN}/pause`, { key })).body.paused).toBe(true);
  const ids = [];
  for (let n = 0; n < 3; n += 1) ids.push(await server.start(key, "approvals.demo", DEMO));
  const [first = "", , third = ""] = ids;
  await vi.waitFor(async () => expect(await queueOf(key)).toMatchObject({ depth: 3, running: 0 }), PATIENCE);
  expect((await queueOf(key))?.oldest_at).toMatch(/^20/);
  const waiting = await get(key, third);
  expect(waiting).toMatchObject({ status: "queued", status_reason: "awaiting_slot: approvals/demo" });
  expect(JSON.stringify(waiting.why)).toContain("3rd of 3; 0 of 1 running under paused-queue/approvals/demo");
  // One that is waited for waits within its time, and is queued then.
  const sync = await server.call("POST", "/api/v1/execute/approvals.demo?wait=1", { key, body: { input: DEMO } });
  expect(sync).toMatchObject({ status: 202, body: { status: "queued" } });
  await abortAllDurableObjects();
  expect((await server.call("POST", `/api/v1/queues/${FN}/resume`, { key })).body.paused).toBe(false);
  // At rest for a person each gives its slot to the next.
  for (const id of [...ids, String(sync.body.execution_id)]) await until(key, id, "waiting");
  await vi.waitFor(
    async () => expect(await queueOf(key)).toMatchObject({ depth: 0, running: 0, oldest_at: null }),
    PATIENCE,
  );
  await decide(key, first);
  await until(key, first, "succeeded");
  await vi.waitFor(async () => expect(await queueOf(key)).toMatchObject({ depth: 0, running: 0 }), PATIENCE);
});

test("going on after a rest needs a slot again; a cancel of what waits leaves none taken", async () => {
  const key = await keyOf("resting-queue");
  const id = await server.start(key, "approvals.demo", DEMO);
  await until(key, id, "waiting");
  await server.call("PUT", `/api/v1/queues/${FN}`, { key, body: { limit: 0 } });
  const [slow, gone] = [
    await server.start(key, "approvals.demo", DEMO),
    await server.start(key, "approvals.demo", DEMO),
  ];
  await vi.waitFor(async () => expect(await queueOf(key)).toMatchObject({ depth: 2, limit: 0 }), PATIENCE);
  // It was started under no limit, and is under none.
  await decide(key, id);
  await until(key, id, "succeeded");
  await server.call("POST", `/api/v1/executions/${gone}/cancel`, { key, body: {} });
  await until(key, gone, "cancelled");
  await vi.waitFor(async () => expect(await queueOf(key)).toMatchObject({ depth: 1, running: 0 }), PATIENCE);
  await server.call("PUT", `/api/v1/queues/${FN}`, { key, body: { limit: 1 } });
  await until(key, slow, "waiting");
  await server.call("POST", `/api/v1/queues/${FN}/pause`, { key });
  await decide(key, slow);
  await vi.waitFor(
    async () => expect((await get(key, slow)).status_reason).toBe("awaiting_slot: approvals/demo"),
    PATIENCE,
  );
  await server.call("POST", `/api/v1/queues/${FN}/resume`, { key });
  await until(key, slow, "succeeded");
  await vi.waitFor(async () => expect(await queueOf(key)).toMatchObject({ depth: 0, running: 0 }), PATIENCE);
  await server.call("PUT", `/api/v1/queues/${FN}`, { key, body: { limit: null } });
  expect((await queueOf(key))?.limit).toBeNull();
});

test("a tenant's limit counts all its executions, and no other tenant's", async () => {
  const [key, other] = [await keyOf("small-tenant"), await keyOf("large-tenant")];
  await server.call("PUT", "/api/v1/queues/*", { key, body: { limit: 0 } });
  const [held, free] = [
    await server.start(key, "approvals.demo", DEMO),
    await server.start(other, "approvals.demo", DEMO),
  ];
  await until(other, free, "waiting");
  expect((await get(key, held)).status).toBe("queued");
  expect(await queueOf(other, "*")).toBeUndefined();
  await server.call("PUT", "/api/v1/queues/*", { key, body: { limit: null } });
  await until(key, held, "waiting");
});

test("a queue that holds nothing is forgotten, and made anew with the next start; one that an operator set is kept", async () => {
  const tenant = "passing-tenant";
  const key = await keyOf(tenant);
  const limiters = env.LIMITERS;
  if (!limiters) throw new Error("the tests bind limiters");
  const limiter = () => limiters.get(limiters.idFromName(JSON.stringify(["limiter", tenant, "approvals/demo"])));
  const stored = () =>
    runInDurableObject(limiter(), async (_actor, { storage }) => {
      const tables = storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'slots'").toArray().length;
      return [tables, storage.kv.get("queue") !== undefined, (await storage.getAlarm()) !== null];
    });
  const run = async () => {
    await server.call("PUT", `/api/v1/queues/${FN}`, { key, body: { limit: 1 } });
    await until(key, await server.start(key, "approvals.demo", DEMO), "waiting");
    await vi.waitFor(async () => expect(await queueOf(key)).toMatchObject({ depth: 0, running: 0 }), PATIENCE);
  };
  /** As if it had been idle for long: in a process that has heard nothing. */
  const idle = async () => {
    await abortAllDurableObjects();
    await runDurableObjectAlarm(limiter());
  };
  await run();
  await idle();
  expect(await stored()).toEqual([1, true, false]);
  await server.call("PUT", `/api/v1/queues/${FN}`, { key, body: { limit: null } });
  await vi.waitFor(async () => expect(await stored()).toEqual([1, true, true]), PATIENCE);
  await idle();
  expect(await stored()).toEqual([0, false, false]);
  expect(await queueOf(key)).toBeUndefined();
  await run();
  expect(await queueOf(key)).toMatchObject({ limit: 1 });
});

test("a limit of what is not there is refused by name", async () => {
  const key = await keyOf("typing-tenant");
  const nobody = await server.call("PUT", "/api/v1/queues/reprots", { key, body: { limit: 5 } });
  expect(nobody).toMatchObject({ status: 400, body: { code: "target_not_found" } });
  expect(nobody.body.detail).toContain('"reprots"');
  const wrong = await server.call("PUT", `/api/v1/queues/${FN}`, { key, body: { limit: -1 } });
  expect(wrong).toMatchObject({ status: 400, body: { code: "invalid_input" } });
  expect(wrong.body.detail).toContain("limit");
});
