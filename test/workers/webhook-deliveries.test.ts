/** Webhooks of executions over HTTP: who may register what, what the receiver gets, what readers see of it. */
import { applyD1Migrations } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { eventually } from "../support/eventually.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";
import { call, hasEnded, until } from "../support/workers/modes.ts";
import { Receiver } from "../support/workers/receiver.ts";

const URL_OK = "https://hooks.example.com/errand?token=abc";
const SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;
const server = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY });

let receiver: Receiver;
beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});
beforeEach(() => {
  receiver = new Receiver();
  receiver.install();
});
afterEach(() => {
  vi.restoreAllMocks();
});

type Body = { readonly [field: string]: unknown; readonly execution_id: string };
const REMIND = { message: "hi", seconds: 0 };
const startWith = async (
  webhook: unknown,
  { target = "clock.remind", input = REMIND, ...more }: { target?: string; input?: unknown; context?: unknown } = {},
) => (await call("POST", `/api/v1/execute/${target}`, { input, webhook, ...more })).body as Body;
const read = async (id: string) => (await call("GET", `/api/v1/executions/${id}`)).body as Body;
const webhooks = async (id: string) => (await call("GET", `/api/v1/executions/${id}/webhooks`)).body as Body;
const settled = (id: string, status: string, n = 1) =>
  eventually(async () => {
    const { deliveries } = (await webhooks(id)) as unknown as { deliveries: { status: string }[] };
    expect(deliveries.filter((one) => one.status === status).length).toBeGreaterThanOrEqual(n);
  });

describe("a webhook", () => {
  test("hears of the trace of the start", async () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const started = await exports.default.fetch(
      new Request("http://localhost/api/v1/execute/clock.remind", {
        method: "POST",
        headers: { traceparent },
        body: JSON.stringify({ input: REMIND, webhook: { url: URL_OK } }),
      }),
    );
    const { execution_id: id } = (await started.json()) as Body;
    await settled(id, "delivered");
    expect(receiver.of(id)[0]?.headers.get("traceparent")).toBe(traceparent);
  });

  test("is told the end: signed in both forms, with the headers that were asked for", async () => {
    const { execution_id: id, ...body } = await startWith(
      { url: URL_OK, secret: SECRET, headers: { "X-Team": "blue" } },
      { context: { order: 7 } },
    );
    expect(body).toMatchObject({ status: "succeeded", webhook_registered: true });
    await settled(id, "delivered");
    const [sent] = receiver.of(id);
    if (!sent) throw new Error("nothing came");
    expect(sent.url).toBe(URL_OK);
    const headers = Object.fromEntries(sent.headers);
    expect(new Webhook(SECRET).verify(sent.text, headers)).toMatchObject({ execution_id: id });
    expect(new Webhook(SECRET, { format: "raw" }).verify(sent.text, headers)).toMatchObject({ execution_id: id });
    expect(() => new Webhook(`whsec_${btoa("another")}`).verify(sent.text, headers)).toThrow();
    const hex = createHmac("sha256", SECRET).update(sent.text).digest("hex");
    expect(headers).toMatchObject({
      "x-agentfield-signature": `sha256=${hex}`,
      "x-team": "blue",
      "content-type": "application/json",
    });
    expect(sent.body).toMatchObject({
      event: "execution.completed",
      execution_id: id,
      workflow_id: body.run_id,
      agent_node_id: "clock",
      reasoner_id: "remind",
      target: "clock.remind",
      type: "skill",
      status: "succeeded",
      result: { message: "hi" },
      context: { order: 7 },
      retry_count: 0,
    });
    expect(sent.body).not.toHaveProperty("error_message");
  });

  test("is told of an end that is no success, and of waits where that was asked for", async () => {
    const { execution_id: id } = await startWith(
      { url: URL_OK, events: ["waiting"] },
      { target: "approvals.demo", input: { claim: "c", amount: 1 } },
    );
    await eventually(() => expect(receiver.of(id)).toHaveLength(1));
    await call("POST", `/api/v1/executions/${id}/cancel`, { reason: "no more" });
    await eventually(() => expect(receiver.of(id)).toHaveLength(2));
    const [waiting, end] = receiver.of(id);
    expect(waiting?.body).toMatchObject({ event: "execution.waiting", status: "waiting" });
    expect(end?.body).toMatchObject({
      event: "execution.failed",
      status: "cancelled",
      error_message: expect.stringContaining("no more"),
    });
    expect(waiting?.headers.get("webhook-signature")).toBeNull();
    expect(waiting?.headers.get("webhook-id")).not.toBe(end?.headers.get("webhook-id"));
  });

  test("is in the reads: attempts, deliveries, no secret anywhere", async () => {
    const { execution_id: id } = await startWith({ url: URL_OK, secret: "hush-hush", headers: { "x-key": "mum-mum" } });
    await settled(id, "delivered");
    expect(await webhooks(id)).toMatchObject({
      address: "https://hooks.example.com/errand?…",
      signed: true,
      header_names: ["x-key"],
      events: ["execution.completed", "execution.failed"],
      deliveries: [{ event: "execution.completed", status: "delivered", attempts: 1 }],
      attempts: [{ status: "delivered", http_status: 200, attempt: 1 }],
      total_deliveries: 1,
      failed_deliveries: 0,
    });
    expect(await read(id)).toMatchObject({ webhook_events: [{ event_type: "execution.completed", http_status: 200 }] });
    for (const path of ["", "/events?limit=1000", "/log", "/webhooks", "/effects"]) {
      const { body } = await call("GET", `/api/v1/executions/${id}${path}`);
      expect(JSON.stringify(body)).not.toMatch(/hush-hush|mum-mum|token=abc/);
    }
  });

  test("that fails is tried again, at once when a person wants it", async () => {
    receiver.answers = () => new Response("no", { status: 503 });
    const { execution_id: id } = await startWith({ url: URL_OK });
    await settled(id, "pending");
    await eventually(() => expect(receiver.of(id)).toHaveLength(1));
    expect(await webhooks(id)).toMatchObject({
      deliveries: [{ status: "pending", attempts: 1 }],
      failed_deliveries: 0,
    });
    receiver.answers = () => new Response("fine");
    const retried = await call("POST", `/api/v1/executions/${id}/webhooks/retry`, {});
    expect(retried).toMatchObject({ status: 202, body: { event: "execution.completed", status: "pending" } });
    await settled(id, "delivered");
    expect(receiver.of(id).map(({ body }) => body.retry_count)).toEqual([0, 1]);
    const ids = receiver.of(id).map(({ headers }) => headers.get("webhook-id"));
    expect(new Set(ids).size).toBe(1);
    const again = await call("POST", `/api/ui/v1/executions/${id}/webhook/retry`, {});
    expect(again.status).toBe(202);
    await eventually(() => expect(receiver.of(id)).toHaveLength(3));
  });

  test("that does not answer holds nobody up", async () => {
    receiver.answers = () => new Promise(() => {});
    const { execution_id: id, status } = await startWith({ url: URL_OK });
    expect(status).toBe("succeeded");
    await eventually(async () => {
      const { body } = await call("GET", "/api/v1/executions?limit=200");
      expect(JSON.stringify(body)).toContain(id);
    });
    const { status: restarted } = await call("POST", `/api/v1/executions/${id}/restart`, {});
    expect(restarted).toBe(202);
  });

  test("of an asynchronous start and of a restart is registered as well", async () => {
    const started = await call("POST", "/api/v1/execute/async/clock.remind", {
      input: { message: "m", seconds: 0 },
      webhook: { url: URL_OK },
    });
    expect(started).toMatchObject({ status: 202, body: { webhook_registered: true } });
    const id = started.body.execution_id;
    await until("plain", id, hasEnded);
    await settled(id, "delivered");
    const again = await call("POST", `/api/v1/executions/${id}/restart`, { webhook: { url: URL_OK } });
    expect(again.body).toMatchObject({ webhook_registered: true });
    await settled(again.body.execution_id, "delivered");
    const silent = await call("POST", `/api/v1/executions/${id}/restart`, {});
    expect(silent.body).toMatchObject({ webhook_registered: false });
    await until("plain", silent.body.execution_id, hasEnded);
    expect(receiver.of(silent.body.execution_id)).toEqual([]);
  });

  test("of a form is registered", async () => {
    const form = new FormData();
    form.set("input", JSON.stringify({ message: "m", seconds: 0 }));
    form.set("webhook", JSON.stringify({ url: URL_OK }));
    const request = new Request("http://localhost/api/v1/execute/clock.remind", { method: "POST", body: form });
    const body = (await (await exports.default.fetch(request)).json()) as Body;
    expect(body).toMatchObject({ webhook_registered: true });
    await settled(body.execution_id, "delivered");
  });
});

describe("a webhook that is not registered does not stop the start, and the answer says why", () => {
  const refused: [string, unknown, string][] = [
    ["a text", "https://h.example.com/", "webhook: must be an object"],
    ["without an address", {}, "webhook.url: is missing"],
    ["an address of another kind", { url: "ftp://h.example.com/" }, "webhook.url: must be an absolute http"],
    ["a user and a password", { url: "https://a:b@h.example.com/" }, "webhook.url: must hold no user name"],
    ["a secret that is too long", { url: URL_OK, secret: "x".repeat(4_097) }, "webhook.secret: must have at most 4096"],
    ["a secret that is no base64", { url: URL_OK, secret: "whsec_?" }, "webhook.secret: must be base64"],
    ["an event that there is not", { url: URL_OK, events: ["execution.paused"] }, "webhook.events.0: must be one of"],
    ["a header of the platform's", { url: URL_OK, headers: { Host: "x" } }, "webhook.headers.Host: is a header that"],
    [
      "a header over two lines",
      { url: URL_OK, headers: { "x-a": "b\r\nc: d" } },
      "webhook.headers.x-a: must be visible",
    ],
    [
      "a header that is too long",
      { url: URL_OK, headers: { "x-a": "b".repeat(513) } },
      "webhook.headers.x-a: must have",
    ],
    [
      "too many headers",
      { url: URL_OK, headers: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`x-${n}`, "v"])) },
      "webhook.headers: must be at most 20",
    ],
  ];
  test.each(refused)("%s", async (_name, webhook, says) => {
    const body = await startWith(webhook);
    expect(body).toMatchObject({ status: "succeeded", webhook_registered: false });
    expect(body.webhook_error).toContain(says);
    expect(await read(body.execution_id)).toMatchObject({ webhook_error: body.webhook_error });
    const async_ = await call("POST", "/api/v1/execute/async/clock.remind", {
      input: { message: "m", seconds: 0 },
      webhook,
    });
    expect(async_.body).toMatchObject({ webhook_registered: false, webhook_error: body.webhook_error });
    expect(await webhooks(body.execution_id)).toMatchObject({ webhook_registered: false, deliveries: [] });
    // What other tests left behind may still come.
    expect(receiver.of(body.execution_id)).toEqual([]);
  });
});

describe("a deployment with keys", () => {
  const input = { message: "m", seconds: 0 };
  const start = async (key: string, webhook: unknown, headers = {}) =>
    (await server.call("POST", "/api/v1/execute/clock.remind", { key, body: { input, webhook }, headers })).body;

  test("reaches public hosts, and others only where an operator allows them", async () => {
    const local = { url: "http://127.0.0.1:8080/hook" };
    expect(await start(ROOT_KEY, local)).toMatchObject({
      webhook_registered: false,
      webhook_error: expect.stringContaining("webhook.url: names 127.0.0.1, which is no public address"),
    });
    const allowing = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY, ERRAND_ALLOWED_HOSTS: "127.0.0.1" });
    const { body } = await allowing.call("POST", "/api/v1/execute/clock.remind", {
      key: ROOT_KEY,
      body: { input, webhook: local },
    });
    expect(body).toMatchObject({ webhook_registered: true });
  });

  test("carries nothing past a mask, and nothing of an owner's to another subject", async () => {
    const { key: masked } = await server.newKey({ subject: "viewer", scopes: ["execute", "read"], masked: true });
    expect(await start(masked, { url: URL_OK })).toMatchObject({
      webhook_registered: false,
      webhook_error: expect.stringContaining("masked form"),
    });
    const { key: ann } = await server.newKey({ subject: "ann", scopes: ["execute", "read"] });
    const mine = await start(ann, undefined);
    const { body } = await server.call("POST", `/api/v1/executions/${mine.execution_id}/restart`, {
      key: ROOT_KEY,
      body: { webhook: { url: URL_OK } },
    });
    expect(body).toMatchObject({ webhook_registered: false, webhook_error: expect.stringContaining("ann") });
  });

  test("takes a start with a webhook again for the same, and one with another webhook for another", async () => {
    const headers = { "idempotency-key": crypto.randomUUID() };
    const first = await start(ROOT_KEY, { url: URL_OK, secret: "a" }, headers);
    const second = await start(ROOT_KEY, { url: URL_OK, secret: "a" }, headers);
    expect(second).toMatchObject({ execution_id: first.execution_id, webhook_registered: true });
    expect(await start(ROOT_KEY, { url: "https://other.example.com/" }, headers)).toMatchObject({
      code: "idempotency_mismatch",
    });
  });
});

describe("the agent that asks for an approval", () => {
  test("is called back with the decision, until it says that it heard", async () => {
    let isReady = false;
    receiver.answers = () => Response.json({ status: "received", resolved: isReady });
    const { body } = await call("POST", "/api/v1/execute/async/clock.remind", {
      input: { message: "m", seconds: 600 },
    });
    const id = body.execution_id;
    const asked = {
      approval_request_id: `claim-${crypto.randomUUID()}`,
      callback_url: "http://localhost:8001/webhooks/approval",
    };
    expect((await call("POST", `/api/v1/executions/${id}/request-approval`, asked)).status).toBe(200);
    await call("POST", `/api/v1/executions/${id}/approval-response`, {
      decision: "approved",
      feedback: "fine",
      response: { amount: 3 },
    });
    await eventually(() => expect(receiver.of(id)).toHaveLength(1));
    isReady = true;
    await eventually(async () => {
      const { body: page } = await call("GET", `/api/v1/executions/${id}/events?type=callback.delivered`);
      expect(page.items).toMatchObject([
        { data: { gate_id: asked.approval_request_id, attempt: 2, http_status: 200 } },
      ]);
    });
    expect(receiver.of(id).map(({ body: told }) => told)).toEqual(
      Array.from({ length: 2 }, () => ({
        execution_id: id,
        approval_request_id: asked.approval_request_id,
        decision: "approved",
        new_status: "running",
        feedback: "fine",
        response: '{"amount":3}',
      })),
    );
    await call("POST", `/api/v1/executions/${id}/cancel`, {});
  });

  test("names an address that is reached", async () => {
    const id = await server.start(ROOT_KEY, "clock.remind", { message: "m", seconds: 600 });
    const refused = await server.call("POST", `/api/v1/executions/${id}/request-approval`, {
      key: ROOT_KEY,
      body: { approval_request_id: `claim-${crypto.randomUUID()}`, callback_url: "http://10.0.0.7/webhooks/approval" },
    });
    expect(refused).toMatchObject({ status: 400, body: { code: "invalid_callback_url" } });
    expect(refused.body.detail).toContain("callback_url: names 10.0.0.7");
  });
});
