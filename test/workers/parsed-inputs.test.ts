/** What a start over HTTP writes down of an input that its function's schema changes. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, inject, test } from "vitest";
import { call, hasEnded, MODES, until, violations } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

const eventsOf = async (id: string) =>
  (await call("GET", `/api/v1/executions/${id}/events?limit=1000`)).body.items as { type: string; data: unknown }[];

test.each(MODES)("the input as it was sent, and beside it what its defaults made of it (%s)", async (mode) => {
  const { body } = await call("POST", "/api/v1/execute/async/catalog.audit", { input: { pace_ms: 0 } });
  const ended = await until(mode, body.execution_id, hasEnded);
  expect(ended.body.status).toBe("succeeded");
  const [created, parsed, ...rest] = await eventsOf(body.execution_id);
  expect(created).toMatchObject({ type: "execution.created", data: { input: { pace_ms: 0 }, parsed: "apart" } });
  expect(parsed).toMatchObject({ type: "input.parsed", data: { value: { pace_ms: 0, chunk_size: 100 } } });
  expect(rest.map(({ type }) => type)).not.toContain("input.parsed");
  expect(await violations(body.execution_id)).toEqual([]);
});

test("an input that its schema leaves as it is stands in the log once", async () => {
  const input = { message: "tea", seconds: 0 };
  const { body } = await call("POST", "/api/v1/execute/clock.remind", { input });
  const events = await eventsOf(body.execution_id);
  expect(events[0]).toMatchObject({ data: { input, parsed: "as_sent" } });
  expect(events.map(({ type }) => type)).not.toContain("input.parsed");
});
