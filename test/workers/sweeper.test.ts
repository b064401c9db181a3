/** The cron handler and the net under lost alarms, in real workerd. */
import {
  applyD1Migrations,
  createScheduledController,
  evictAllDurableObjects,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { parseExecutionId } from "../../src/domain/execution/execution-id.ts";
import worker from "../../src/worker.ts";
import { call, until } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function start(target: string, input: unknown): Promise<string> {
  const { status, body } = await call("POST", `/api/v1/execute/async/${target}`, { input });
  expect(status).toBe(202);
  return body.execution_id;
}

const stubOf = (id: string) => env.EXECUTIONS.get(env.EXECUTIONS.idFromString(parseExecutionId(id)?.objectHex ?? ""));
const sweep = (scheduledTime: number) =>
  worker.scheduled(createScheduledController({ scheduledTime: new Date(scheduledTime) }), env);

interface Row {
  readonly status: string;
  readonly next_wake_at_ms: number | null;
}
const rowOf = (id: string) =>
  env.REGISTRY.prepare("SELECT status, next_wake_at_ms FROM executions WHERE id = ?").bind(id).first<Row>();

/** Its instant has passed, and nothing has woken it. */
async function overdue(id: string): Promise<void> {
  const { next_wake_at_ms: owedAtMs } = (await rowOf(id)) ?? {};
  vi.useFakeTimers({ toFake: ["Date"], now: Number(owedAtMs) + 200 });
  expect(await rowOf(id)).toMatchObject({ status: "running" });
}

/** The log lines of the sweeper that name an execution. */
function named(): () => string[] {
  const spy = vi.spyOn(console, "error");
  return () =>
    spy.mock.calls.flatMap(([line]) => {
      const { message = "", execution_id: id } = JSON.parse(String(line)) as Record<string, string>;
      return message.startsWith("the sweeper") && id !== undefined ? [id] : [];
    });
}

test("of 1,000 executions that wait and one that truly lost its alarm, that one alone is poked", async () => {
  const waits = await start("approvals.demo", { claim: "claim-1", amount: 10 });
  await until("plain", waits, ({ body }) => body.status === "waiting");
  const sleeps = await start("clock.remind", { message: "later", seconds: 86_400 });
  const lost = await start("clock.remind", { message: "tea", seconds: 60 });
  await expect.poll(async () => (await rowOf(lost))?.next_wake_at_ms).toBeTypeOf("number");
  await expect.poll(async () => (await rowOf(sleeps))?.next_wake_at_ms ?? 0).toBeGreaterThan(Date.now() + 3_000_000);
  await expect.poll(async () => (await rowOf(waits))?.status).toBe("waiting");
  // Each copy has an id that no object answers to: whoever wakes it is refused, and says so.
  const columns = (
    await env.REGISTRY.prepare("SELECT name FROM pragma_table_info('executions')").all<{ name: string }>()
  ).results.map(({ name }) => name);
  const copied = columns.map((name) => (name === "id" ? "'exec_copy_' || n.value" : `e.${name}`)).join(", ");
  const numbers = JSON.stringify(Array.from({ length: 1_000 }, (_, n) => n));
  await env.REGISTRY.prepare(
    `INSERT INTO executions (${columns.join(", ")}) SELECT ${copied} FROM executions AS e, json_each(?1) AS n WHERE e.id = ?2`,
  )
    .bind(numbers, waits)
    .run();
  await runInDurableObject(stubOf(lost), (_, { storage }) => storage.deleteAlarm());
  await evictAllDurableObjects();
  await runInDurableObject(stubOf(lost), (_, { storage }) => storage.deleteAlarm());
  await overdue(lost);
  const asked = named();
  await sweep(Date.now() + 120_000);
  await expect.poll(async () => (await rowOf(lost))?.status).toBe("succeeded");
  expect(asked()).toEqual([]);
  expect((await rowOf(sleeps))?.next_wake_at_ms ?? 0).toBeGreaterThan(Date.now() + 3_000_000);
});

describe("a row of the index that leads nowhere", () => {
  test("is named, and the others are woken; a job that fails stops no other", async () => {
    const lost = await start("clock.remind", { message: "tea", seconds: 60 });
    await expect.poll(async () => (await rowOf(lost))?.next_wake_at_ms).toBeTypeOf("number");
    await env.REGISTRY.prepare(
      `INSERT INTO executions (tenant, id, seq, owner, agent, fn, kind, status, run_id, created_at_ms, updated_at_ms, turns, tokens, cost_usd, next_wake_at_ms)
       VALUES ('local', 'exec_nowhere', 1, 'o', 'a', 'f', 'skill', 'running', 'r', 1, 1, 0, 0, 0, 1)`,
    ).run();
    await evictAllDurableObjects();
    await runInDurableObject(stubOf(lost), (_, { storage }) => storage.deleteAlarm());
    await overdue(lost);
    const asked = named();
    await env.REGISTRY.prepare("ALTER TABLE parked RENAME TO away_parked").run();
    await sweep(Date.now() + 120_000);
    await env.REGISTRY.prepare("ALTER TABLE away_parked RENAME TO parked").run();
    expect(asked()).toContain("exec_nowhere");
    await expect.poll(async () => (await rowOf(lost))?.status).toBe("succeeded");
    await env.REGISTRY.prepare("DELETE FROM executions WHERE id = 'exec_nowhere'").run();
  });
});
