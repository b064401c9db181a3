/** A result that is larger than a row reads like any other. */
import { applyD1Migrations, createExecutionContext, evictAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import * as z from "zod";
import { clock } from "../../src/examples/clock.ts";
import type { Env } from "../../src/worker.ts";
import worker from "../../src/worker.ts";

const BYTES = 3_000_000;
// The test shares the Worker's isolate: a function that is added here can be executed.
clock.skill(
  "fill",
  { input: z.strictObject({ bytes: z.int() }), output: z.string() },
  async ({ bytes }) => `${"x".repeat(bytes - 1)}!`,
);

async function call(
  method: string,
  path: string,
  { body, bindings = env as Env }: { body?: unknown; bindings?: Env } = {},
) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await worker.fetch(new Request(`http://localhost${path}`, init), bindings, createExecutionContext());
  return { status: response.status, body: await response.json<Record<string, unknown>>() };
}

const fill = (bytes: number) => call("POST", "/api/v1/execute/clock.fill", { body: { input: { bytes } } });
const seen = ({ status, body }: { status: number; body: Record<string, unknown> }) => {
  const result = String(body.result);
  return [status, body.status, result.length, result.at(-1)];
};
const WHOLE = [200, "succeeded", BYTES, "!"];

beforeAll(() => applyD1Migrations(env.REGISTRY, inject("migrations")));

describe("a result of three megabytes", () => {
  test("comes with the answer, with every later reading, and with batches and logs", async () => {
    const answer = await fill(BYTES);
    expect(seen(answer)).toEqual(WHOLE);
    const id = String(answer.body.execution_id);
    expect((await env.FILES.list({ prefix: "results/" })).objects.map(({ key }) => key)).toEqual([
      `results/local/${id}`,
    ]);
    await evictAllDurableObjects();
    expect(seen(await call("GET", `/api/v1/executions/${id}`))).toEqual(WHOLE);
    const batch = await call("POST", "/api/v1/executions/batch-status", {
      body: { execution_ids: [id], include_result: true },
    });
    expect(JSON.stringify(batch.body).length).toBeGreaterThan(BYTES);
    const log = await call("GET", `/api/v1/executions/${id}/log`);
    expect((log.body.execution as { result: string }).result).toHaveLength(BYTES);
    const events = await call("GET", `/api/v1/executions/${id}/events`);
    expect(JSON.stringify(events.body).length).toBeLessThan(20_000);
    expect(JSON.stringify(events.body)).toContain(`"stored":{"size":${BYTES + 2}`);
  });

  test("that cannot be read now is a 503, and comes when it can", async () => {
    const id = String((await fill(BYTES)).body.execution_id);
    const FILES = new Proxy(env.FILES, {
      get: (target, name) =>
        name === "get" ? () => Promise.reject(new Error("away")) : Reflect.get(target, name).bind(target),
    });
    const away = await call("GET", `/api/v1/executions/${id}`, { bindings: { ...(env as Env), FILES } });
    expect([away.status, away.body.code, away.body.retryable]).toEqual([503, "unavailable", true]);
    expect(seen(await call("GET", `/api/v1/executions/${id}`))).toEqual(WHOLE);
  });
});

test("a result beyond sixteen megabytes is a failure that names the limit", async () => {
  const { body } = await fill(17 * 1_048_576);
  expect([body.status, body.failure_code]).toEqual(["failed", "value_too_large"]);
  expect(body.error_message).toContain("16777216");
});
