/** What one tenant may hold at a time, in workerd: each cap's refusal, and that nobody else hears of it. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const EXECUTE = "/api/v1/execute/approvals.demo";
const ASYNC = "/api/v1/execute/async/approvals.demo";
const CLAIM = { input: { claim: "c", amount: 1 } };

const server = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY });
const capped = new Deployment({
  ERRAND_ROOT_KEY: ROOT_KEY,
  ERRAND_MAX_OPEN_EXECUTIONS: "2",
  ERRAND_MAX_LONG_POLLS: "2",
});

async function keyOf(tenant: string): Promise<string> {
  return (await server.newKey({ tenant, subject: "ann", scopes: ["execute", "read", "admin"] })).key;
}

beforeAll(() => applyD1Migrations(env.REGISTRY, inject("migrations")));

describe("open executions", () => {
  test("are refused from the limit on; a repetition is answered, another tenant starts, an end makes room", async () => {
    const [key, other] = [await keyOf("crowded"), await keyOf("roomy")];
    const named = { "idempotency-key": "first" };
    const first = await capped.call("POST", ASYNC, { key, body: CLAIM, headers: named });
    await capped.call("POST", ASYNC, { key, body: CLAIM });
    const listed = async () => {
      const { body } = await server.call("GET", "/api/v1/executions?status=waiting", { key });
      expect(body.items).toHaveLength(2);
    };
    await eventually(listed);

    const third = await capped.call("POST", ASYNC, { key, body: CLAIM });
    expect([third.status, third.body.code, third.headers.get("retry-after")]).toEqual([429, "too_many_open", "1"]);
    expect(third.body.detail).toMatch(/at most 2 .*ERRAND_MAX_OPEN_EXECUTIONS.*cancel some/s);
    const again = await capped.call("POST", ASYNC, { key, body: CLAIM, headers: named });
    expect([again.status, again.body.execution_id]).toEqual([202, first.body.execution_id]);
    expect((await capped.call("POST", ASYNC, { key: other, body: CLAIM })).status).toBe(202);

    const id = String(first.body.execution_id);
    expect((await capped.call("POST", `/api/v1/executions/${id}/cancel`, { key, body: {} })).status).toBe(200);
    const started = async () => expect((await capped.call("POST", ASYNC, { key, body: CLAIM })).status).toBe(202);
    await eventually(started);
  });

  test("that are restarted count as new ones", async () => {
    const key = await keyOf("restarter");
    const { body } = await server.call("POST", EXECUTE, { key, body: CLAIM });
    const ended = await server.call("POST", `/api/v1/executions/${body.execution_id}/cancel`, { key, body: {} });
    expect(ended.status).toBe(200);
    for (let n = 0; n < 2; n += 1) await server.call("POST", ASYNC, { key, body: CLAIM });
    const full = async () => {
      const restart = await capped.call("POST", `/api/v1/executions/${body.execution_id}/restart`, { key, body: {} });
      expect([restart.status, restart.body.code]).toEqual([429, "too_many_open"]);
    };
    const listed = async () => {
      const list = await server.call("GET", "/api/v1/executions?status=waiting", { key });
      expect(list.body.items).toHaveLength(2);
    };
    await eventually(listed);
    await full();
  });
});

describe("long polls", () => {
  test("are held up to the limit; the next one is refused before anything is begun, and a read without wait is not", async () => {
    const key = await keyOf("patient");
    const { body } = await server.call("POST", EXECUTE, { key, body: CLAIM });
    const path = `/api/v1/executions/${body.execution_id}`;
    // One whose place the question below has taken comes again.
    const hold = async (): Promise<number> => {
      for (;;) {
        const { status } = await capped.call("GET", `${path}?wait=60`, { key });
        if (status !== 429) return status;
      }
    };
    const held = [hold(), hold()];
    const refused = async () => {
      const third = await capped.call("GET", `${path}?wait=1`, { key });
      expect([third.status, third.body.code]).toEqual([429, "too_many_waits"]);
      expect(third.body.detail).toMatch(/at most 2 .*ERRAND_MAX_LONG_POLLS/);
    };
    await eventually(refused);
    const start = await capped.call("POST", EXECUTE, { key, body: CLAIM, headers: { "idempotency-key": "late" } });
    expect([start.status, start.body.code]).toEqual([429, "too_many_waits"]);
    expect((await capped.call("GET", path, { key })).status).toBe(200);
    expect((await server.call("POST", `${path}/cancel`, { key, body: {} })).status).toBe(200);
    expect(await Promise.all(held)).toEqual([200, 200]);
    expect((await capped.call("GET", `${path}?wait=1`, { key })).status).toBe(200);
  });
});

describe("readers of one execution", () => {
  test("are connected up to the limit: a socket too many is 429, and so are server-sent events", async () => {
    const key = await keyOf("watchers");
    const { body } = await server.call("POST", EXECUTE, { key, body: CLAIM });
    const path = `/api/v1/executions/${body.execution_id}`;
    const upgrade = { upgrade: "websocket" };
    const sockets: WebSocket[] = [];
    for (let n = 0; n < 200; n += 1) {
      const { webSocket } = await server.fetch("GET", `${path}/stream`, { key, headers: upgrade });
      webSocket?.accept();
      if (webSocket) sockets.push(webSocket);
    }
    expect(sockets).toHaveLength(200);
    for (const [rest, headers] of [
      ["/stream", upgrade],
      ["/events", { accept: "text/event-stream" }],
    ] as const) {
      const refused = await server.call("GET", `${path}${rest}`, { key, headers });
      expect([refused.status, refused.body.code]).toEqual([429, "too_many_readers"]);
      expect(refused.body.detail).toMatch(/at most 200 .*ERRAND_MAX_SOCKETS/);
    }
    expect((await server.call("GET", `${path}/events`, { key })).status).toBe(200);
    for (const socket of sockets) socket.close(1000);
    const taken = async () => {
      const { webSocket, status } = await server.fetch("GET", `${path}/stream`, { key, headers: upgrade });
      webSocket?.accept();
      webSocket?.close(1000);
      expect(status).toBe(101);
    };
    await eventually(taken);
  });
});

describe("signals that wait in an execution", () => {
  test("are taken up to 64 MiB; the next one is 429 and leaves nothing", async () => {
    const key = await keyOf("senders");
    const body = { input: { message: "full", seconds: 3_600 } };
    const started = await server.call("POST", "/api/v1/execute/async/clock.remind", { key, body });
    const path = `/api/v1/executions/${started.body.execution_id}`;
    const send = () => server.call("POST", `${path}/signals/large`, { key, body: { data: "x".repeat(1_048_574) } });
    for (let n = 0; n < 64; n += 1) expect((await send()).status).toBe(202);
    const { seq } = (await server.call("GET", path, { key })).body;
    const refused = await send();
    expect([refused.status, refused.body.code]).toEqual([429, "too_many_signals"]);
    expect(refused.body.detail).toMatch(/at most 67108864 .*ERRAND_MAX_SIGNAL_BYTES/);
    expect((await server.call("GET", path, { key })).body.seq).toBe(seq);
  });
});
