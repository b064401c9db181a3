/**
 * A parent on one node that calls another node twice at once, where each asks a person: with nothing in its way, with a SIGKILL of the
 * runtime at five points, and with a new process of each node. Nodes behave as the SDKs do (`support/nodes/served-node.ts`).
 */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import type { Server as HttpServer } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ServedNode } from "../support/nodes/served-node.ts";
import { apiOf } from "../support/processes/api.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

let server: Server;
let stateDir: string;
const nodes: ServedNode[] = [];
const api = () => apiOf(server.url);

/** Where work stops until the test lets it go on. */
class Gate {
  #open = () => {};
  #passed = Promise.resolve();
  waiting = 0;

  shut(): void {
    this.#passed = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }

  async pass(): Promise<void> {
    this.waiting += 1;
    await this.#passed;
  }
}

interface Family {
  readonly a: ServedNode;
  readonly b: ServedNode;
  /** Before the parent calls; before each child asks; after the parent has both answers. */
  readonly begins: Gate;
  readonly asks: Gate;
  readonly ends: Gate;
}

type Sdk = "typescript" | "python";

/** Nodes `A…` and `B…`, each with names of its own: no test meets another one's. */
async function family(sdk: Sdk, more: Readonly<Record<string, unknown>> = {}): Promise<Family> {
  const name = randomUUID().slice(0, 8);
  const [begins, asks, ends] = [new Gate(), new Gate(), new Gate()];
  const b = await ServedNode.start({
    ...{ id: `B${name}`, sdk, instanceId: "b-1", server: () => server.url, pace: 0.2 },
    more: { reasoners: [{ id: "review", tags: ["idempotent"] }] },
    functions: {
      review: async ({ input, pause }) => {
        await asks.pass();
        const { decision } = await pause(randomUUID());
        return { n: input.n, decision };
      },
    },
  });
  const a = await ServedNode.start({
    ...{ id: `A${name}`, sdk, instanceId: "a-1", server: () => server.url, pace: 0.2, more },
    functions: {
      parent: async ({ call }) => {
        await begins.pass();
        const both = await Promise.all([1, 2].map((n) => call(`B${name}.review`, { n })));
        await ends.pass();
        return { both };
      },
    },
  });
  nodes.push(a, b);
  return { a, b, begins, asks, ends };
}

const startParent = async ({ a }: Family) => (await api().start(`${a.registration.id}.parent`, {})).execution_id;
const look = async (id: string) => (await api().call("GET", `/api/v1/executions/${id}?wait=0`)).body;

/** The two children, once both wait for a person. */
async function bothWait(id: string): Promise<string[]> {
  const { run_id } = await look(id);
  return eventually(async () => {
    const { body } = await api().call("GET", `/api/v1/executions?run_id=${run_id}&status=waiting`);
    const waiting = (body.items as { execution_id: string; parent_execution_id: string | null }[]).filter(
      ({ parent_execution_id }) => parent_execution_id === id,
    );
    expect(waiting).toHaveLength(2);
    return waiting.map(({ execution_id }) => execution_id);
  });
}

async function approve(id: string): Promise<void> {
  const { status } = await api().call("POST", `/api/v1/executions/${id}/approval-response`, { decision: "approved" });
  expect(status).toBe(200);
}

async function succeeds(id: string, { a, b }: Family, calls = 2): Promise<void> {
  const both = [1, 2].map((n) => ({ n, decision: "approved" }));
  await eventually(async () => expect(await look(id)).toMatchObject({ status: "succeeded", result: { both } }));
  expect(a.calls).toHaveLength(1);
  expect(b.calls).toHaveLength(calls);
  const { body } = await api().call("GET", `/api/v1/runs/${(await look(id)).run_id}/dag`);
  expect(body).toMatchObject({ total_nodes: 3, max_depth: 1, workflow_status: "succeeded" });
}

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-nested-"));
  server = await startServer({ stateDir, env: { AGENTFIELD_AGENT_DRAIN_GRACE: "500ms" } });
});

afterEach(async () => {
  for (const node of nodes.splice(0)) await node.down();
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

describe("with nothing in its way", () => {
  test.each<Sdk>(["typescript", "python"])("all succeed, each once: nodes of %s", async (sdk) => {
    const made = await family(sdk);
    const id = await startParent(made);
    for (const child of await bothWait(id)) await approve(child);
    await succeeds(id, made);
  });

  test("the time of the parent stands still while a person is awaited beneath", async () => {
    const dispatchSeconds = 12;
    const made = await family("python", { dispatch_timeout: dispatchSeconds });
    const began = Date.now();
    const id = await startParent(made);
    const children = await bothWait(id);
    await eventually(async () => expect(await look(id)).toMatchObject({ status: "waiting" }));
    await eventually(() => expect(Date.now() - began).toBeGreaterThan(1_250 * dispatchSeconds));
    expect(await look(id)).toMatchObject({ status: "waiting" });
    for (const child of children) await approve(child);
    await succeeds(id, made);
  });
});

describe("a SIGKILL of the runtime", () => {
  test("before the parent has called anybody", async () => {
    const made = await family("python");
    made.begins.shut();
    const id = await startParent(made);
    await eventually(() => expect(made.begins.waiting).toBe(1));
    await server.restart();
    made.begins.open();
    for (const child of await bothWait(id)) await approve(child);
    await succeeds(id, made);
  });

  test("after both children were called, before they ask", async () => {
    const made = await family("python");
    made.asks.shut();
    const id = await startParent(made);
    await eventually(() => expect(made.asks.waiting).toBe(2));
    await server.restart();
    made.asks.open();
    for (const child of await bothWait(id)) await approve(child);
    await succeeds(id, made);
  });

  test("while both wait for a person", async () => {
    const made = await family("typescript");
    const id = await startParent(made);
    const children = await bothWait(id);
    await server.restart();
    for (const child of children) await approve(child);
    await succeeds(id, made);
  });

  test("right after the first decision: its node hears of it all the same", async () => {
    const made = await family("typescript");
    const id = await startParent(made);
    const [first = "", second = ""] = await bothWait(id);
    await approve(first);
    await server.restart();
    await approve(second);
    await succeeds(id, made);
  });

  test("after both children have ended, before the parent reports", async () => {
    const made = await family("python");
    made.ends.shut();
    const id = await startParent(made);
    for (const child of await bothWait(id)) await approve(child);
    await eventually(() => expect(made.ends.waiting).toBe(1));
    await server.restart();
    made.ends.open();
    await succeeds(id, made);
  });
});

describe("a new process", () => {
  test("of the children's node is called again for what may be repeated", async () => {
    const made = await family("python");
    made.asks.shut();
    const id = await startParent(made);
    await eventually(() => expect(made.asks.waiting).toBe(2));
    await made.b.down();
    await made.b.up("b-2");
    await eventually(() => expect(made.asks.waiting).toBe(4));
    made.asks.open();
    for (const child of await bothWait(id)) await approve(child);
    await succeeds(id, made, 4);
  });

  test("of the parent's node means that its call is lost, and said so; its children go on", async () => {
    const made = await family("python");
    const id = await startParent(made);
    const children = await bothWait(id);
    await made.a.down();
    await made.a.up("a-2");
    await eventually(async () =>
      expect(await look(id)).toMatchObject({ status: "failed", failure_code: "agent_restart_orphaned" }),
    );
    for (const child of children) {
      await approve(child);
      await eventually(async () => expect(await look(child)).toMatchObject({ status: "succeeded" }));
    }
    expect(made.a.calls).toHaveLength(1);
  });

  test("after one that took a call for milliseconds: the index has not heard of it, and it is lost at once", async () => {
    const name = `brief-${randomUUID().slice(0, 8)}`;
    let taken = () => {};
    const tookIt = new Promise<void>((resolve) => {
      taken = resolve;
    });
    const node = await ServedNode.start({
      ...{ id: name, sdk: "python", instanceId: "i-1", server: () => server.url, pace: 0.2 },
      functions: {
        work: () => {
          taken();
          return new Promise(() => {});
        },
      },
    });
    nodes.push(node);
    const { execution_id } = await api().start(`${name}.work`, {});
    await tookIt;
    await node.down();
    await node.up("i-2");
    await eventually(async () =>
      expect(await look(execution_id)).toMatchObject({ failure_code: "agent_restart_orphaned" }),
    );
  });

  test("beside another version's takes nothing from it", async () => {
    const name = `versions-${randomUUID().slice(0, 8)}`;
    const gate = new Gate();
    gate.shut();
    const version = (of: string) =>
      ServedNode.start({
        ...{ id: name, version: of, sdk: "python", instanceId: `of ${of}`, server: () => server.url, pace: 0.2 },
        functions: { work: () => gate.pass().then(() => ({ by: of })) },
      });
    nodes.push(await version("1"));
    const { execution_id } = await api().start(`${name}.work`, {});
    await eventually(() => expect(gate.waiting).toBe(1));
    nodes.push(await version("2"));
    // Longer than the grace, and a registration more: an older version's call is open all the same.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await look(execution_id)).toMatchObject({ status: "running" });
    gate.open();
    await eventually(async () =>
      expect(await look(execution_id)).toMatchObject({ status: "succeeded", result: { by: "1" } }),
    );
  });
});

test("a node that dies between the look and the call is not called twice: a new process of it says what becomes of the call", async () => {
  const name = `between-${randomUUID().slice(0, 8)}`;
  const posts: string[] = [];
  const listen = (port: number, isDying: boolean) =>
    new Promise<HttpServer>((resolve) => {
      const made = createServer((request, response) => {
        if (request.method === "POST") posts.push(String(request.headers["x-execution-id"]));
        response.writeHead(request.method === "POST" ? 202 : 200, { "content-type": "application/json" });
        response.end(JSON.stringify({ node_id: name, status: "processing" }));
      });
      // The look is a connection; after it nothing listens.
      if (isDying) made.once("connection", () => void made.close());
      made.listen(port, "127.0.0.1", () => resolve(made));
    });
  const register = async (port: number, instance_id: string) => {
    const reasoners = [{ id: "once" }, { id: "again", tags: ["idempotent"] }];
    const body = { id: name, base_url: `http://127.0.0.1:${port}`, instance_id, reasoners, lifecycle_status: "ready" };
    expect((await api().call("POST", "/api/v1/nodes/register", body)).status).toBe(201);
  };
  for (const [fn, end] of [
    ["once", { status: "failed", failure_code: "agent_restart_orphaned" }],
    ["again", { status: "running" }],
  ] as const) {
    posts.splice(0);
    const dying = await listen(0, true);
    const { port } = dying.address() as AddressInfo;
    await register(port, `${fn}-1`);
    const id = (await api().start(`${name}.${fn}`, {})).execution_id;
    await eventually(async () => {
      const events = await api().events(id);
      expect(events.map(({ type }) => type)).toContain("external.sending");
    });
    await eventually(() => expect(dying.listening).toBe(false));
    const living = await listen(port, false);
    expect(await look(id)).toMatchObject({ status: "running", status_reason: "awaiting_node" });
    expect(posts).toEqual([]);
    await register(port, `${fn}-2`);
    await eventually(async () => {
      expect(await look(id)).toMatchObject(end);
      expect(posts).toEqual(fn === "again" ? [id] : []);
    });
    await api().call("POST", `/api/v1/executions/${id}/cancel`, {});
    living.closeAllConnections();
    await new Promise((resolve) => living.close(resolve));
  }
});
