/** Children that come by themselves, naming their parent in a header. */
import { applyD1Migrations } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, expect, inject, test } from "vitest";
import { call, until } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

async function start(target: string, input: unknown, headers: Record<string, string>) {
  const init = { method: "POST", headers, body: JSON.stringify({ input }) };
  const response = await exports.default.fetch(new Request(`http://localhost/api/v1/execute/async/${target}`, init));
  return {
    status: response.status,
    body: await response.json<{ execution_id: string; run_id: string; code?: string }>(),
  };
}

test("a child joins the run of its parent, unless it names another", async () => {
  const parent = await start("approvals.demo", { claim: "p", amount: 1 }, {});
  await until("plain", parent.body.execution_id, ({ body }) => body.status === "waiting");
  const edge = { "x-parent-execution-id": parent.body.execution_id };
  const joined = await start("clock.remind", { message: "m", seconds: 0 }, edge);
  expect(joined.body.run_id).toBe(parent.body.run_id);
  const apart = await start("clock.remind", { message: "m", seconds: 0 }, { ...edge, "x-run-id": "run_of_its_own" });
  expect(apart.body.run_id).toBe("run_of_its_own");
});

test("a cancelled parent takes no more children, and cancels the one that came by itself", async () => {
  const parent = await start("approvals.demo", { claim: "p", amount: 1 }, {});
  await until("plain", parent.body.execution_id, ({ body }) => body.status === "waiting");
  const edge = { "x-parent-execution-id": parent.body.execution_id };
  const child = await start("approvals.demo", { claim: "c", amount: 1 }, edge);
  await until("plain", child.body.execution_id, ({ body }) => body.status === "waiting");
  const cancelled = await call("POST", `/api/v1/executions/${parent.body.execution_id}/cancel`, {});
  expect(cancelled.body).toMatchObject({ status: "cancelled", quiesced: true });
  await until("plain", child.body.execution_id, ({ body }) => body.status === "cancelled");
  const late = await start("clock.remind", { message: "m", seconds: 0 }, edge);
  expect(late).toMatchObject({ status: 409, body: { code: "parent_refused" } });
});
