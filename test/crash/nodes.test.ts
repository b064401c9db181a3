/** Nodes and a death of the runtime: what was registered is known, and the next heartbeat is heard without a new registration. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Send } from "../support/nodes/fake-node.ts";
import { FakeNode } from "../support/nodes/fake-node.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

let server: Server;
let stateDir: string;
let node: FakeNode;
const agent = createServer((request, response) => {
  const answer = node.serve(`${node.baseUrl}${request.url}`);
  response.writeHead(answer?.status ?? 404, { "content-type": "application/json" });
  void (answer?.text() ?? Promise.resolve("")).then((text) => response.end(text));
});

const send: Send = async (method, path, body) => {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const answer = await fetch(`${server.url}${path}`, init);
  return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
};
const shown = async () => (await send("GET", `/api/v1/nodes/${node.id}`)).body;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-nodes-"));
  await new Promise<void>((resolve) => agent.listen(0, "127.0.0.1", resolve));
  node = new FakeNode({ id: "worker", baseUrl: `http://127.0.0.1:${(agent.address() as AddressInfo).port}` });
  server = await startServer({ stateDir });
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  agent.close();
  await rm(stateDir, { recursive: true, force: true });
});

test("a node that registered before the runtime died is known after it, and its heartbeats are heard", async () => {
  const registered = await send("POST", "/api/v1/nodes/register", node.registration);
  expect(registered.status).toBe(201);
  // Between the registration and the first heartbeat.
  await server.restart();
  expect(await shown()).toMatchObject({ id: "worker", base_url: node.baseUrl, health_status: "active" });
  expect((await node.beat(send, "starting")).status).toBe(200);
  expect((await node.beat(send, "ready")).status).toBe(200);
  expect(await shown()).toMatchObject({ lifecycle_status: "ready", health_status: "active" });
  expect((await node.shutdown(send)).status).toBe(202);
  await server.restart();
  expect(await shown()).toMatchObject({ health_status: "inactive", lifecycle_status: "offline" });
  expect((await node.beat(send)).status).toBe(200);
  expect(await shown()).toMatchObject({ health_status: "active", lifecycle_status: "ready" });
});

test("a serverless node is read from its own address, by the real way out", async () => {
  node = new FakeNode({ id: "lambda", baseUrl: node.baseUrl });
  const registered = await send("POST", "/api/v1/nodes/register-serverless", { invocation_url: node.baseUrl });
  expect(registered).toMatchObject({ status: 201, body: { node: { reasoners_count: 1, skills_count: 1 } } });
});
