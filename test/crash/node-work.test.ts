/** What nodes are promised beside their calls: slots to the end, held reads, large results, checked inputs, calls within them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import type { Call } from "../support/nodes/served-node.ts";
import { ServedNode } from "../support/nodes/served-node.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

type Body = Readonly<Record<string, unknown>>;
let server: Server;
let stateDir: string;
const nodes: ServedNode[] = [];
/** Ends of executions that are reported when the test says so, in the order of their calls. */
const held: { readonly call: Call; readonly end: (value: unknown) => void }[] = [];
const hold = (call: Call) => new Promise<unknown>((end) => void held.push({ call, end }));

async function node(id: string, more: Body = {}): Promise<ServedNode> {
  const made = await ServedNode.start({
    ...{ id, sdk: "python", more, server: () => server.url },
    functions: { hold, large: () => "x".repeat(2_000_000), echo: ({ input }) => input },
  });
  nodes.push(made);
  return made;
}

async function send(method: string, path: string, body?: unknown) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const answer = await fetch(`${server.url}${path}`, init);
  return { status: answer.status, body: (await answer.json()) as Body };
}
const start = async (target: string, input: object = {}) =>
  String((await send("POST", `/api/v1/execute/async/${target}`, { input })).body.execution_id);
const look = async (id: string) => (await send("GET", `/api/v1/executions/${id}?wait=0`)).body;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-node-work-"));
  server = await startServer({ stateDir, env: { AGENTFIELD_MAX_CONCURRENT_PER_AGENT: "1" } });
});

beforeEach(() => void held.splice(0));

afterAll(async () => {
  await server?.kill("SIGKILL");
  for (const one of nodes) await one.down();
  await rm(stateDir, { recursive: true, force: true });
});

test("a node has as many executions at once as it said, to their real end and through a death of the runtime", async () => {
  const slow = await node("slow", { max_concurrent: 2 });
  const ids = [await start("slow.hold"), await start("slow.hold"), await start("slow.hold"), await start("slow.echo")];
  await eventually(() => expect(slow.calls).toHaveLength(2));
  await eventually(async () =>
    expect(await look(ids[2] ?? "")).toMatchObject({
      ...{ status: "queued", status_reason: "awaiting_slot: slow" },
      why: { sentence: expect.stringContaining("2 of 2 running under local/slow") },
    }),
  );
  await server.restart();
  expect(await look(ids[3] ?? "")).toMatchObject({ status: "queued" });
  expect(slow.calls).toHaveLength(2);
  held.shift()?.end("first");
  await eventually(() => expect(slow.calls).toHaveLength(3));
  // What it answered with 202 is not over: the fourth waits on.
  expect(await look(ids[3] ?? "")).toMatchObject({ status: "queued" });
  for (const { end } of held.splice(0)) end("more");
  for (const id of ids) await eventually(async () => expect(await look(id)).toMatchObject({ status: "succeeded" }));
  expect(slow.calls.map(({ executionId }) => executionId).sort()).toEqual([...ids].sort());
  // An operator's word goes before the node's.
  expect(await send("PUT", "/api/v1/queues/slow", { limit: 7 })).toMatchObject({ status: 200, body: { limit: 7 } });
});

test("a node that names no number has as many at once as the deployment says", async () => {
  const plain = await node("plain");
  const ids = [await start("plain.hold"), await start("plain.hold")];
  await eventually(async () =>
    expect(await look(ids[1] ?? "")).toMatchObject({ status_reason: "awaiting_slot: plain" }),
  );
  await eventually(() => expect(held).toHaveLength(1));
  expect(plain.calls.map(({ executionId }) => executionId)).toEqual([ids[0]]);
  held.shift()?.end("first");
  await eventually(() => expect(held).toHaveLength(1));
  held.shift()?.end("second");
  for (const id of ids) await eventually(async () => expect(await look(id)).toMatchObject({ status: "succeeded" }));
});

test("a read of what a node works at comes with its end, or within ten seconds; one that does not wish to wait is answered", async () => {
  await node("reader");
  const id = await start("reader.hold");
  await eventually(() => expect(held).toHaveLength(1));
  const read = send("GET", `/api/v1/executions/${id}`);
  expect(await look(id)).toMatchObject({ status: "running" });
  held.shift()?.end({ done: true });
  expect((await read).body).toMatchObject({ status: "succeeded", result: { done: true } });
});

test("a result that is larger than a row is whole where it is read, and is no reason to report again", async () => {
  const large = await node("large");
  const id = await start("large.large");
  await eventually(async () => expect(await look(id)).toMatchObject({ status: "succeeded" }));
  expect(String((await look(id)).result)).toHaveLength(2_000_000);
  expect(large.calls).toHaveLength(1);
  // More than a body may have: the execution ends, and the node is told that it was heard.
  const other = await start("large.hold");
  await eventually(() => expect(held).toHaveLength(1));
  const report = { status: "succeeded", result: "x".repeat(9_000_000) };
  const told = await send("POST", `/api/v1/executions/${other}/status`, report);
  expect(told).toMatchObject({ status: 200, body: { applied: true } });
  await eventually(async () =>
    expect(await look(other)).toMatchObject({ status: "failed", failure_code: "value_too_large" }),
  );
  held.shift()?.end("late");
});

test("an input is checked where the node wished it, and a schema that cannot be is refused", async () => {
  const input_schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
  await node("strict", { validate_input: true, reasoners: [{ id: "echo", input_schema }], skills: [] });
  expect(await send("POST", "/api/v1/execute/strict.echo", { input: { n: "one" } })).toMatchObject({
    ...{ status: 400, body: { code: "invalid_input", errors: [{ path: "input.n" }] } },
  });
  const done = await send("POST", "/api/v1/execute/strict.echo", { input: { n: 1, more: true } });
  expect(done.body).toMatchObject({ status: "succeeded", result: { n: 1, more: true } });
  const looping = { id: "loop", validate_input: true, reasoners: [{ id: "f", input_schema: { $ref: "#" } }] };
  const refused = await send("POST", "/api/v1/nodes/register", { ...looping, base_url: "http://127.0.0.1:9" });
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: "reasoners.0.input_schema" }] } });
});

test("calls within a node are drawn beneath what made them, and late words undo nothing", async () => {
  await node("inner");
  const id = await start("inner.hold");
  await eventually(() => expect(held).toHaveLength(1));
  const run_id = String((await look(id)).run_id);
  const tell = (ids: readonly [call: string, above: string], status: string, more: object = {}) =>
    send("POST", "/api/v1/workflow/executions/events", {
      ...{ execution_id: ids[0], parent_execution_id: ids[1], run_id, workflow_id: run_id, root_workflow_id: run_id },
      ...{ agent_node_id: "inner", reasoner_id: "helper", type: "reasoner", status, ...more },
    });
  const [first, second] = ["11111111-aaaa-4bbb-8ccc-111111111111", "22222222-aaaa-4bbb-8ccc-222222222222"];
  expect(await tell([first, id], "running")).toEqual({ status: 200, body: { success: true, updated: true } });
  // A call beneath that call: its parent is no execution of this server.
  expect(await tell([second, first], "running")).toMatchObject({ status: 200, body: { updated: true } });
  expect(await tell([second, first], "completed", { duration_ms: 5 })).toMatchObject({ body: { updated: true } });
  expect(await tell([second, first], "running")).toMatchObject({ status: 200, body: { updated: false } });
  await server.restart();
  const tree = async (query = "") => (await send("GET", `/api/ui/v1/workflows/${run_id}/dag${query}`)).body;
  expect(await tree()).toMatchObject({
    ...{ total_nodes: 3, max_depth: 2, workflow_status: "running" },
    dag: {
      execution_id: id,
      children: [
        {
          ...{ execution_id: first, reasoner_id: "helper", status: "running" },
          children: [{ execution_id: second, status: "succeeded", parent_execution_id: first }],
        },
      ],
    },
  });
  // The dispatched execution itself: `running` says nothing new, and does not lift a wait.
  await send("POST", `/api/v1/executions/${id}/status`, { status: "waiting" });
  expect(await tell([id, ""], "running", { parent_execution_id: undefined })).toMatchObject({
    body: { updated: false },
  });
  expect(await look(id)).toMatchObject({ status: "waiting" });
  expect(await tell(["33333333-aaaa-4bbb-8ccc-333333333333", "nobody"], "running")).toMatchObject({ status: 404 });
  await tell([first, id], "succeeded");
  held.shift()?.end("over");
  await eventually(async () => expect(await look(id)).toMatchObject({ status: "succeeded" }));
  expect(await tree("?mode=lightweight")).toMatchObject({ total_nodes: 3, workflow_status: "succeeded" });
  const cancelled = await send("POST", `/api/v1/workflows/${run_id}/cancel-tree`, {});
  expect(cancelled.body).toMatchObject({ total_nodes: 1, error_count: 0 });
});
