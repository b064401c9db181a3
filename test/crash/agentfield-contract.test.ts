/**
 * The contract of AgentField, row by row, against a node that behaves as the SDKs for TypeScript and Python do. Each title names its
 * section of what the SDKs and the server really say; rows about webhooks, streams and memory have files of their own (`webhook-deliveries`,
 * `agentfield-streams`, `memory`).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ServedNode } from "../support/nodes/served-node.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

type Sdk = "typescript" | "python";
type Body = Readonly<Record<string, unknown>>;

let server: Server;
let stateDir: string;
const nodes = new Map<Sdk, ServedNode>();
/** Where `flaky` comes to its end. */
const mended = new Set<Sdk>();
/** Calls of `hold`, which report when a test says so. */
const held = new Map<string, (value: unknown) => void>();

async function start(sdk: Sdk): Promise<ServedNode> {
  const id = `${sdk}-agent`;
  return ServedNode.start({
    ...{ id, sdk, server: () => server.url, pace: 0.1, instanceId: "1" },
    functions: {
      echo: ({ input }) => input,
      list: () => ["a", "b"],
      fails: () => Promise.reject(new Error("no luck")),
      hold: ({ executionId }) => new Promise((end) => void held.set(executionId, end)),
      costs: () => ({ answer: 1, __agentfield_usage__: { total_tokens: 12, cost_usd: 0.5 } }),
      chain: async ({ call, input }) => ({ below: await call(`${id}.echo`, input) }),
      breaks: ({ call }) => call(`${id}.fails`, {}),
      flaky: async ({ call, input }) => {
        const below = await call(`${id}.echo`, { n: input.n ?? 1 });
        if (!mended.has(sdk)) throw new Error("not yet");
        return { below };
      },
      asks: async ({ pause, executionId }) => ({ said: await pause(`ask-${executionId}`) }),
      asksBelow: async ({ call }) => ({ below: await call(`${id}.asks`, {}) }),
    },
  });
}

async function send(what: string, body?: unknown, headers: Record<string, string> = {}) {
  const [method = "", path = ""] = what.split(" ");
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const answer = await fetch(`${server.url}${path}`, init);
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: (text === "" ? {} : JSON.parse(text)) as Body };
}
const look = async (id: string) => (await send(`GET /api/v1/executions/${id}?wait=0`)).body;
const begin = async (target: string, input: object = {}) =>
  String((await send(`POST /api/v1/execute/async/${target}`, { input })).body.execution_id);
const report = (id: string, body: object) => send(`POST /api/v1/executions/${id}/status`, body);
const until = (id: string, expected: object) => eventually(async () => expect(await look(id)).toMatchObject(expected));

/** Its call has reached the node, which holds it. */
async function holding(sdk: Sdk): Promise<string> {
  const id = await begin(`${sdk}-agent.hold`);
  await eventually(() => expect(held.has(id)).toBe(true));
  return id;
}

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-contract-"));
  server = await startServer({ stateDir, env: { ERRAND_WEBHOOK_SECRET: "s".repeat(32) } });
  for (const sdk of ["typescript", "python"] as const) nodes.set(sdk, await start(sdk));
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  for (const node of nodes.values()) await node.down();
  await rm(stateDir, { recursive: true, force: true });
});

describe("1: health and errors", () => {
  test.each(["/health", "/api/v1/health"])("GET %s", async (path) => {
    const { status, body } = await send(`GET ${path}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: "healthy", timestamp: expect.any(String), version: expect.any(String) });
    expect(body).toHaveProperty("checks");
  });
  test.each(["/readyz", "/api/v1/health/ready", "/metrics"])("GET %s is there", async (path) => {
    expect((await fetch(`${server.url}${path}`)).status).toBe(200);
  });
  test("an unknown path, and what is decorative, is 404 as JSON", async () => {
    for (const path of ["/api/v1/nothing/here", "/api/v1/did/register"])
      expect(await send(`POST ${path}`, {})).toMatchObject({ status: 404, body: { error: expect.any(String) } });
  });
});

describe.each<Sdk>(["typescript", "python"])("%s", (sdk) => {
  const id = `${sdk}-agent`;
  const node = () => nodes.get(sdk) as ServedNode;

  describe("2: nodes", () => {
    test("both paths of a registration answer 201 with the address unchanged", async () => {
      for (const path of ["/api/v1/nodes/register", "/api/v1/nodes"])
        expect(await send(`POST ${path}`, node().registration)).toMatchObject({
          status: 201,
          body: { success: true, node_id: id, resolved_base_url: node().registration.base_url, callback_discovery: {} },
        });
    });
    test("a heartbeat is 2xx with a body and without; of an unknown node 404", async () => {
      const path = (name: string) => `POST /api/v1/nodes/${name}/heartbeat`;
      expect(await send(path(id), { status: "ready", timestamp: new Date().toISOString() })).toMatchObject({
        ...{ status: 200, body: { success: true, message: "heartbeat received", timestamp: expect.any(String) } },
      });
      expect((await send(path(id))).status).toBe(200);
      expect(await send(path("nobody"), {})).toMatchObject({
        status: 404,
        body: { error: expect.stringMatching(/node/) },
      });
    });
    test("a lease says how long it holds; a claim never finds anything", async () => {
      const lease = { lease_seconds: 300, next_lease_renewal: expect.any(String) };
      expect(await send(`PATCH /api/v1/nodes/${id}/status`, { phase: "ready" })).toMatchObject({
        status: 200,
        body: lease,
      });
      expect(await send("POST /api/v1/actions/claim", { node_id: id })).toMatchObject({
        status: 200,
        body: { items: [] },
      });
    });
    test("it is listed, read and found", async () => {
      const { body } = await send("GET /api/v1/nodes");
      expect((body.nodes as Body[]).map((one) => one.id)).toContain(id);
      expect(await send(`GET /api/v1/nodes/${id}`)).toMatchObject({
        status: 200,
        body: { id, health_status: "active" },
      });
      const found = await send(`GET /api/v1/discovery/capabilities?agent=${id}&reasoner=echo`);
      expect(found.body.capabilities).toMatchObject([
        { agent_id: id, reasoners: [{ invocation_target: `${id}.echo` }] },
      ]);
    });
  });

  describe("3: execute", () => {
    test("3.1: a synchronous success", async () => {
      const { status, headers, body } = await send(`POST /api/v1/execute/${id}.echo`, { input: { n: 1 } });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        status: "succeeded",
        duration_ms: expect.any(Number),
        finished_at: expect.any(String),
      });
      expect(body.result).toEqual({ n: 1 });
      expect(headers.get("x-execution-id")).toBe(body.execution_id);
      expect(headers.get("x-run-id")).toBe(body.run_id);
    });
    test("3.1: an asynchronous start", async () => {
      const { status, body } = await send(`POST /api/v1/execute/async/${id}.echo`, { input: {} });
      expect(status).toBe(202);
      expect(body).toMatchObject({
        status: "queued",
        target: `${id}.echo`,
        type: "reasoner",
        webhook_registered: false,
      });
      expect(body.workflow_id).toBe(body.run_id);
      for (const field of ["execution_id", "created_at", "enqueued_at"])
        expect(body[field]).toEqual(expect.any(String));
    });
    test("3.1: a failure carries the words of the node, and is no 2xx: some SDKs read nothing else", async () => {
      const words = { status: "failed", error_message: "no luck", error: "no luck", error_category: "agent_error" };
      for (const path of ["execute", "reasoners"])
        expect(await send(`POST /api/v1/${path}/${id}.fails`, { input: {} })).toMatchObject({
          ...{ status: 502, body: { ...words, execution_id: expect.any(String), run_id: expect.any(String) } },
        });
    });
    test("3.1: a node's own 4xx is passed on", async () => {
      const registration = nodes.get(sdk)?.registration;
      const reasoners = [
        ...((registration?.reasoners as object[] | undefined) ?? []),
        { id: "gone", input_schema: {} },
      ];
      expect((await send("POST /api/v1/nodes/register", { ...registration, reasoners })).status).toBe(201);
      expect(await send(`POST /api/v1/execute/${id}.gone`, { input: {} })).toMatchObject({
        status: 404,
        body: { status: "failed", error: expect.stringMatching(/^agent error \(404\)/), error_category: "agent_error" },
      });
    });
    test("3.1: an unknown agent, an unknown name", async () => {
      for (const [target, words] of [
        ["nobody.here", "agent 'nobody' not found"],
        [`${id}.nothing`, `target 'nothing' not found on agent '${id}'`],
      ])
        expect(await send(`POST /api/v1/execute/async/${target}`, { input: {} })).toMatchObject({
          ...{ status: 400, body: { error: expect.stringContaining(words ?? ""), error_category: "target_not_found" } },
        });
    });
    test("3: X-Run-ID is adopted, X-Workflow-ID where it is missing; `input` may be absent", async () => {
      const run = (headers: Record<string, string>) => send(`POST /api/v1/execute/${id}.echo`, {}, headers);
      expect((await run({ "X-Run-ID": `r-${sdk}`, "X-Workflow-ID": "w" })).body.run_id).toBe(`r-${sdk}`);
      expect((await run({ "X-Workflow-ID": `w-${sdk}` })).body).toMatchObject({ run_id: `w-${sdk}`, result: {} });
    });
    test("3: the older path of a synchronous call", async () => {
      expect(await send(`POST /api/v1/reasoners/${id}.echo`, { input: { n: 2 } })).toMatchObject({
        ...{
          status: 200,
          body: { result: { n: 2 }, node_id: id, duration_ms: expect.any(Number), timestamp: expect.any(String) },
        },
      });
      expect((await send(`POST /api/v1/reasoners/${id}.nothing`, {})).status).toBe(404);
    });
    test("3.2: what reaches the node: the bare input, and the headers", async () => {
      const given = { "X-Session-ID": "s1", "X-Actor-ID": "a1", "X-Parent-Execution-ID": "above" };
      const { body } = await send(
        `POST /api/v1/execute/${id}.echo`,
        { input: { deep: [1] }, context: { secret: 1 } },
        given,
      );
      const call = node().calls.find(({ executionId }) => executionId === body.execution_id);
      expect(call).toMatchObject({ path: "/reasoners/echo", input: { deep: [1] } });
      expect(call?.headers).toMatchObject({
        ...{ "content-type": "application/json", "x-run-id": body.run_id, "x-workflow-id": body.run_id },
        ...{ "x-session-id": "s1", "x-actor-id": "a1", "x-parent-execution-id": "above" },
      });
    });
    test("3.2: what an answer says of its cost is counted and is no part of the result", async () => {
      const { body } = await send(`POST /api/v1/execute/${id}.costs`, { input: {} });
      expect(body).toMatchObject({ result: { answer: 1 }, usage: { cost_usd: 0.5 } });
      expect(body.result).toEqual({ answer: 1 });
    });
    test("3.2: a cancel is forwarded, and the report after it does not override it", async () => {
      const execution = await holding(sdk);
      expect(await send(`POST /api/v1/executions/${execution}/cancel`, { reason: "enough" })).toMatchObject({
        ...{ status: 200, body: { previous_status: "running", status: "cancelled", cancelled_at: expect.any(String) } },
      });
      await eventually(() => expect(node().cancelled).toContain(execution));
      held.get(execution)?.("late");
      await eventually(async () =>
        expect(await report(execution, { status: "failed" })).toMatchObject({
          status: 200,
          body: { status: "cancelled" },
        }),
      );
      expect((await send(`POST /api/v1/executions/${execution}/cancel`, {})).status).toBe(409);
    });
  });

  describe("3: replay", () => {
    const calls = (fn: string, run: string) =>
      node().calls.filter(({ path, headers }) => path.endsWith(`/${fn}`) && headers["x-run-id"] === run);
    /** The list is read from the index, which is fresh within a second. */
    async function childOf(parent: string): Promise<string> {
      let found: string | undefined;
      await eventually(async () => {
        const { body } = await send(`GET /api/v1/executions?parent_execution_id=${parent}`);
        [found] = (body.items as { execution_id: string }[]).map(({ execution_id }) => execution_id);
        expect(found).toBeDefined();
      });
      return found ?? "";
    }
    /** A parent that failed behind its child, and the run that follows it. */
    async function followed(how: object) {
      mended.delete(sdk);
      const source = await begin(`${id}.flaky`, {});
      await until(source, { status: "failed" });
      const run = String((await look(source)).run_id);
      mended.add(sdk);
      const again = await send(`POST /api/v1/executions/${source}/restart`, { fork: true, ...how });
      expect(again).toMatchObject({ status: 202, body: { source_run_id: run } });
      await until(String(again.body.execution_id), { status: "succeeded", result: { below: { n: 1 } } });
      const [child, old] = [await childOf(String(again.body.execution_id)), await childOf(source)];
      return { run, next: String(again.body.run_id), child, old };
    }
    test("a node that is called anew is told of the run before, and what it calls the same is taken over", async () => {
      const { run, next, child, old } = await followed({ reuse: "succeeded-before" });
      expect(calls("flaky", next)[0]?.headers).toMatchObject({
        ...{ "x-agentfield-replay-source-run-id": run, "x-agentfield-replay-mode": "succeeded-before" },
      });
      const read = await send(`GET /api/v1/executions/${child}`);
      expect(read.headers.get("x-agentfield-replay-hit")).toBe(old);
      expect(read.body).toMatchObject({ status: "succeeded", status_reason: `replayed_from_execution:${old}` });
      expect([calls("echo", run).length, calls("echo", next).length]).toEqual([1, 0]);
    });
    test("with none, or with another input, it is done anew", async () => {
      const { next } = await followed({ reuse: "none" });
      expect(calls("echo", next)).toHaveLength(1);
      const other = await followed({ reuse: "succeeded-before", scope: "execution", input: {} });
      const parent = calls("flaky", other.next)[0];
      const headers = Object.fromEntries(
        Object.entries(parent?.headers ?? {}).filter(([name]) => /^x-agentfield-|^x-run-id/.test(name)),
      ) as Record<string, string>;
      const more = { ...headers, "x-parent-execution-id": String(parent?.executionId) };
      const start = `POST /api/v1/execute/async/${id}.echo`;
      const changed = await send(start, { input: { n: 2 } }, more);
      expect(changed.headers.get("x-agentfield-replay-hit")).toBeNull();
      await until(String(changed.body.execution_id), { status: "succeeded", result: { n: 2 } });
    });
    test("headers of no replay of ours start as if they were not there; a mode that is none is refused", async () => {
      const { run } = await followed({ reuse: "all-succeeded" });
      const before = node().calls.length;
      const named = { "x-agentfield-replay-source-run-id": run, "x-agentfield-replay-mode": "all-succeeded" };
      const root = await send(`POST /api/v1/execute/${id}.echo`, { input: { n: 1 } }, named);
      expect([root.status, root.headers.get("x-agentfield-replay-hit")]).toEqual([200, null]);
      expect(node().calls).toHaveLength(before + 1);
      const odd = { ...named, "x-agentfield-replay-mode": "strict" };
      expect(await send(`POST /api/v1/execute/${id}.echo`, { input: { n: 1 } }, odd)).toMatchObject({
        ...{ status: 400, body: { message: expect.stringContaining("x-agentfield-replay-mode") } },
      });
    });
  });

  describe("4: executions", () => {
    test("any JSON is a result: TypeScript wraps it, Python does not", async () => {
      const { body } = await send(`POST /api/v1/execute/${id}.list`, { input: {} });
      expect(body.result).toEqual(sdk === "typescript" ? { result: ["a", "b"] } : ["a", "b"]);
    });
    test.each([
      ["SUCCESS", "succeeded"],
      ["done", "succeeded"],
      ["completed", "succeeded"],
      ["errored", "failed"],
      ["canceled", "cancelled"],
      ["timed_out", "timeout"],
    ])("4.1: the alias %s, once more, and another end after it", async (word, canonical) => {
      const execution = await holding(sdk);
      expect(await report(execution, { status: word, result: {}, error: "e" })).toMatchObject({ status: 200 });
      await until(execution, { status: canonical });
      for (const again of [word, canonical === "failed" ? "succeeded" : "failed"])
        expect(await report(execution, { status: again })).toMatchObject({ status: 200, body: { status: canonical } });
      held.get(execution)?.(null);
    });
    test("4: progress comes as a status; a word that is none is refused", async () => {
      const execution = await holding(sdk);
      expect((await report(execution, { status: "in_progress", progress: 40 })).status).toBe(200);
      expect(await look(execution)).toMatchObject({ status: "running", progress: { percent: 40 } });
      expect((await report(execution, { status: "running", progress: { done: 1 } })).status).toBe(200);
      expect((await report(execution, { status: "thriving" })).status).toBe(400);
      held.get(execution)?.({});
      await until(execution, { status: "succeeded" });
    });
    test.each([
      ['{"status":"succeeded","result":{"score":NaN}}', "the node's report cannot be read: "],
      ['{"status":"succeeded","result":{"text":"\\ud83d"}}', "the node's report cannot be read: "],
      [JSON.stringify({ status: "failed", error: { code: 7 }, status_reason: "r".repeat(3_000) }), '{"code":7}'],
    ])("4: an end that SDKs would only send again is an end: %.60s", async (body, words) => {
      const execution = await holding(sdk);
      const told = await fetch(`${server.url}/api/v1/executions/${execution}/status`, { method: "POST", body });
      expect(told.status).toBe(200);
      await until(execution, { status: "failed", error_message: expect.stringContaining(words) });
      held.get(execution)?.({});
    });
    test("4: many at once; one that is not there says so", async () => {
      const execution = await begin(`${id}.echo`);
      await until(execution, { status: "succeeded" });
      const { body } = await send("POST /api/v1/executions/batch-status", { execution_ids: [execution, "nobody"] });
      expect(body).toMatchObject({ [execution]: { status: "succeeded" }, nobody: { status: "not_found" } });
      expect(await send("GET /api/v1/executions/nobody")).toMatchObject({
        status: 404,
        body: { error: expect.any(String) },
      });
    });
    test("4: lines are 202 and counted, notes come by header on both paths", async () => {
      const execution = await holding(sdk);
      const line = {
        v: 1,
        ts: new Date().toISOString(),
        message: "m",
        level: "info",
        source: "sdk",
        agent_node_id: id,
      };
      expect(await send(`POST /api/v1/executions/${execution}/logs`, { entries: [line, line] })).toMatchObject({
        ...{ status: 202, body: { success: true, execution_id: execution, accepted: 2 } },
      });
      for (const path of ["/api/v1/executions/note", "/api/ui/v1/executions/note"]) {
        const note = { message: path, tags: ["t"], timestamp: Date.now() / 1_000, agent_node_id: id };
        const kept = await send(`POST ${path}`, note, { "x-execution-id": execution });
        expect(kept).toMatchObject({ status: 200, body: { success: true, note: { message: path, tags: ["t"] } } });
      }
      expect(await send(`GET /api/v1/executions/${execution}/notes?tags=t`)).toMatchObject({ body: { total: 2 } });
      held.get(execution)?.({});
      await until(execution, { status: "succeeded" });
    });
    test("4.3: a read of what runs comes with its end", async () => {
      const execution = await holding(sdk);
      const read = send(`GET /api/v1/executions/${execution}`);
      held.get(execution)?.({ n: 1 });
      expect(await read).toMatchObject({ status: 200, body: { status: "succeeded", result: { n: 1 } } });
    });
  });

  test("5: calls of a node are children, in one run, with its session", async () => {
    const given = { "X-Session-ID": `five-${sdk}` };
    const { body } = await send(`POST /api/v1/execute/${id}.chain`, { input: { n: 1 } }, given);
    expect(body).toMatchObject({ status: "succeeded", result: { below: { n: 1 } } });
    const dag = await send(`GET /api/ui/v1/workflows/${body.run_id}/dag`);
    expect(dag.body).toMatchObject({
      ...{
        root_workflow_id: body.run_id,
        workflow_status: "succeeded",
        workflow_name: "chain",
        total_nodes: 2,
        max_depth: 1,
      },
      session_id: `five-${sdk}`,
      dag: {
        agent_node_id: id,
        reasoner_id: "chain",
        children: [{ reasoner_id: "echo", workflow_depth: 1, notes: [] }],
      },
    });
    const light = (await send(`GET /api/ui/v1/workflows/${body.run_id}/dag?mode=lightweight`)).body;
    expect(light).toMatchObject({ mode: "lightweight", unique_agent_node_ids: [id] });
    expect(light).not.toHaveProperty("dag");
    expect((await send("GET /api/ui/v1/workflows/none/dag")).body).toMatchObject({
      message: expect.stringContaining("not found"),
    });
  });

  test("4: a failed child fails its caller with its words", async () => {
    const { body } = await send(`POST /api/v1/execute/${id}.breaks`, { input: {} });
    expect(body).toMatchObject({ status: "failed", error_message: expect.stringContaining("no luck") });
  });

  describe("6: approvals", () => {
    const asked = async (target = "asks") => {
      const execution = await begin(`${id}.${target}`);
      await until(execution, { status: "waiting" });
      return execution;
    };
    test("asked, read in both shapes, decided by key: the node is called back", async () => {
      const execution = await asked();
      const request = `ask-${execution}`;
      const open = { approval_request_id: request, approval_status: "pending" };
      expect(await look(execution)).toMatchObject({
        ...open,
        waiting_for: { type: "approval", approval_request_id: request },
      });
      const status = `GET /api/v1/agents/${id}/executions/${execution}/approval-status`;
      expect(await send(status)).toMatchObject({ body: { status: "pending", requested_at: expect.any(String) } });
      const decision = { decision: "approve", feedback: "fine" };
      expect(await send(`POST /api/v1/executions/${execution}/approval-response`, decision)).toMatchObject({
        ...{
          status: 200,
          body: { status: "processed", execution_id: execution, decision: "approved", new_status: "running" },
        },
      });
      await until(execution, { status: "succeeded" });
      expect((await look(execution)).result).toMatchObject({
        said: { execution_id: execution, decision: "approved", feedback: "fine", approval_request_id: request },
      });
      expect((await send(`POST /api/v1/executions/${execution}/approval-response`, decision)).body).toMatchObject({
        status: "already_processed",
      });
    });
    test("the documented webhook decides too; what was not signed decides nothing", async () => {
      const execution = await asked();
      const unsigned = { requestId: `ask-${execution}`, decision: "approved" };
      expect((await send("POST /api/v1/webhooks/approval-response", unsigned)).status).toBe(401);
      const said = { approval_request_id: `ask-${execution}`, decision: "approved" };
      expect((await send("POST /api/v1/webhooks/approval", said)).body).toMatchObject({ status: "processed" });
      await until(execution, { status: "succeeded" });
    });
    test("a rejection cancels, and the report that follows does not override it", async () => {
      const execution = await asked();
      const said = await send(`POST /api/v1/executions/${execution}/approval-response`, { decision: "rejected" });
      expect(said.body).toMatchObject({ decision: "rejected", new_status: "cancelled" });
      await eventually(async () =>
        expect(await report(execution, { status: "succeeded", result: {} })).toMatchObject({
          ...{ status: 200, body: { status: "cancelled", applied: false } },
        }),
      );
    });
    test("one is open at a time", async () => {
      const execution = await asked();
      const path = `POST /api/v1/agents/${id}/executions/${execution}/request-approval`;
      expect((await send(path, { approval_request_id: `other-${execution}` })).status).toBe(409);
      await send(`POST /api/v1/executions/${execution}/cancel`, {});
    });
    test("a caller whose child waits for a person waits too, and goes on with it", async () => {
      const execution = await asked("asksBelow");
      expect(await look(execution)).toMatchObject({ status: "waiting", status_reason: "awaiting_child" });
      const child = await eventually(async () => {
        const { body } = await send(`GET /api/v1/executions?parent_execution_id=${execution}`);
        const [only] = body.items as { execution_id: string }[];
        expect(only).toBeDefined();
        return only?.execution_id;
      });
      await send(`POST /api/v1/executions/${child}/approval-response`, { decision: "approved" });
      await until(execution, { status: "succeeded" });
    });
  });

  test("8: memory finds what is narrowest first, and says in its own shape what is not there", async () => {
    const scope = { "X-Workflow-ID": `wf-${sdk}`, "X-Session-ID": `se-${sdk}` };
    const memory = (verb: string, body: object) => send(`POST /api/v1/memory/${verb}`, body, scope);
    expect(await memory("get", { key: "k" })).toMatchObject({ status: 404, body: { error: "not_found", code: 404 } });
    expect(await memory("set", { key: "k", data: { wide: 1 }, scope: "session" })).toMatchObject({
      ...{ status: 200, body: { scope: "session", scope_id: `se-${sdk}`, key: "k", data: { wide: 1 } } },
    });
    await memory("set", { key: "k", data: { narrow: 1 }, scope: "workflow" });
    expect((await memory("get", { key: "k" })).body).toMatchObject({ scope: "workflow", data: { narrow: 1 } });
    expect((await memory("delete", { key: "k", scope: "workflow" })).status).toBe(204);
    expect((await memory("get", { key: "k" })).body).toMatchObject({ scope: "session" });
  });

  test("2: a node that shuts down is refused to who waits, and kept for who does not", async () => {
    expect(
      await send(`POST /api/v1/nodes/${id}/shutdown`, sdk === "python" ? undefined : { reason: "shutdown" }),
    ).toMatchObject({ status: 202, body: { lease_seconds: 0, next_lease_renewal: expect.any(String) } });
    expect(await send(`POST /api/v1/execute/${id}.echo`, { input: {} })).toMatchObject({
      ...{ status: 503, body: { error_category: "node_unavailable", message: expect.any(String) } },
    });
    const later = await begin(`${id}.echo`, { later: 1 });
    expect((await send(`POST /api/v1/nodes/${id}/heartbeat`, { status: "ready" })).status).toBe(200);
    await until(later, { status: "succeeded", result: { later: 1 } });
  });
});
