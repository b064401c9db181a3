/** The ledger and the index behind it: a bad row is put aside and seen, its neighbours are not held up, and it comes back. */
import { applyD1Migrations, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, expect, inject, test } from "vitest";
import type { IndexEntry } from "../../src/registry/index-writes.ts";
import type { ExecutionRow } from "../../src/registry/projection/projection.ts";
import worker from "../../src/worker.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";
import { call } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});
afterEach(async () => {
  await comeBack();
  await env.REGISTRY.prepare("DROP TRIGGER IF EXISTS poisoned").run();
});

const TABLES = ["executions", "chosen_ids"];
/** The index is away: each query over its tables fails. */
async function goAway(): Promise<void> {
  for (const table of TABLES) await env.REGISTRY.prepare(`ALTER TABLE ${table} RENAME TO away_${table}`).run();
}
async function comeBack(): Promise<void> {
  for (const table of TABLES)
    await env.REGISTRY.prepare(`ALTER TABLE away_${table} RENAME TO ${table}`)
      .run()
      .catch(() => undefined);
}

/** The same database as another isolate has it: with a memory of its own. */
function another(database: D1Database): D1Database {
  return {
    prepare: (sql: string) => database.prepare(sql),
    batch: (statements: D1PreparedStatement[]) => database.batch(statements),
  } as D1Database;
}

let made = 0;
function row(fields: Partial<ExecutionRow> = {}): ExecutionRow {
  made += 1;
  const at = Date.UTC(2026, 0, 1) + made;
  return {
    tenant: "local",
    id: `exec_${String(made).padStart(42, "L")}A`,
    seq: 1,
    owner: "local",
    agent: "ledgered",
    fn: "thing",
    kind: "reasoner",
    status: "succeeded",
    reason: null,
    run_id: `run-${made}`,
    parent_id: null,
    session_id: null,
    actor_id: null,
    created_at_ms: at,
    started_at_ms: at,
    finished_at_ms: at,
    updated_at_ms: at,
    error_code: null,
    error_message: null,
    turns: 0,
    tokens: 0,
    cost_usd: 0,
    next_wake_at_ms: null,
    ...fields,
  };
}

function record(rows: readonly ExecutionRow[]): Promise<PromiseSettledResult<void>[]> {
  const stub = env.PROJECTORS.get(env.PROJECTORS.idFromName("local:0")) as unknown as {
    record(entry: IndexEntry): Promise<void>;
  };
  return Promise.allSettled(rows.map((one) => stub.record({ kind: "execution", row: one })));
}

async function known(rows: readonly ExecutionRow[]): Promise<number> {
  const ids = JSON.stringify(rows.map(({ id }) => id));
  const sql = "SELECT count(*) AS n FROM executions WHERE id IN (SELECT value FROM json_each(?))";
  return (await env.REGISTRY.prepare(sql).bind(ids).first<number>("n")) ?? 0;
}

const parkedInHealth = async () => (await new Deployment().call("GET", "/health", { key: ROOT_KEY })).body;

test("a row that the index refuses is parked; its neighbours and its sender go on; the sweeper brings it back", async () => {
  await env.REGISTRY.prepare(
    `CREATE TRIGGER poisoned BEFORE INSERT ON executions WHEN NEW.agent = 'poison'
     BEGIN SELECT RAISE(ABORT, 'poisoned'); END`,
  ).run();
  const good = Array.from({ length: 20 }, () => row());
  const bad = row({ agent: "poison", error_message: "in somebody's own words" });
  const answers = await record([...good.slice(0, 9), bad, ...good.slice(9)]);
  expect(answers.map(({ status }) => status)).toEqual(Array(21).fill("fulfilled"));
  expect(await known(good)).toBe(20);
  expect(await known([bad])).toBe(0);

  const health = await parkedInHealth();
  expect(health).toMatchObject({
    status: "healthy",
    checks: { storage: "ready", parked: expect.stringMatching(/^1 /) },
  });
  expect(JSON.stringify(health)).not.toContain("own words");
  const parked = await env.REGISTRY.prepare("SELECT id, error FROM parked").first();
  expect(parked).toMatchObject({ id: bad.id, error: expect.stringContaining("poisoned") });

  const sweep = () => worker.scheduled(createScheduledController(), env);
  await sweep();
  expect(await known([bad])).toBe(0);
  await env.REGISTRY.prepare("DROP TRIGGER poisoned").run();
  await sweep();
  expect(await known([bad])).toBe(1);
  expect(await parkedInHealth()).toMatchObject({ checks: { parked: expect.stringMatching(/^0 /) } });
});

test("while the index is away nothing is parked: rows are held, and are in the index soon after it is back", async () => {
  await goAway();
  const rows = [row(), row()];
  const health = await new Deployment({ AUTH_MODE: "keys" }).call("GET", "/api/v1/health");
  expect(health).toMatchObject({ status: 503, body: { status: "unhealthy" } });
  expect((await record(rows)).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
  const list = await call("GET", "/api/v1/executions");
  expect(list).toMatchObject({ status: 503, body: { code: "unavailable", detail: expect.stringContaining("index") } });
  await comeBack();
  expect(await env.REGISTRY.prepare("SELECT count(*) AS n FROM parked").first("n")).toBe(0);
  await expect.poll(() => known(rows)).toBe(2);
});

test("an index that answers questions and refuses writes is not ready, and no row counts as bad", async () => {
  await env.REGISTRY.prepare(
    `CREATE TRIGGER poisoned BEFORE INSERT ON executions BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
  ).run();
  const rows = Array.from({ length: 20 }, () => row());
  expect(new Set((await record(rows)).map(({ status }) => status))).toEqual(new Set(["fulfilled"]));
  expect(await parkedInHealth()).toMatchObject({
    status: "unhealthy",
    checks: { storage: expect.stringMatching(/full/) },
  });
  expect(await env.REGISTRY.prepare("SELECT count(*) AS n FROM parked").first("n")).toBe(0);
  const started = await call("POST", "/api/v1/execute/clock.remind", {
    input: { message: "m", seconds: 0 },
    id: "chosen-while-full",
  });
  expect(started).toMatchObject({ status: 200, body: { status: "succeeded" } });
  await env.REGISTRY.prepare("DROP TRIGGER poisoned").run();
  await expect.poll(() => known(rows)).toBe(20);
});

test("an execution with an id of the caller's own starts and is read while the index is away, and stays known", async () => {
  const id = "chosen-while-away";
  await goAway();
  const input = { message: "m", seconds: 0 };
  const started = await call("POST", "/api/v1/execute/clock.remind", { input, id });
  expect(started).toMatchObject({ status: 200, body: { execution_id: id, status: "succeeded" } });
  expect((await call("GET", `/api/v1/executions/${id}`)).status).toBe(200);
  const batch = await call("POST", "/api/v1/executions/batch-status", { execution_ids: [id, "never-started"] });
  expect(batch).toMatchObject({ status: 200, body: { [id]: { status: "succeeded" } } });
  await comeBack();
  // Another isolate, which never heard of the id: the projector has it before the index does.
  const other = new Deployment({ AUTH_MODE: "open", REGISTRY: another(env.REGISTRY) });
  const seen = async () => (await other.call("GET", `/api/v1/executions/${id}`, { origin: "http://localhost" })).status;
  expect(await seen()).toBe(200);
  const listed = async () => (await call("GET", `/api/v1/executions?q=${id}`)).body.items;
  await expect.poll(listed, { interval: 200 }).toHaveLength(1);
  expect(await seen()).toBe(200);
});

test("a registry that does not answer is not ready, and says so", async () => {
  const silent = {
    prepare: () => {
      throw new Error("D1 is away");
    },
  } as unknown as D1Database;
  const { status, body } = await new Deployment({
    ERRAND_ROOT_KEY: ROOT_KEY,
    REGISTRY: silent,
  }).call("GET", "/health", { key: ROOT_KEY });
  expect(status).toBe(503);
  expect(body.checks).toMatchObject({ storage: expect.stringContaining("does not answer") });
  expect(JSON.stringify(body)).not.toContain("D1 is away");
});

test("an execution ends and answers while the index is away, and is listed when it is back", async () => {
  await goAway();
  const { status, body } = await call("POST", "/api/v1/execute/clock.remind", { input: { message: "m", seconds: 0 } });
  expect([status, body.status]).toEqual([200, "succeeded"]);
  await comeBack();
  const listed = async () => (await call("GET", `/api/v1/executions?q=${body.execution_id}`)).body.items;
  // Its outbox tries again by itself after some seconds.
  await expect.poll(listed, { interval: 200 }).toHaveLength(1);
});
