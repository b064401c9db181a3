/** A log above 25 MB: its promises are checked, and it goes into the archive and comes out of it, in the real runtime. */
import { applyD1Migrations, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest";
import worker from "../../src/worker.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const SIGNALS = 28;
const DAY_MS = 86_400_000;
const server = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY });
let id: string;
let path: string;

const get = (rest: string) => server.call("GET", `${path}${rest}`, { key: ROOT_KEY });
const promise = async (name: string) =>
  ((await get("/invariants")).body.items as { promise: string; verdict: string; detail: string }[]).find(
    (report) => report.promise === name,
  );
const headInIndex = () =>
  env.REGISTRY.prepare("SELECT chain_head FROM executions WHERE id = ?1").bind(id).first<string>("chain_head");

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const body = { input: { message: "large", seconds: 3_600 } };
  const started = await server.call("POST", "/api/v1/execute/async/clock.remind", { key: ROOT_KEY, body });
  id = String(started.body.execution_id);
  path = `/api/v1/executions/${id}`;
  for (let n = 0; n < SIGNALS; n += 1) {
    const sent = { key: ROOT_KEY, body: { data: `${n}`.padEnd(1_000_000, "x") } };
    expect((await server.call("POST", `${path}/signals/large`, sent)).status).toBe(202);
  }
  expect((await server.call("POST", `${path}/cancel`, { key: ROOT_KEY, body: {} })).status).toBe(200);
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a log of 28 MB", () => {
  test("keeps its promises, compared with the head that the index has", async () => {
    await expect.poll(headInIndex).toMatch(/^tests\./);
    const status = () => env.REGISTRY.prepare("SELECT status FROM executions WHERE id = ?1").bind(id).first("status");
    await expect.poll(status).toBe("cancelled");
    expect(await promise("P5")).toMatchObject({ verdict: "holds" });
    const head = await headInIndex();
    const say = (words: string | null) =>
      env.REGISTRY.prepare("UPDATE executions SET chain_head = ?2 WHERE id = ?1").bind(id, words).run();
    await say("tests.another");
    expect(await promise("P5")).toMatchObject({
      verdict: "violated",
      detail: expect.stringContaining("the head that is known of it is another one"),
    });
    // A row from before the chain, and an index that does not answer, say nothing.
    await say(null);
    expect(await promise("P5")).toMatchObject({ verdict: "holds" });
    await say(head);
  });

  test("goes into the archive and comes out of it whole; what was changed there is refused", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 91 * DAY_MS });
    const archived = async () => {
      const minute = createScheduledController({ scheduledTime: new Date(Date.now()), cron: "* * * * *" });
      await worker.scheduled(minute, env);
      return (await get("")).status;
    };
    await expect.poll(archived, { timeout: 60_000, interval: 500 }).toBe(410);
    const key = `archive/default/${id}.jsonl`;
    const stored = await env.FILES.head(key);
    expect(stored?.size).toBeGreaterThan(28_000_000);
    expect(stored?.customMetadata).toMatchObject({ sealed: "1", target: "clock.remind", head: expect.any(String) });
    const answer = await server.fetch("GET", `${path}/archive`, { key: ROOT_KEY });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/jsonl"]);
    const lines = new TextDecoder()
      .decode(await answer.arrayBuffer())
      .trimEnd()
      .split("\n");
    const events = lines.map((line) => JSON.parse(line) as { seq: number; type: string });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
    expect(events.filter(({ type }) => type === "signal.received")).toHaveLength(SIGNALS);

    const bytes = new Uint8Array((await (await env.FILES.get(key))?.arrayBuffer()) ?? new ArrayBuffer());
    await env.FILES.put(
      key,
      bytes.subarray(0, bytes.length - 1_100_000),
      stored ? { customMetadata: stored.customMetadata ?? {} } : {},
    );
    const cut = await get("/archive");
    expect([cut.status, cut.body.code]).toEqual([500, "archive_damaged"]);
  });
});
