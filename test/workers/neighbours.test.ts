/** Two objects of one isolate: one takes in much, the other is in the middle of an effect when all are aborted. */
import { abortAllDurableObjects, applyD1Migrations, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, expect, inject, test, vi } from "vitest";
import { parseExecutionId } from "../../src/domain/execution/execution-id.ts";
import { call } from "../support/workers/modes.ts";

afterEach(() => {
  vi.restoreAllMocks();
});
beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

async function start(target: string, input: unknown): Promise<string> {
  const { status, body } = await call("POST", `/api/v1/execute/async/${target}`, { input });
  expect(status).toBe(202);
  return body.execution_id;
}

async function eventsOf(id: string): Promise<{ type: string; data: unknown }[]> {
  const { body } = await call("GET", `/api/v1/executions/${id}/events`);
  return body.items as { type: string; data: unknown }[];
}

const stubOf = (id: string) => env.EXECUTIONS.get(env.EXECUTIONS.idFromString(parseExecutionId(id)?.objectHex ?? ""));

test("an execution in the middle of an effect writes down that another has grown, and its interruption is laid to that one", async () => {
  // The bank of the transfer does not answer: its first effect is under way, and commits nothing of its own.
  vi.spyOn(globalThis, "fetch").mockImplementation(() => new Promise(() => {}));
  const transfer = await start("ledger.transfer", { transfer_id: "slow", from: "a", to: "b", amount: 1 });
  const large = await start("approvals.demo", { claim: "large", amount: 10 });
  const data = "x".repeat(1_000_000);
  for (let sent = 0; sent < 18; sent += 1) {
    const { status } = await call("POST", `/api/v1/executions/${large}/signals/unheard`, { data });
    expect(status).toBeLessThan(300);
  }
  await expect.poll(() => eventsOf(transfer)).toContainEqual(expect.objectContaining({ type: "neighbour.grew" }));
  expect((await eventsOf(large)).map(({ type }) => type)).not.toContain("neighbour.grew");

  await abortAllDurableObjects();
  await runDurableObjectAlarm(stubOf(transfer));
  await expect
    .poll(() => eventsOf(transfer))
    .toContainEqual(
      expect.objectContaining({
        type: "execution.recovered",
        data: expect.objectContaining({ count: 0, without_progress: 0, spared: 1 }),
      }),
    );
  await call("POST", `/api/v1/executions/${transfer}/cancel`, {});
});
