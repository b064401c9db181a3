/** Executions of functions that run on a node: pushed with the wire's headers, reported by callback, through deaths on both sides. */
import { mkdtemp, rm } from "node:fs/promises";
import type { Server as HttpServer, IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { FakeNode } from "../support/nodes/fake-node.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

interface Call {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

let server: Server;
let stateDir: string;
let node: FakeNode;
let agent: HttpServer;
const calls: Call[] = [];
/** Executions whose end is reported when the test says so. */
const held = new Map<string, () => Promise<void>>();
let holds = false;

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? "";
  if (request.method === "GET") {
    const answer = node.serve(`${node.baseUrl}${path}`);
    response.writeHead(answer?.status ?? 404, { "content-type": "application/json" });
    return void response.end((await answer?.text()) ?? "");
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
  calls.push({ path, headers: request.headers, body });
  const json = (status: number, value: unknown) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
  if (path.startsWith("/skills/")) return json(200, { ...(body as object), __agentfield_usage__: { total_tokens: 7 } });
  const id = String(request.headers["x-execution-id"]);
  json(202, { status: "processing", execution_id: id });
  const report = () => reported(id, { status: "completed", result: ["heard", body], duration_ms: 1 });
  if (holds) held.set(id, report);
  else await report();
}

/** As the SDKs do: up to five times, on any answer that is no success. */
async function reported(id: string, body: object): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const answer = await send("POST", `/api/v1/executions/${id}/status`, body).catch(() => undefined);
    if (answer && answer.status < 300) return;
    await new Promise((resolve) => setTimeout(resolve, 1_000 * 2 ** attempt));
  }
}

const send = async (method: string, path: string, body?: unknown) => {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const answer = await fetch(`${server.url}${path}`, init);
  return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
};
/** A start that carries a trace. */
const traced = async (fn: string, input: object, traceparent: string) => {
  const init = { method: "POST", body: JSON.stringify({ input }), headers: { traceparent } };
  const answer = await fetch(`${server.url}/api/v1/execute/Worker.${fn}`, init);
  return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
};
const execution = async (id: string) => (await send("GET", `/api/v1/executions/${id}?wait=0`)).body;
const listen = (port: number) =>
  new Promise<void>((resolve) => {
    agent = createServer((request, response) => void serve(request, response));
    agent.listen(port, "127.0.0.1", resolve);
  });
const close = () =>
  new Promise<void>((resolve) => {
    agent.close(() => resolve());
    agent.closeAllConnections();
  });

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-dispatch-"));
  await listen(0);
  node = new FakeNode({ id: "Worker", baseUrl: `http://127.0.0.1:${(agent.address() as AddressInfo).port}` });
  server = await startServer({ stateDir });
  expect((await send("POST", "/api/v1/nodes/register", node.registration)).status).toBe(201);
  expect((await send("POST", "/api/v1/nodes/Worker/heartbeat", { status: "ready" })).status).toBe(200);
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await close();
  await rm(stateDir, { recursive: true, force: true });
});

test("a call is pushed with the headers of the wire, and answered when the node reports", async () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const done = await traced("analyze", { message: "hello" }, traceparent);
  expect(done).toMatchObject({ status: 200, body: { status: "succeeded", result: ["heard", { message: "hello" }] } });
  const [call] = calls;
  expect(call).toMatchObject({ path: "/reasoners/analyze", body: { message: "hello" } });
  const { execution_id, run_id } = done.body;
  expect(call?.headers.traceparent).toBe(traceparent);
  expect(call?.headers).toMatchObject({ "x-execution-id": execution_id, "x-run-id": run_id, "x-workflow-id": run_id });
  // Whatever a node says after the end changes nothing, and is no reason to say it again.
  const late = await send("POST", `/api/v1/executions/${execution_id}/status`, { status: "failed", error: "late" });
  expect(late).toMatchObject({ status: 200, body: { status: "succeeded", applied: false } });
});

test("a skill answers with its result, without what it says of its cost; a trace that is malformed is no trace", async () => {
  const done = await traced("format", { message: "x" }, "00-1-2-3");
  expect(calls.at(-1)?.headers).not.toHaveProperty("traceparent");
  expect(done).toMatchObject({ status: 200, body: { status: "succeeded", result: { message: "x" } } });
});

test("a report that comes after the runtime died ends the execution, and the node was called once", async () => {
  holds = true;
  const { body } = await send("POST", "/api/v1/execute/async/Worker.analyze", { input: { message: "held" } });
  const id = String(body.execution_id);
  await eventually(() => expect(held.has(id)).toBe(true));
  await server.restart();
  expect(await execution(id)).toMatchObject({ status: "running" });
  // What it called asks a person, and goes on: told up the chain, once each.
  const awaits = (status: string) => send("POST", `/api/v1/agents/Worker/executions/${id}/awaiter-status`, { status });
  expect(await awaits("waiting")).toMatchObject({ status: 200, body: { status: "waiting", applied: true } });
  expect(await execution(id)).toMatchObject({ status: "waiting", status_reason: "awaiting_child" });
  expect(await awaits("waiting")).toMatchObject({ status: 200, body: { applied: false } });
  expect(await awaits("running")).toMatchObject({ status: 200, body: { status: "running", applied: true } });
  expect((await awaits("succeeded")).status).toBe(400);
  holds = false;
  await held.get(id)?.();
  await eventually(async () => expect(await execution(id)).toMatchObject({ status: "succeeded" }));
  expect(await awaits("waiting")).toMatchObject({ status: 200, body: { status: "succeeded", applied: false } });
  expect(calls.filter(({ headers }) => headers["x-execution-id"] === id)).toHaveLength(1);
});

test("what was asked while the node was down is done when it is up, none of it twice", async () => {
  const { port } = agent.address() as AddressInfo;
  await close();
  const asked = await Promise.all(
    Array.from({ length: 200 }, (_, at) =>
      send("POST", "/api/v1/execute/async/Worker.analyze", { input: { message: `${at}` } }),
    ),
  );
  const ids = asked.map(({ body }) => String(body.execution_id));
  await listen(port);
  const succeeded = async () => {
    const { body } = await send("POST", "/api/v1/executions/batch-status", { execution_ids: ids });
    return ids.filter((id) => (body[id] as { status?: string } | undefined)?.status === "succeeded").length;
  };
  await eventually(async () => expect(await succeeded()).toBe(200));
  const counts = ids.map((id) => calls.filter(({ headers }) => headers["x-execution-id"] === id).length);
  expect(new Set(counts)).toEqual(new Set([1]));
}, 180_000);
