/** Every actor scenario, in real workerd, plain, evicted before every look, and aborted in the middle. */
import { applyD1Migrations, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { parseExecutionId } from "../../src/domain/execution/execution-id.ts";
import { Bank } from "../support/workers/bank.ts";
import { call, hasEnded, MODES, until, violations } from "../support/workers/modes.ts";

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

function stubOf(id: string): DurableObjectStub {
  return env.EXECUTIONS.get(env.EXECUTIONS.idFromString(parseExecutionId(id)?.objectHex ?? ""));
}

describe.each(MODES)("%s", (mode) => {
  test("steps and progress: an audit ends with its report", async () => {
    const id = await start("catalog.audit", { pace_ms: 5, chunk_size: 400 });
    const ended = await until(mode, id, hasEnded);
    expect(ended.body).toMatchObject({ status: "succeeded", result: { rows: 3201 } });
    expect(await violations(id)).toEqual([]);
  });

  test("a sleep ends at its instant", async () => {
    const id = await start("clock.remind", { message: "tea", seconds: 0.3 });
    const ended = await until(mode, id, hasEnded);
    expect(ended.body).toMatchObject({ status: "succeeded", result: { message: "tea" } });
    expect(await violations(id)).toEqual([]);
  });

  test("a person decides, once", async () => {
    const id = await start("approvals.demo", { claim: "claim-1", amount: 10 });
    const waiting = await until(mode, id, ({ body }) => body.status === "waiting");
    expect(waiting.body.waiting_for).toMatchObject({ type: "approval" });
    const first = await call("POST", `/api/v1/executions/${id}/approval-response`, {
      decision: "approved",
      feedback: "fine",
    });
    expect(first.body).toMatchObject({ status: "processed", decision: "approved" });
    const ended = await until(mode, id, hasEnded);
    expect(ended.body.status).toBe("succeeded");
    const second = await call("POST", `/api/v1/executions/${id}/approval-response`, { decision: "rejected" });
    expect(second.body).toMatchObject({ status: "already_processed", approval_status: "approved" });
    expect(await violations(id)).toEqual([]);
  });

  test("parent and children end as one", async () => {
    const id = await start("support-agent.triage", {
      customer_id: "cust_1",
      message: "This is the third time I am calling!",
    });
    const ended = await until(mode, id, hasEnded);
    expect(ended.body).toMatchObject({ status: "succeeded", result: { sentiment: { recommendation: "escalate" } } });
    expect(await violations(id)).toEqual([]);
  });

  test("money moves once, whatever happens in between", async () => {
    const bank = new Bank();
    bank.install();
    const transferId = `t-${mode}`;
    const id = await start("ledger.transfer", { transfer_id: transferId, from: "a", to: "b", amount: 5 });
    const settled = await until(mode, id, (answer) => hasEnded(answer) || answer.body.status === "waiting");
    if (settled.body.status === "waiting") {
      expect(settled.body.status_reason).toBe("effect_in_doubt");
      const moved = bank.count("/transfer", transferId) > 0;
      const answer = moved
        ? { option: "succeeded", params: { result: { reference: "looked up" } } }
        : { option: "retry" };
      await call("POST", `/api/v1/executions/${id}/resolve`, answer);
    }
    const ended = await until(mode, id, hasEnded);
    expect(ended.body.status).toBe("succeeded");
    expect(bank.count("/transfer", transferId)).toBe(1);
    expect(bank.count("/reserve", transferId)).toBe(1);
    expect(bank.count("/notify", transferId)).toBe(1);
    expect(await violations(id)).toEqual([]);
  });

  test("an approval that nobody answers expires at its instant", async () => {
    const id = await start("approvals.demo", { claim: "claim-2", amount: 10 });
    await until(mode, id, ({ body }) => body.status === "waiting");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 73 * 3_600_000 });
    await runDurableObjectAlarm(stubOf(id));
    const ended = await until(mode, id, hasEnded);
    expect(ended.body.approval_status).toBe("expired");
    expect(await violations(id)).toEqual([]);
  });

  test("cancel is final, and a late decision does not undo it", async () => {
    const id = await start("approvals.demo", { claim: "claim-3", amount: 10 });
    await until(mode, id, ({ body }) => body.status === "waiting");
    const cancelled = await call("POST", `/api/v1/executions/${id}/cancel`, { reason: "no longer needed" });
    expect(cancelled.body).toMatchObject({
      previous_status: "waiting",
      status: "cancelled",
      quiesced: true,
      pending: [],
    });
    const late = await call("POST", `/api/v1/executions/${id}/approval-response`, { decision: "approved" });
    expect(late.status).toBe(409);
    expect((await until(mode, id, hasEnded)).body.status).toBe("cancelled");
    expect((await call("POST", `/api/v1/executions/${id}/resume`, {})).status).toBe(409);
  });

  test("pause holds what comes, resume lets it go on", async () => {
    const id = await start("clock.remind", { message: "held", seconds: 3_600 });
    await until(mode, id, ({ body }) => body.status_reason === "sleeping");
    const paused = await call("POST", `/api/v1/executions/${id}/pause`, {});
    expect(paused.body).toMatchObject({ status: "paused" });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 7_200_000 });
    await runDurableObjectAlarm(stubOf(id));
    expect((await until(mode, id, () => true)).body.status).toBe("paused");
    await call("POST", `/api/v1/executions/${id}/resume`, {});
    expect((await until(mode, id, hasEnded)).body.status).toBe("succeeded");
    expect(await violations(id)).toEqual([]);
  });
});

test("an unknown execution is 404 and leaves nothing behind", async () => {
  const id = `exec_${"A".repeat(43)}`;
  expect((await call("GET", `/api/v1/executions/${id}`)).status).toBe(404);
  expect((await call("GET", "/api/v1/executions/exec_nonsense")).status).toBe(404);
});
