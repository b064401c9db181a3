/** What becomes of an ended execution when the time for which it is kept is over. Time is moved, not waited for. */
import {
  applyD1Migrations,
  createScheduledController,
  evictAllDurableObjects,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { parseExecutionId } from "../../src/domain/execution/execution-id.ts";
import worker from "../../src/worker.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { Deployment } from "../support/workers/deployment.ts";
import { call, hasEnded, until } from "../support/workers/modes.ts";

const DAY_MS = 86_400_000;

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});
afterEach(() => {
  vi.useRealTimers();
});

function stubOf(id: string): DurableObjectStub {
  return env.EXECUTIONS.get(env.EXECUTIONS.idFromString(parseExecutionId(id)?.objectHex ?? ""));
}

/** The cron handler, which finds in the index whose time is over. */
const sweep = () =>
  worker.scheduled(createScheduledController({ scheduledTime: new Date(Date.now()), cron: "* * * * *" }), env);

const alarmOf = (id: string) => runInDurableObject(stubOf(id), (_, { storage }) => storage.getAlarm());

function travel(ms: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
}

/** Rows of the object's own tables. Timers and messages have one only once there was any. */
const rowsOf = (id: string) =>
  runInDurableObject(stubOf(id), (_, { storage: { sql } }) => {
    const made = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
    const rows = (table: string) =>
      made.some(({ name }) => name === table.split(" ")[0])
        ? sql.exec<{ n: number }>(`SELECT count(*) AS n FROM ${table}`).one().n
        : 0;
    return { log: rows("log"), timers: rows("timers"), outbox: rows("outbox") };
  });

async function eventually<T>(look: () => Promise<T>, good: (found: T) => boolean): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (good(found)) return found;
    if (performance.now() > end) throw new Error(`it stayed ${JSON.stringify(found)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const indexed = async (id: string) => {
  const { body } = await call("POST", "/api/v1/executions/batch-status", {
    execution_ids: [id],
    include_result: false,
  });
  const row = await env.REGISTRY.prepare("SELECT status FROM executions WHERE id = ?1")
    .bind(id)
    .first<string>("status");
  return [row, (body as unknown as Record<string, { status: string }>)[id]?.status];
};

/** Ended, with the index told. */
async function ended(message: string, headers: Record<string, string> = {}): Promise<string> {
  const { status, body } = await new Deployment({ AUTH_MODE: "open" }).call("POST", "/api/v1/execute/clock.remind", {
    body: { input: { message, seconds: 0 } },
    headers,
    origin: "http://localhost",
  });
  expect([status, body]).toMatchObject([200, { status: "succeeded" }]);
  const id = String(body.execution_id);
  await eventually(
    () => indexed(id),
    ([row]) => row === "succeeded",
  );
  return id;
}

describe("a tenant's own word", () => {
  const said = (body: object) => call("PUT", "/api/v1/retention", body);
  afterEach(async () => void (await said({})));

  test("keeps one longer than the deployment would, and another shorter, by status", async () => {
    const id = await ended("as the tenant says");
    const usual = { days: 90, own: false };
    expect((await said({ succeeded: 120, failed: "forever" })).body).toEqual({
      ...{ succeeded: { days: 120, own: true }, failed: { days: "forever", own: true } },
      ...{ cancelled: usual, timeout: usual },
    });
    travel(100 * DAY_MS);
    await evictAllDurableObjects();
    // The alarm of its end knows nothing of the tenant's word, and removes nothing.
    await runDurableObjectAlarm(stubOf(id));
    await sweep();
    expect((await call("GET", `/api/v1/executions/${id}`)).body).toMatchObject({ status: "succeeded" });
    await said({ succeeded: 99 });
    // The minute after the index has acknowledged its row.
    const minute = async () => {
      await sweep();
      return call("GET", `/api/v1/executions/${id}`);
    };
    await eventually(minute, ({ status }) => status === 410);
  });

  test.each([{ succeeded: 0 }, { failed: "never" }, { done: 5 }, { cancelled: 36_526 }])("refuses %j", async (body) => {
    expect(await said(body)).toMatchObject({ status: 400, body: { code: "invalid_input" } });
  });
});

describe("an execution that ended", () => {
  test("is kept for ninety days; then its object is gone whole, and its archive says what it was", async () => {
    const id = await ended("forget me");
    // Its alarm stood for the index's row, which is there: it goes off for nothing, and sets no other one.
    await runDurableObjectAlarm(stubOf(id));
    expect(await alarmOf(id)).toBeNull();

    travel(89 * DAY_MS);
    await evictAllDurableObjects();
    await sweep();
    expect((await call("GET", `/api/v1/executions/${id}`)).body).toMatchObject({ result: { message: "forget me" } });

    travel(2 * DAY_MS);
    await evictAllDurableObjects();
    await sweep();
    const gone = await eventually(
      () => call("GET", `/api/v1/executions/${id}`),
      ({ status }) => status === 410,
    );
    expect(gone.body).toMatchObject({ status: 410, code: "gone", retryable: false });
    expect(gone.body.detail).toContain(`${id} ran clock.remind and ended succeeded at `);
    expect(gone.body.detail).toContain(new Date(Date.now()).toISOString().slice(0, 10));
    for (const path of ["events", "log", "effects", "invariants", "approval-status"])
      expect([path, (await call("GET", `/api/v1/executions/${id}/${path}`)).status]).toEqual([path, 410]);
    for (const verb of ["cancel", "pause", "resume", "notes", "signals/late"])
      expect([verb, (await call("POST", `/api/v1/executions/${id}/${verb}`, { message: "x" })).status]).toEqual([
        verb,
        410,
      ]);

    // The log lies in the file store, sealed; an administrator reads it there.
    const object = await env.FILES.get(`archive/local/${id}.jsonl`);
    expect(object?.customMetadata).toMatchObject({ sealed: "1", owner: "local", target: "clock.remind" });
    expect(await object?.text()).not.toContain("forget me");
    const archived = await new Deployment({ AUTH_MODE: "open" }).fetch("GET", `/api/v1/executions/${id}/archive`, {
      origin: "http://localhost",
    });
    const events = (await archived.text())
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect([archived.status, archived.headers.get("content-type")]).toEqual([200, "application/jsonl"]);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events[0]).toMatchObject({ type: "execution.created", data: { input: { message: "forget me" } } });
    expect(events.at(-1)).toMatchObject({ type: "execution.succeeded" });

    // Nothing is stored in the object; no alarm stands, and lists have forgotten it.
    expect(
      await eventually(
        () => rowsOf(id),
        ({ log }) => log === 0,
      ),
    ).toEqual({ log: 0, timers: 0, outbox: 0 });
    // It had no name of its own: the index keeps nothing of it.
    expect(await env.REGISTRY.prepare("SELECT id FROM tombstones WHERE id = ?1").bind(id).first()).toBeNull();
    expect(
      await eventually(
        () => alarmOf(id),
        (at) => at === null,
      ),
    ).toBeNull();
    expect(
      await eventually(
        () => indexed(id),
        ([row]) => row === null,
      ),
    ).toEqual([null, "not_found"]);

    await evictAllDurableObjects();
    expect((await call("GET", `/api/v1/executions/${id}`)).status).toBe(410);
  });

  test("never runs again under its old Idempotency-Key", async () => {
    const key = { "idempotency-key": `retained-${crypto.randomUUID()}` };
    const id = await ended("once", key);
    // An alarm that still stands removes it too.
    travel(91 * DAY_MS);
    await evictAllDurableObjects();
    await runDurableObjectAlarm(stubOf(id));
    const again = (message: string) =>
      new Deployment({ AUTH_MODE: "open" }).call("POST", "/api/v1/execute/clock.remind", {
        body: { input: { message, seconds: 0 } },
        headers: key,
        origin: "http://localhost",
      });
    // By the minute after the index has acknowledged its row.
    const minute = async () => {
      await sweep();
      return rowsOf(id);
    };
    await eventually(minute, ({ log }) => log === 0);
    const same = await again("once");
    expect([same.status, same.body.fault]).toEqual([410, "gone"]);
    expect(same.body.detail).toContain("ended succeeded");
    const other = await again("something else");
    expect([other.status, other.body.fault]).toEqual([422, "idempotency_mismatch"]);
    expect((await rowsOf(id)).log).toBe(0);
    expect((await call("GET", `/api/v1/executions/${id}`)).status).toBe(410);
  });

  test("with an id of the caller's own leaves its id and digest in the index, also without an archive", async () => {
    const id = `kept-name-${crypto.randomUUID()}`;
    const start = (message: string) =>
      call("POST", "/api/v1/execute/clock.remind", { input: { message, seconds: 0 }, id });
    expect((await start("named")).status).toBe(200);
    const object = env.EXECUTIONS.get(env.EXECUTIONS.idFromName(JSON.stringify(["id", "local", id])));
    const alarm = () => runInDurableObject(object, (_, { storage }) => storage.getAlarm());
    await eventually(
      () => indexed(id),
      ([row]) => row === "succeeded",
    );
    await runDurableObjectAlarm(object);
    travel(91 * DAY_MS);
    await sweep();
    const tombstone = () => env.REGISTRY.prepare("SELECT * FROM tombstones WHERE id = ?1").bind(id).first();
    expect(await eventually(tombstone, (row) => row !== null)).toMatchObject({
      owner: "local",
      target: "clock.remind",
      status: "succeeded",
      archive: `archive/local/${id}.jsonl`,
    });
    await eventually(alarm, (at) => at === null);
    expect((await call("GET", `/api/v1/executions/${id}`)).status).toBe(410);
    expect((await start("named")).body).toMatchObject({ code: "gone" });
    expect((await start("another")).body).toMatchObject({ code: "idempotency_mismatch" });
  });

  test("does not exist for a stranger, before and after", async () => {
    const id = await ended("mine");
    const deployment = new Deployment();
    const { key } = await deployment.newKey({ scopes: ["read"], tenant: "elsewhere", subject: "eve" });
    const look = async () => (await deployment.call("GET", `/api/v1/executions/${id}`, { key })).status;
    expect(await look()).toBe(404);
    await runDurableObjectAlarm(stubOf(id));
    travel(91 * DAY_MS);
    await evictAllDurableObjects();
    await sweep();
    await eventually(
      () => call("GET", `/api/v1/executions/${id}`),
      ({ status }) => status === 410,
    );
    expect(await look()).toBe(404);
  });

  test("is not removed by an alarm that comes early, nor while it still goes on", async () => {
    const id = await ended("keep me");
    await runDurableObjectAlarm(stubOf(id));
    await sweep();
    expect((await call("GET", `/api/v1/executions/${id}`)).status).toBe(200);

    const asleep = await call("POST", "/api/v1/execute/async/clock.remind", {
      input: { message: "a hundred days", seconds: 100 * 86_400 },
    });
    await until("plain", asleep.body.execution_id, ({ body }) => body.status_reason === "sleeping");
    travel(95 * DAY_MS);
    await evictAllDurableObjects();
    await runDurableObjectAlarm(stubOf(asleep.body.execution_id));
    expect((await call("GET", `/api/v1/executions/${asleep.body.execution_id}`)).body).toMatchObject({
      status: "running",
    });
    travel(6 * DAY_MS);
    await runDurableObjectAlarm(stubOf(asleep.body.execution_id));
    await until("plain", asleep.body.execution_id, hasEnded);
  });
});
