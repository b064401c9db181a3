/**
 * The real server, killed by SIGKILL while each example is at work, started again on the same folder. Nobody asks for
 * anything in between: what was running ends by itself, with the output it would have had.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DemoBank } from "../../src/examples/demo-bank.ts";
import { startDemoBank } from "../../src/examples/demo-bank.ts";
import { RegistryFile } from "../bench/registry-file.ts";
import { eventually } from "../support/eventually.ts";
import type { Api, Body } from "../support/processes/api.ts";
import { apiOf, hasEnded, sleep } from "../support/processes/api.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";
import { seeded } from "../support/simulator/random.ts";

/**
 * Short, so that a killed process is noticed within a second instead of half a minute; and no sweeper, so that what goes on
 * goes on by its own alarm.
 */
const TIMES = { ERRAND_HEARTBEAT_MS: "1000", ERRAND_CRON_MS: "86400000" };

/** The moments of the kills are drawn; a failing run is run again with the seed that its titles name. */
const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const draw = seeded(SEED);
const within = (limitMs: number) => Math.round(draw() * limitMs);

let bank: DemoBank;
let server: Server;
let api: Api;
let stateDir: string;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-crash-"));
  // Outside the killed group: it remembers what reached it.
  bank = await startDemoBank({ port: 0 });
  server = await startServer({ stateDir, env: { ...TIMES, LEDGER_SERVICE_URL: bank.url } });
  api = apiOf(server.url);
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await bank?.close();
  await rm(stateDir, { recursive: true, force: true });
});

/** Kills after each of the waits, starts again, and hands back how it ended. Only reads, and only at the end. */
async function killedAt(started: Body, waits: readonly number[]): Promise<Body> {
  for (const wait of waits) {
    await sleep(wait);
    await server.restart();
  }
  return api.until(started.execution_id, hasEnded);
}

/** Waits until so many of a run have succeeded by the index. Only its file is looked at: no request wakes anybody. */
async function succeededByIndex(runId: string, count: number): Promise<void> {
  const file = RegistryFile.open(stateDir);
  try {
    await expect.poll(() => file.count("local", { runId, status: "succeeded" })).toBe(count);
  } finally {
    file.close();
  }
}

async function allPromisesHold(id: string): Promise<void> {
  const { body } = await api.call("GET", `/api/v1/executions/${id}/invariants`);
  const reports = body.items as { promise: string; verdict: string }[];
  expect(reports.filter(({ verdict }) => verdict === "violated")).toEqual([]);
  expect(reports.some(({ verdict }) => verdict === "holds")).toBe(true);
}

describe(`catalog.audit, CRASH_SEED=${SEED}`, () => {
  test("a killed audit ends with the report of an undisturbed one", async () => {
    const undisturbed = await api.run("catalog.audit", { pace_ms: 0 });
    expect(undisturbed.status).toBe("succeeded");
    const started = await api.start("catalog.audit", {});
    const ended = await killedAt(started, [within(600), within(1_500), within(100)]);
    expect(ended.status).toBe("succeeded");
    expect(ended.result).toEqual(undisturbed.result);
    await allPromisesHold(started.execution_id);
  });

  const finished = (events: Awaited<ReturnType<Api["events"]>>) =>
    events.filter(({ type }) => type === "step.completed").map(({ data }) => data.key);

  test("what was finished before the kill is not done again", async () => {
    const started = await api.start("catalog.audit", {});
    const before = await eventually(async () => {
      const events = await api.events(started.execution_id);
      expect(finished(events).length).toBeGreaterThan(3);
      return events;
    });
    await server.restart();
    await api.until(started.execution_id, hasEnded);
    const after = await api.events(started.execution_id);
    // The log before the kill is a prefix of the log after it, and no key finishes twice.
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(finished(after)).size).toBe(finished(after).length);
  });
});

describe("clock.remind", () => {
  test("a sleep outlives the process, and nobody has to ask for it", async () => {
    const started = await api.start("clock.remind", { message: "tea", seconds: 4 }, { "x-run-id": "run_of_a_sleep" });
    await api.until(started.execution_id, (body) => body.status === "running" || hasEnded(body));
    await server.restart();
    await succeededByIndex("run_of_a_sleep", 1);
    const askedMs = Date.now();
    const events = await api.events(started.execution_id);
    const endedMs = Date.parse(events.find(({ type }) => type === "execution.succeeded")?.at ?? "");
    const dueMs = Date.parse(events[0]?.at ?? "") + 4_000;
    expect(endedMs).toBeGreaterThanOrEqual(dueMs);
    expect(endedMs).toBeLessThanOrEqual(askedMs);
  });
});

describe("approvals.demo", () => {
  test("a person decides after the process that asked is dead", async () => {
    const started = await api.start("approvals.demo", { claim: "claim-12345", amount: 120 });
    await api.until(started.execution_id, ({ status }) => status === "waiting");
    await server.restart();
    const still = await api.get(started.execution_id);
    expect(still.status).toBe("waiting");
    expect(still.waiting_for).toMatchObject({ type: "approval" });
    const path = `/api/v1/executions/${started.execution_id}/approval-response`;
    const decided = await api.call("POST", path, { decision: "approved", feedback: "verified" });
    expect(decided.body).toMatchObject({ status: "processed", decision: "approved" });
    await server.restart();
    const ended = await api.until(started.execution_id, hasEnded);
    expect(ended.status).toBe("succeeded");
    expect(JSON.stringify(ended.result)).toContain("verified");
    const again = await api.call("POST", path, { decision: "rejected" });
    expect(again.body).toMatchObject({ status: "already_processed", approval_status: "approved" });
    await allPromisesHold(started.execution_id);
  });
});

describe(`ledger.transfer, CRASH_SEED=${SEED}`, () => {
  const AGES = [10, 20, 30, 60, 120, 250, 500, 900];

  async function transferEndsOnce(id: string, transferId: string): Promise<void> {
    const settled = await api.until(id, (body) => hasEnded(body) || body.status === "waiting");
    const applied = () => bank.counts().transfer[transferId]?.applied ?? 0;
    if (settled.status === "waiting") {
      // Visible, and answered with the truth that only the bank knows.
      expect(settled.status_reason).toBe("effect_in_doubt");
      const answer =
        applied() > 0 ? { option: "succeeded", params: { result: { reference: "looked up" } } } : { option: "retry" };
      await api.call("POST", `/api/v1/executions/${id}/resolve`, answer);
    }
    const ended = await api.until(id, hasEnded);
    expect(ended.status).toBe("succeeded");
    expect(applied()).toBe(1);
    expect(bank.counts().reserve[transferId]?.applied).toBe(1);
    expect(bank.counts().notify[transferId]?.applied).toBe(1);
    await allPromisesHold(id);
  }

  // One kill hits all of them, each at an age of its own.
  test.each([AGES.map(within), AGES.map(within), AGES.map(within)].map((ages) => [ages]))(
    "killed at the ages of %j ms: idempotent effects once, the other once or in doubt",
    async (ages) => {
      const oldest = Math.max(...ages);
      const started = ages.map(async (age, n) => {
        await sleep(oldest - age);
        const transferId = `crash-${n}-${oldest}-${age}`;
        const { execution_id: id } = await api.start("ledger.transfer", {
          transfer_id: transferId,
          from: "a",
          to: "b",
          amount: 100,
        });
        return { id, transferId };
      });
      const transfers = await Promise.all(started);
      await server.restart();
      await Promise.all(transfers.map(({ id, transferId }) => transferEndsOnce(id, transferId)));
    },
  );
});

describe(`support-agent.triage, CRASH_SEED=${SEED}`, () => {
  test("parent and children end as one after a kill between them", async () => {
    const input = { customer_id: "cust_9", message: "This is the third time I am calling!" };
    const undisturbed = await api.run("support-agent.triage", input);
    expect(undisturbed.status).toBe("succeeded");
    const started = await Promise.all([1, 2, 3, 4].map(() => api.start("support-agent.triage", input)));
    await sleep(within(12));
    await server.restart();
    for (const { execution_id } of started) {
      const ended = await api.until(execution_id, hasEnded);
      expect(ended.status).toBe("succeeded");
      expect((ended.result as { sentiment: unknown }).sentiment).toEqual(
        (undisturbed.result as { sentiment: unknown }).sentiment,
      );
      await allPromisesHold(execution_id);
    }
  });
});

describe("the registry", () => {
  test("a kill between result and projection: lists and actors agree again without a request", async () => {
    const started = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        api.start("clock.remind", { message: `m${i}`, seconds: 0 }, { "x-run-id": "run_of_forty" }),
      ),
    );
    await server.restart();
    await succeededByIndex("run_of_forty", started.length);
    const { body } = await api.call("GET", "/api/v1/executions?agent_id=clock&limit=200");
    const rows = new Map(
      (body.items as { execution_id: string; status: string }[]).map((row) => [row.execution_id, row.status]),
    );
    for (const { execution_id } of started) {
      expect(rows.get(execution_id)).toBe("succeeded");
      expect((await api.get(execution_id)).status).toBe("succeeded");
    }
  });
});
