/** What one execution writes, in its objects and in the index: a budget that a change has to keep. */
import {
  applyD1Migrations,
  evictDurableObject,
  listDurableObjectIds,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, expect, inject, test, vi } from "vitest";
import { parseExecutionId } from "../../src/domain/execution/execution-id.ts";
import { passADay } from "../support/billing/day.ts";
import { meterObjects, meterRegistry, peekCounted, takeCounted } from "../support/billing/meter.ts";
import { eventually } from "../support/eventually.ts";
import { call, hasEnded, until } from "../support/workers/modes.ts";
import { owed } from "../support/workers/outbox.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  // The deployments' own: the short one of the tests goes off in between on a slow machine, which is one more alarm.
  Object.assign(env, { ERRAND_HEARTBEAT_MS: "30000" });
  meterRegistry(env.REGISTRY);
  // The first call also makes what a deployment makes once.
  const id = await ended("clock.remind", { message: "m", seconds: 0 });
  await runInDurableObject(stubOf(id), (_, { storage }) => meterObjects(storage));
});
afterEach(() => void vi.useRealTimers());

function stubOf(id: string): DurableObjectStub {
  return env.EXECUTIONS.get(env.EXECUTIONS.idFromString(parseExecutionId(id)?.objectHex ?? ""));
}

async function ended(target: string, input: unknown): Promise<string> {
  const { body } = await call("POST", `/api/v1/execute/${target}`, { input });
  expect(hasEnded({ status: 200, body })).toBe(true);
  await indexed(body.execution_id);
  return body.execution_id;
}

async function indexed(id: string, status = "succeeded"): Promise<void> {
  const sql = "SELECT status FROM executions WHERE id = ?";
  await eventually(async () => expect(await env.REGISTRY.prepare(sql).bind(id).first("status")).toBe(status));
  await still();
}

/** Resolves when no execution owes anything, and nothing was written for half a second: acknowledgements are on disk too. */
async function still(): Promise<void> {
  for (const id of await listDurableObjectIds(env.EXECUTIONS))
    await eventually(async () => expect(await owed(env.EXECUTIONS.get(id))).toBe(0));
  for (let before = -1, quiet = 0; quiet < 5; ) {
    const { statements } = peekCounted();
    quiet = statements === before ? quiet + 1 : 0;
    before = statements;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const written = () => {
  const { rowsWritten, alarms, registryRowsWritten } = takeCounted();
  return { object: rowsWritten + alarms, registry: registryRowsWritten };
};

/**
 * Rows as they were measured on 2026-11-26: of an object two are its table, one its alarm, and one each commit; of the index
 * one is the row, and one each of six indexes. A change may lower them.
 */
const BUDGET = {
  sync: { object: 4, registry: 7 },
  /** Two of its ticket, which goes with its alarm; the rest as a synchronous one. */
  accepted: { object: 6, registry: 7 },
  /** Beyond the same execution without one: a start, its end, and what the parent hears of it. */
  child: { object: 7, registry: 8 },
  waitingDay: { object: 0, registry: 0 },
} as const;

const INPUT = { message: "This is the third time I am calling!", conversation_history: [] };

test("a synchronous execution", async () => {
  await ended("support-agent.analyze_sentiment", INPUT);
  written();
  await ended("support-agent.analyze_sentiment", INPUT);
  const rows = written();
  expect(rows.object).toBeLessThanOrEqual(BUDGET.sync.object);
  expect(rows.registry).toBeLessThanOrEqual(BUDGET.sync.registry);
});

/** A slow machine tells the index what lies between start and end, which costs rows: the fewest of three counts are its own. */
test("an accepted execution", async () => {
  const counts: ReturnType<typeof written>[] = [];
  for (let n = 0; n < 3; n++) {
    written();
    const { body } = await call("POST", "/api/v1/execute/async/support-agent.analyze_sentiment", { input: INPUT });
    await indexed(body.execution_id);
    counts.push(written());
  }
  expect(Math.min(...counts.map(({ object }) => object))).toBeLessThanOrEqual(BUDGET.accepted.object);
  expect(Math.min(...counts.map(({ registry }) => registry))).toBeLessThanOrEqual(BUDGET.accepted.registry);
});

test("a synchronous execution with a child", async () => {
  const input = { customer_id: "c", message: "Thank you, all is well." };
  await ended("support-agent.triage", input);
  written();
  await ended("support-agent.triage", input);
  const rows = written();
  expect(rows.object).toBeLessThanOrEqual(BUDGET.sync.object + BUDGET.child.object);
  expect(rows.registry).toBeLessThanOrEqual(BUDGET.sync.registry + BUDGET.child.registry);
});

test("an ended execution is woken once more, for nothing, and never again", async () => {
  const id = await ended("support-agent.analyze_sentiment", INPUT);
  written();
  const alarm = () => runInDurableObject(stubOf(id), (_, { storage }) => storage.getAlarm());
  await runDurableObjectAlarm(stubOf(id));
  expect(await alarm()).toBeNull();
  await still();
  // The alarm was taken away by a call that the meter counted.
  expect(written()).toEqual({ object: 1, registry: 0 });
  // Read by another process, it owes nothing and writes nothing.
  await evictDurableObject(stubOf(id));
  expect((await call("GET", `/api/v1/executions/${id}`)).body.status).toBe("succeeded");
  await still();
  expect([written(), await alarm()]).toEqual([{ object: 0, registry: 0 }, null]);
});

test("an execution that waits for a person, for a day", async () => {
  const { body } = await call("POST", "/api/v1/execute/async/approvals.demo", { input: { claim: "c", amount: 1 } });
  const id = body.execution_id;
  await until("plain", id, ({ body: seen }) => seen.status === "waiting");
  await indexed(id, "waiting");
  written();
  vi.useFakeTimers({ toFake: ["Date"] });
  const fired = await runInDurableObject(stubOf(id), (actor, { storage }) =>
    passADay({
      alarmAt: () => storage.getAlarm(),
      alarm: async () => {
        await storage.deleteAlarm();
        await (actor as unknown as { alarm(): Promise<void> }).alarm();
      },
      setNow: (ms) => void vi.setSystemTime(ms),
    }),
  );
  const rows = written();
  // The platform takes a fired alarm away for nothing; here each one was removed by a call that the meter counted.
  expect(rows.object - fired).toBeLessThanOrEqual(BUDGET.waitingDay.object);
  expect(rows.registry).toBeLessThanOrEqual(BUDGET.waitingDay.registry);
});
