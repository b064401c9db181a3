/** Bulk operations in real workerd: whose executions they touch, that each is touched once, what they refuse. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { createClient } from "../../src/client/client.ts";
import { eventually } from "../support/eventually.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";
import type { Mode } from "../support/workers/modes.ts";
import { call, hasEnded, until, violations } from "../support/workers/modes.ts";

const server = new Deployment();
const TENANT = "acme-bulk";
const keys: Record<string, string> = {};

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  for (const subject of ["olga", "ivan"])
    keys[subject] = (await server.newKey({ subject, tenant: TENANT, scopes: ["execute", "read"] })).key;
  keys.ada = (await server.newKey({ subject: "ada", tenant: TENANT, scopes: ["admin"] })).key;
  keys.rival = (await server.newKey({ subject: "olga", tenant: "rival-bulk", scopes: ["admin"] })).key;
});

afterEach(() => void vi.useRealTimers());

const get = (who: string, path: string) => server.call("GET", `/api/v1/${path}`, { key: keys[who] ?? "" });
const post = (who: string, path: string, sent: { readonly body: unknown; readonly headers?: Record<string, string> }) =>
  server.call("POST", `/api/v1/${path}`, { key: keys[who] ?? "", ...sent });
const bulk = (who: string, body: object, headers = {}) => post(who, "bulk", { body, headers });

/** Sleeps for as long as a test takes, in a run of its own. */
async function sleepers(who: string, run: string, count: number): Promise<string[]> {
  const ids = await Promise.all(
    Array.from({ length: count }, async () => {
      const body = { input: { message: "tea", seconds: 600 } };
      const started = await post(who, "execute/async/clock.remind", { body, headers: { "x-run-id": run } });
      return String(started.body.execution_id);
    }),
  );
  await listed(who, `run_id=${run}&status=running`, count);
  return ids;
}

/** Waits until the index has so many. */
const listed = (who: string, query: string, count: number) =>
  eventually(async () => {
    const { body } = await get(who, `executions?limit=200&${query}`);
    const ids = (body.items as { execution_id: string }[]).map(({ execution_id }) => execution_id);
    if (ids.length !== count) throw new Error(`${ids.length} of ${count} are listed`);
    return ids;
  });

async function finished(who: string, id: unknown) {
  return eventually(async () => {
    const { body } = await get(who, `executions/${id}`);
    if (body.status !== "succeeded") throw new Error(`the bulk operation is ${JSON.stringify(body)}`);
    return body;
  });
}

const statusOf = async (who: string, id: string) => (await get(who, `executions/${id}`)).body.status;

describe("whose they are", () => {
  test("a user's touches the user's own, an administrator's the tenant's, another tenant's none of them", async () => {
    const mine = await sleepers("olga", "run-whose", 2);
    const [other = ""] = await sleepers("ivan", "run-whose", 1);
    const filter = { run_id: "run-whose" };
    const counted = await bulk("olga", { action: "pause", filter, dry_run: true });
    expect(counted).toMatchObject({ status: 200, body: { dry_run: true, matched: 2, more: false } });
    expect([...(counted.body.execution_ids as string[])].sort()).toEqual([...mine].sort());
    expect((await bulk("rival", { action: "pause", filter, dry_run: true })).body).toMatchObject({ matched: 0 });
    expect(await statusOf("olga", mine[0] ?? "")).toBe("running");

    const paused = await bulk("olga", { action: "pause", filter, reason: "a move" });
    expect(paused).toMatchObject({ status: 202, body: { target: "errand.bulk" } });
    const done = await finished("olga", paused.body.execution_id);
    expect(done.result).toEqual({
      ...{ action: "pause", touched: 2, unchanged: 0, refused: 0, refusals: [], more: false },
    });
    expect(done.progress).toEqual({ done: 2, total: 2 });
    for (const id of mine) {
      const { body } = await get("olga", `executions/${id}`);
      expect(body).toMatchObject({ status: "paused", status_reason: "paused: a move" });
    }
    expect(await statusOf("ivan", other)).toBe("running");

    await listed("ada", "run_id=run-whose&status=paused", 2);
    const cancelled = await bulk("ada", { action: "cancel", filter });
    expect((await finished("ada", cancelled.body.execution_id)).result).toMatchObject({ touched: 3, refused: 0 });
    for (const id of [...mine, other]) expect(await statusOf("ada", id)).toBe("cancelled");
    expect((await get("ivan", `executions/${cancelled.body.execution_id}`)).status).toBe(404);
  });
});

test("stops when the key that asked for it is revoked; another key of the user repeats it, and nothing more", async () => {
  const make = () => server.newKey({ subject: "rita", tenant: TENANT, scopes: ["execute", "read"] });
  const [asking, other] = [await make(), await make()];
  keys.rita = other.key;
  keys.asking = asking.key;
  await sleepers("rita", "run-revoked", 6);
  const asked = { action: "pause", filter: { run_id: "run-revoked" }, rate_per_second: 1 };
  const { body } = await bulk("asking", asked, { "idempotency-key": "mine" });
  await eventually(async () => {
    const { progress } = (await get("rita", `executions/${body.execution_id}`)).body;
    expect(progress).toMatchObject({ done: expect.toSatisfy((done) => done >= 1) });
  });
  await server.call("DELETE", `/api/v1/keys/${asking.id}`, { key: ROOT_KEY });
  // So long a key is believed elsewhere.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 31_000 });
  const ended = await eventually(async () => {
    const { body: now } = await get("rita", `executions/${body.execution_id}`);
    expect(now.status).toBe("failed");
    return now;
  });
  expect(ended).toMatchObject({ failure_code: "key_revoked", error_message: expect.stringContaining("was revoked") });
  const { body: left } = await get("rita", "executions?run_id=run-revoked&status=running");
  expect((left.items as unknown[]).length).toBeGreaterThan(0);
  const again = await bulk("rita", asked, { "idempotency-key": "mine" });
  expect(again).toMatchObject({ status: 202, body: { execution_id: body.execution_id } });
});

describe("restart and redrive", () => {
  test("start what follows, once, and leave alone what follows already", async () => {
    const ids = await sleepers("olga", "run-anew", 3);
    for (const id of ids) await post("olga", `executions/${id}/cancel`, { body: {} });
    const [first = ""] = ids;
    await post("olga", `executions/${first}/restart`, { body: { scope: "execution", fork: true } });
    await listed("olga", "run_id=run-anew&status=cancelled", 3);
    const asked = { action: "restart", filter: { run_id: "run-anew", status: ["cancelled"] } };
    const restarted = await bulk("olga", asked, { "idempotency-key": "once" });
    const again = await bulk("olga", asked, { "idempotency-key": "once" });
    expect(again.body.execution_id).toBe(restarted.body.execution_id);
    expect((await bulk("olga", { ...asked, limit: 1 }, { "idempotency-key": "once" })).status).toBe(422);
    const { result } = await finished("olga", restarted.body.execution_id);
    expect(result).toMatchObject({ touched: 2, unchanged: 1, refused: 0 });
    for (const id of ids) {
      const { body } = await get("olga", `executions/${id}/events?type=successor.started`);
      expect(body.items).toHaveLength(1);
    }
    // Nothing of these has failed.
    const redriven = await bulk("olga", { action: "redrive", filter: { run_id: "run-anew" } });
    expect((await finished("olga", redriven.body.execution_id)).result).toMatchObject({ touched: 0, refused: 0 });
  });

  test("a bulk operation itself is neither restarted nor started as a target", async () => {
    const { body } = await bulk("olga", { action: "resume", filter: { run_id: "run-of-nothing" } });
    await finished("olga", body.execution_id);
    const restarted = await post("olga", `executions/${body.execution_id}/restart`, { body: {} });
    expect(restarted).toMatchObject({ status: 409, body: { code: "invalid_state" } });
    const forged = { input: { action: "cancel", filter: {}, by: { tenant: TENANT, subject: "ada", admin: true } } };
    expect(await post("olga", "execute/async/errand.bulk", { body: forged })).toMatchObject({
      ...{ status: 400, body: { code: "target_not_found" } },
    });
  });
});

describe("what is refused", () => {
  test.each([
    [{ action: "cancel", filter: {} }, "filter"],
    [{ action: "cancel", filter: { statuses: ["running"] } }, "filter"],
    [{ action: "cancel", filter: { all: true, status: ["succeeded"] } }, "filter.status"],
    [{ action: "cancel", filter: { all: true }, dryrun: true }, ""],
    [{ action: "stop", filter: { all: true } }, "action"],
    [{ action: "cancel", filter: { all: true }, rate_per_second: 0 }, "rate_per_second"],
    [{ action: "cancel", filter: { all: true }, limit: 10_001 }, "limit"],
  ])("%j", async (body, path) => {
    const refused = await bulk("olga", body);
    expect(refused).toMatchObject({ status: 400, body: { code: "invalid_input" } });
    expect((refused.body.errors as { path: string }[])[0]?.path).toBe(path);
  });
});

test("the rate bounds it: so many executions in each second", async () => {
  await sleepers("olga", "run-slow", 6);
  const before = performance.now();
  const slow = await bulk("olga", { action: "cancel", filter: { run_id: "run-slow" }, rate_per_second: 3 });
  const done = await finished("olga", slow.body.execution_id);
  expect(done.result).toMatchObject({ touched: 6 });
  expect(performance.now() - before).toBeGreaterThan(1_000);
  const { body } = await get("olga", `executions/${slow.body.execution_id}/events?type=step.completed`);
  const steps = body.items as { data: { name: string; output: string[] } }[];
  const touches = steps.filter(({ data }) => data.name === "touch");
  expect(touches.map(({ data }) => data.output.length)).toEqual([3, 3, 0]);
});

test("the typed client counts and touches", async () => {
  await sleepers("ivan", "run-typed", 2);
  const fetch = (request: string | URL | Request, init?: RequestInit) => server.send(new Request(request, init));
  const errand = createClient({ baseUrl: "https://errand.test", key: keys.ivan ?? "", fetch });
  const request = { action: "cancel", filter: { run_id: "run-typed" } } as const;
  expect(await errand.operations.bulkCount(request)).toMatchObject({ matched: 2 });
  const { execution_id } = await errand.operations.bulk(request);
  expect((await errand.wait(execution_id)).result).toMatchObject({ touched: 2 });
});

test.each<Mode>(["sleepwalking", "crashing"])("%s: each execution is moved once", async (mode) => {
  const run = `run-${mode}`;
  const ids: string[] = [];
  for (let made = 0; made < 12; made += 1) {
    const { body } = await call("POST", "/api/v1/execute/async/clock.remind", {
      input: { message: run, seconds: 600 },
    });
    ids.push(body.execution_id);
  }
  await eventually(async () => {
    const { body } = await call("GET", `/api/v1/executions?limit=200&status=running&target=clock.remind`);
    const known = new Set((body.items as { execution_id: string }[]).map(({ execution_id }) => execution_id));
    if (!ids.every((id) => known.has(id))) throw new Error("the index does not have all");
  });
  const filter = { target: "clock.remind", status: ["running"] };
  const { body } = await call("POST", "/api/v1/bulk", { action: "pause", filter, rate_per_second: 4 });
  const ended = await until(mode, body.execution_id, hasEnded);
  expect(ended.body).toMatchObject({ status: "succeeded", result: { refused: 0 } });
  for (const id of ids) {
    const events = await call("GET", `/api/v1/executions/${id}/events?type=execution.paused`);
    const items = events.body.items as { data: object }[];
    expect(items.map(({ data }) => data)).toMatchObject([{ bulk: body.execution_id }]);
    expect(await violations(id)).toEqual([]);
  }
  expect(await violations(body.execution_id)).toEqual([]);
});
