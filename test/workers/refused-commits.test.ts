/** The storage of one object takes no writes for a while: what its callers hear, and that it goes on from the disk. */
import { applyD1Migrations, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { parseExecutionId } from "../../src/domain/execution/execution-id.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";
import { owed } from "../support/workers/outbox.ts";

const server = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY });

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

const post = (path: string, body: unknown = {}) => server.call("POST", path, { key: ROOT_KEY, body });
const get = (path: string) => server.call("GET", path, { key: ROOT_KEY });

function stubOf(id: string): DurableObjectStub {
  return env.EXECUTIONS.get(env.EXECUTIONS.idFromString(parseExecutionId(id)?.objectHex ?? ""));
}

/** From now on so many commits of the object that lives now throw; counts those that came. */
async function refuseCommits(id: string, times: number): Promise<{ count: number }> {
  const seen = { count: 0 };
  await runInDurableObject(stubOf(id), (_, { storage }) => {
    const real = storage.transactionSync.bind(storage);
    Object.defineProperty(storage, "transactionSync", {
      configurable: true,
      value: <T>(run: () => T): T => {
        seen.count += 1;
        if (seen.count > times) return real(run);
        throw new Error("database or disk is full");
      },
    });
  });
  return seen;
}

/** Asleep, and all that it owes is acknowledged: from here on it commits nothing by itself. */
async function waiting(): Promise<string> {
  const id = await server.start(ROOT_KEY, "clock.remind", { message: "m", seconds: 3_600 });
  await expect.poll(async () => (await get(`/api/v1/executions/${id}`)).body.status_reason).toBe("sleeping");
  await expect.poll(() => owed(stubOf(id))).toBe(0);
  return id;
}

describe("when the storage of an execution refuses commits", () => {
  test("once: the caller is answered as if nothing had been", async () => {
    const id = await waiting();
    const seen = await refuseCommits(id, 1);
    expect(await post(`/api/v1/executions/${id}/signals/go`, { data: 1 })).toMatchObject({ status: 202 });
    expect(seen.count).toBeGreaterThanOrEqual(2);
  });

  test("twice: the caller hears 503 with the execution's id and when to come again, and the next call is taken", async () => {
    const id = await waiting();
    await refuseCommits(id, 1_000);
    const path = `/api/v1/executions/${id}`;
    const refused = await post(`${path}/signals/go`, { data: 1 });
    expect(refused).toMatchObject({
      status: 503,
      body: { code: "storage_unavailable", execution_id: id, retryable: true },
    });
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(refused.headers.get("x-execution-id")).toBe(id);
    expect(await post(`${path}/signals/go`, { data: 2 })).toMatchObject({ status: 202 });
    const { body } = await get(`${path}/events?limit=1000`);
    const events = body.items as { type: string; data: unknown }[];
    expect(events.filter(({ type }) => type === "signal.received").map(({ data }) => data)).toMatchObject([
      { data: 2 },
    ]);
    expect(events.filter(({ type }) => type === "execution.recovered")).toEqual([]);
  });

  test("a reader is answered: a read is tried once more on a new object", async () => {
    const id = await waiting();
    await refuseCommits(id, 1_000);
    const note = post(`/api/v1/executions/${id}/notes`, { message: "lost", tags: [] });
    const read = get(`/api/v1/executions/${id}`);
    expect((await note).status).toBe(503);
    expect(await read).toMatchObject({ status: 200 });
  });
});

describe("commands that come together", () => {
  test("share commits: sixteen signals and sixteen notes at once take far fewer than thirty-two", async () => {
    const sixteen = [...Array(16).keys()];
    let fewest = Number.POSITIVE_INFINITY;
    // The best of a few: on a busy machine they may come one after the other.
    for (let tries = 0; tries < 5 && fewest > 8; tries += 1) {
      const id = await waiting();
      const seen = await refuseCommits(id, 0);
      const path = `/api/v1/executions/${id}`;
      const sent = await Promise.all([
        ...sixteen.map((n) => post(`${path}/signals/other`, { data: n })),
        ...sixteen.map((n) => post(`${path}/notes`, { message: `${n}`, tags: [] })),
      ]);
      expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([201, 202]));
      const { body } = await get(`${path}/events?limit=1000`);
      const events = body.items as { type: string }[];
      expect(events.filter(({ type }) => type === "signal.received" || type === "note.added")).toHaveLength(32);
      fewest = Math.min(fewest, seen.count);
    }
    expect(fewest).toBeLessThanOrEqual(8);
  });
});

describe("an error about an execution", () => {
  test("carries its id when the execution refused, and none when it may not be known", async () => {
    const id = await waiting();
    await post(`/api/v1/executions/${id}/cancel`);
    const again = await post(`/api/v1/executions/${id}/pause`);
    expect(again).toMatchObject({ status: 409, body: { code: "invalid_state", execution_id: id } });
    const { key } = await server.newKey({ scopes: ["execute", "read"], subject: "a stranger" });
    const strange = await server.call("POST", `/api/v1/executions/${id}/pause`, { key, body: {} });
    expect(strange.status).toBeGreaterThanOrEqual(400);
    expect(strange.body.execution_id).toBeUndefined();
  });

  test("of a key that was used for another request names the execution that has it", async () => {
    const start = (message: string) =>
      server.call("POST", "/api/v1/execute/async/clock.remind", {
        key: ROOT_KEY,
        headers: { "idempotency-key": "one-key" },
        body: { input: { message, seconds: 3_600 } },
      });
    const first = await start("a");
    const other = await start("b");
    expect(other).toMatchObject({ status: 422, body: { execution_id: first.body.execution_id } });
  });
});

describe("the storage of an execution has an end", () => {
  test("what a caller sends is refused by name before it, and the execution can still be cancelled", async () => {
    const id = await waiting();
    await runInDurableObject(stubOf(id), (_, { storage }) => {
      Object.defineProperty(storage.sql, "databaseSize", { configurable: true, get: () => 999_000_000 });
    });
    const path = `/api/v1/executions/${id}`;
    // The size is asked for anew after a megabyte.
    const answers: number[] = [];
    for (let n = 0; n < 4; n += 1)
      answers.push((await post(`${path}/signals/go`, { data: "x".repeat(700_000) })).status);
    expect(answers.at(-1)).toBe(413);
    const full = await post(`${path}/signals/go`, { data: "x".repeat(700_000) });
    expect(full.body).toMatchObject({ code: "storage_full", execution_id: id });
    expect(full.body.detail).toContain("ERRAND_MAX_STORAGE_BYTES");
    expect(await post(`${path}/cancel`)).toMatchObject({ status: 200, body: { status: "cancelled" } });
  });
});
