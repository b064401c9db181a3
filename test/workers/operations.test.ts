/** Figures and the overview in real workerd: whose they are, and that they say what the index holds. */
import { applyD1Migrations, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { createClient } from "../../src/client/client.ts";
import { deadLetter } from "../../src/registry/index-writes.ts";
import type { ExecutionRow } from "../../src/registry/projection/projection.ts";
import { project } from "../../src/registry/projection/projection.ts";
import worker from "../../src/worker.ts";
import { Deployment } from "../support/workers/deployment.ts";

const server = new Deployment();
const keys: Record<string, string> = {};
const TENANT = "acme-figures";
const AT = Date.UTC(2026, 2, 4, 12);

let made = 0;
function row(fields: Partial<ExecutionRow> = {}): ExecutionRow {
  made += 1;
  const id = `exec_${String(made).padStart(41, "0")}fA`;
  return {
    ...{
      tenant: TENANT,
      id,
      seq: 1,
      owner: "olga",
      agent: "reports",
      fn: "monthly",
      kind: "reasoner",
      status: "succeeded",
    },
    ...{ reason: null, run_id: `run-${made}`, parent_id: null, session_id: null, actor_id: null, schedule_id: null },
    ...{ created_at_ms: AT, started_at_ms: AT, finished_at_ms: AT + 100 * made, updated_at_ms: AT + 100 },
    ...{ error_code: null, error_message: null, turns: 1, tokens: 10, cost_usd: 0.5, next_wake_at_ms: null },
    ...fields,
  };
}
const open = { finished_at_ms: null, updated_at_ms: AT };

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  for (const subject of ["olga", "ivan"])
    keys[subject] = (await server.newKey({ subject, tenant: TENANT, scopes: ["read"] })).key;
  keys.ada = (await server.newKey({ subject: "ada", tenant: TENANT, scopes: ["admin"] })).key;
  keys.rival = (await server.newKey({ subject: "olga", tenant: "rival-figures", scopes: ["admin"] })).key;
  await project(env.REGISTRY, [
    ...[row(), row(), row({ status: "failed" }), row({ status: "cancelled" })],
    row({ fn: "weekly", created_at_ms: AT - 86_400_000, owner: "ivan", tokens: 7 }),
    // It sleeps until next year; the one before has told nothing for long.
    row({ status: "running", ...open, fn: "lost" }),
    row({ status: "running", ...open, fn: "asleep", next_wake_at_ms: Date.now() + 1e10 }),
    row({ status: "waiting", ...open, fn: "late", next_wake_at_ms: Date.now() - 120_000 }),
    row({ tenant: "rival-figures", status: "running", ...open, next_wake_at_ms: 5 }),
    row({ id: "exec_untold", fn: "untold", attributes: '["$webhook=\\"failing\\"","customer=1"]', created_at_ms: 5 }),
    row({ tenant: "rival-figures", attributes: '["$webhook=\\"failing\\""]', created_at_ms: 5 }),
  ]);
  await deadLetter(env.REGISTRY, { kind: "execution", row: row({ id: "exec_parked" }) }, "no such column");
  await deadLetter(env.REGISTRY, { kind: "execution", row: row({ id: "exec_theirs", tenant: "rival-figures" }) }, "no");
});

const get = (who: string, path: string) => server.call("GET", `/api/v1/${path}`, { key: keys[who] ?? "" });
const SPAN = "metrics?since=2026-03-01T00:00:00Z&until=2026-03-05T00:00:00Z";

describe("figures", () => {
  test("of a user are the user's own; an administrator's the tenant's; of others none", async () => {
    const mine = (await get("ivan", SPAN)).body;
    expect(mine).toMatchObject({ complete: true, total: { executions: 1, tokens: 7, success_rate: 1 } });
    expect(mine.groups).toMatchObject([{ target: "reports.weekly", day: "2026-03-03" }]);
    const all = (await get("ada", `${SPAN}&target=reports.monthly&group_by=target`)).body;
    expect(all.groups).toMatchObject([
      { target: "reports.monthly", executions: 4, by_status: { succeeded: 2, failed: 1, cancelled: 1 }, cost_usd: 2 },
    ]);
    expect(all.total).toMatchObject({ success_rate: 2 / 3, duration_ms: { p50: 200, max: 400 } });
    expect((await get("rival", SPAN)).body.total).toMatchObject({
      executions: 1,
      success_rate: null,
      duration_ms: null,
    });
    expect((await get("olga", `${SPAN}&agent_id=nobody`)).body.total).toMatchObject({ executions: 0 });
  });

  test("refuse what they do not know", async () => {
    expect((await get("olga", "metrics?group_by=month")).body).toMatchObject({ code: "invalid_input" });
    expect((await get("olga", "metrics?since=yesterday")).status).toBe(400);
  });

  test("of the last day are gauges for Prometheus, for administrators alone", async () => {
    const now = Date.now();
    await project(env.REGISTRY, [
      row({ fn: "now", created_at_ms: now, started_at_ms: now, finished_at_ms: now + 250 }),
    ]);
    const scraped = async (who: string) => (await server.fetch("GET", "/metrics", { key: keys[who] ?? "" })).text();
    const text = await scraped("ada");
    expect(text).toContain('errand_executions{target="reports.now",status="succeeded"} 1');
    expect(text).toContain('errand_duration_seconds{target="reports.now",quantile="0.5"} 0.25');
    expect(await scraped("olga")).not.toContain("errand_executions");
  });
});

test("the overview names what is late, stands still and was refused, of the tenant alone; and what the sweeper did", async () => {
  const { status, body } = await get("ada", "operations");
  expect(status).toBe(200);
  expect(body).toMatchObject({
    index: { ready: true, lag_ms: 0, waiting_rows: 0, held_rows: 0 },
    dead_letters: { count: 1, more: false, items: [{ kind: "execution", id: "exec_parked", error: "no such column" }] },
    failing_webhooks: { count: 1, items: [{ execution_id: "exec_untold", target: "reports.untold" }] },
    overdue: { count: 1, items: [{ execution_id: expect.any(String) }] },
    stuck: { count: 1, items: [{ target: "reports.lost", status: "running" }] },
  });
  expect((await get("olga", "operations")).status).toBe(403);
  const failing = await get("ada", `executions?attributes=${encodeURIComponent('{"$webhook":"failing"}')}`);
  expect(failing.body.items).toMatchObject([{ execution_id: "exec_untold", attributes: { customer: 1 } }]);
  await worker.scheduled(createScheduledController({ scheduledTime: new Date() }), env);
  const { sweeper } = (await get("ada", "operations")).body;
  expect(sweeper).toMatchObject({ late: false, last_at: expect.any(String), took_ms: expect.any(Number) });
});

test("figures and the overview are there for the typed client", async () => {
  const fetch = (input: RequestInfo | URL, init?: RequestInit) => server.send(new Request(input, init));
  const errand = createClient({
    baseUrl: "https://errand.test",
    key: keys.ada ?? "",
    fetch,
  });
  const { total } = await errand.operations.metrics({ since: "2026-03-01T00:00:00Z", until: "2026-03-05T00:00:00Z" });
  expect(total).toEqual((await get("ada", SPAN)).body.total);
  expect((await errand.operations.overview()).stuck).toMatchObject({ count: 1 });
});
