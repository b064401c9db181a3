/** Keys of nodes: what a node may ask of executions that were dispatched to it, and that all others do not exist for it. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { executionClient } from "../../src/actors/platform/execution-client.ts";
import { ExecutionIds } from "../../src/actors/platform/execution-ids.ts";
import type { Scope } from "../../src/domain/execution/principal.ts";
import { systemPrincipal } from "../../src/domain/execution/principal.ts";
import { refuse } from "../../src/domain/values/fault.ts";
import { claimId } from "../../src/registry/projection/known-ids.ts";
import { eventually } from "../support/eventually.ts";
import type { Got } from "../support/workers/deployment.ts";
import { Deployment } from "../support/workers/deployment.ts";

const TENANT = "acme-node-keys";
const server = new Deployment();
const keys: Record<string, string> = {};

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const make = async (name: string, at: string, scopes: readonly Scope[]) => {
    const [subject = "", tenant = TENANT] = at.split("@");
    keys[name] = (await server.newKey({ subject, scopes, tenant })).key;
  };
  await make("olga", "olga", ["read", "execute"]);
  await make("olga's node", "olga", ["agent"]);
  await make("node", "nora", ["agent"]);
  await make("node with roots", "nora", ["agent", "execute"]);
  await make("reader", "nora", ["read", "execute"]);
  await make("other node", "nemo", ["agent"]);
  await make("namesake", "nora@rival-node-keys", ["agent"]);
  await make("admin", "ada", ["admin"]);
});

/** `asked`: a method and a path below `/api/v1`. */
function call(who: string, asked: string, sent: { body?: unknown; headers?: Record<string, string> } = {}) {
  const [method = "", path = ""] = asked.split(" ");
  return server.call(method, `/api/v1${path}`, { key: keys[who], ...sent });
}

let made = 0;

/** Olga's, in a run and a session of hers, on a node of Nora's; it has no program there, so a local one waits in its place. */
async function dispatched(node?: { readonly id: string; readonly subject: string }): Promise<string> {
  made += 1;
  const id = `dispatched-${made}-${crypto.randomUUID()}`;
  const ids = new ExecutionIds({ namespace: env.EXECUTIONS, secret: () => undefined, digest: () => "" });
  const known = { claim: async () => {}, has: async () => true };
  const trouble = () => refuse("unavailable", "not read");
  const client = executionClient({ namespace: env.EXECUTIONS, ids, known, trouble, admit: () => undefined });
  await claimId(env.REGISTRY, TENANT, id);
  const started = await client.start(
    systemPrincipal(TENANT),
    {
      type: "create",
      origin: {
        ...{ id, tenant: TENANT, owner: "olga", agent: "approvals", fn: "demo", kind: "reasoner", version: "1" },
        ...{
          runId: `run_${id}`,
          sessionId: "hers",
          owned: false,
          digest: "d",
          named: true,
          limits: {},
          timeoutMs: 600_000,
        },
        ...(node ? { node } : {}),
      },
      input: { claim: "c", amount: 1 },
    },
    { holdMs: 0 },
  );
  expect(started).toMatchObject({ ok: true });
  await eventually(async () => expect((await call("olga", `GET /executions/${id}`)).body.status).toBe("waiting"));
  return id;
}

const NORAS = { id: "noras-node", subject: "nora" };
const onNode = () => dispatched(NORAS);

/** What a node asks of one execution. */
const ASKED: readonly (readonly [name: string, status: number, ask: (who: string, id: string) => Promise<Got>])[] = [
  ["its status", 200, (who, id) => call(who, `GET /executions/${id}`)],
  ["its events", 200, (who, id) => call(who, `GET /executions/${id}/events`)],
  ["its stream", 101, (who, id) => call(who, `GET /executions/${id}/stream`, { headers: { upgrade: "websocket" } })],
  ["a token for its stream", 201, (who, id) => call(who, "POST /tokens", { body: { execution_id: id } })],
  ["its notes", 200, (who, id) => call(who, `GET /executions/${id}/notes`)],
  ["a note", 201, (who, id) => call(who, `POST /executions/${id}/notes`, { body: { message: "seen" } })],
  ...["", "/ui"].map((ui): (typeof ASKED)[number] => [
    `a note that names it in a header (/api${ui}/v1)`,
    200,
    (who, id) =>
      server.call("POST", `/api${ui}/v1/executions/note`, {
        ...{ key: keys[who], headers: { "x-execution-id": id } },
        body: { message: "seen", tags: null, timestamp: 1_790_000_000.5, agent_node_id: "noras-node" },
      }),
  ]),
  ["its lines", 200, (who, id) => call(who, `GET /executions/${id}/logs`)],
  ["a line", 202, (who, id) => call(who, `POST /executions/${id}/logs`, { body: { message: "at work" } })],
  ["its approval", 200, (who, id) => call(who, `GET /executions/${id}/approval-status`)],
  // One is open already.
  [
    "an approval",
    409,
    (who, id) =>
      call(who, `POST /executions/${id}/request-approval`, { body: { approval_request_id: crypto.randomUUID() } }),
  ],
  [
    "a child",
    202,
    (who, id) =>
      call(who, "POST /execute/async/clock.remind", {
        body: { input: { message: "m", seconds: 0 } },
        headers: { "x-parent-execution-id": id },
      }),
  ],
];

describe.each(ASKED)("%s", (name, status, ask) => {
  test("is a node's to ask of what was dispatched to it, and of nothing else", async () => {
    const [id, local, others] = [await onNode(), await dispatched(), await dispatched({ id: "n2", subject: "nemo" })];
    for (const who of ["node", "node with roots"]) {
      expect([who, (await ask(who, id)).status]).toEqual([who, status]);
      // To who starts roots a name that answers to another is only a name: what is started is a root.
      const missed = name === "a child" && who === "node with roots" ? 202 : 404;
      expect([who, (await ask(who, local)).status]).toEqual([who, missed]);
      expect([who, (await ask(who, others)).status]).toEqual([who, missed]);
    }
    for (const who of ["other node", "namesake"]) expect([who, (await ask(who, id)).status]).toEqual([who, 404]);
    // The scope makes the node, and not the subject alone; an owner's node is none of what it does not work on.
    expect((await ask("reader", id)).status).toBe(name === "a child" ? 202 : 404);
    expect((await ask("olga's node", local)).status).toBe(404);
  });
});

test("a note by header stands among the notes, says who wrote it, and is refused where no header names its execution", async () => {
  const id = await onNode();
  const body = { message: "half of it", tags: ["progress"] };
  const noted = await call("node", "POST /executions/note", { body, headers: { "x-execution-id": id } });
  expect(noted.body).toMatchObject({ success: true, note: { ...body, by: "nora" } });
  const { body: list } = await call("olga", `GET /executions/${id}/notes?tags=progress`);
  expect(list).toMatchObject({ total: 1, notes: [{ ...body, by: "nora" }] });
  const unnamed = await call("node", "POST /executions/note", { body });
  expect(unnamed).toMatchObject({ status: 400, body: { code: "invalid_input" } });
  expect(unnamed.body.detail).toContain("x-execution-id");
});

test("an approval is asked for and read where SDKs do it: beneath the name of their agent", async () => {
  const id = await onNode();
  const path = `/agents/noras-node/executions/${id}`;
  const asked = await call("node", `POST ${path}/request-approval`, { body: { approval_request_id: `asked-${id}` } });
  // Its own is open already: what is asked again, under another name, is refused for that.
  expect(asked).toMatchObject({ status: 409, body: { code: "approval_already_requested" } });
  const shown = await call("node", `GET ${path}/approval-status`);
  expect(shown).toMatchObject({ status: 200, body: { status: "pending", execution_id: id } });
  expect((await call("other node", `GET ${path}/approval-status`)).status).toBe(404);
});

test("lines of a node are kept in order, those of a call within it with its caller, and what is too much is dropped", async () => {
  const id = await onNode();
  const write = (to: string, body: object) => call("node", `POST /executions/${to}/logs`, { body });
  const sent = { v: 1, ts: "2026-11-27T10:00:00Z", level: "WARN", agent_node_id: "noras-node", reasoner_id: "sort" };
  const one = await write(id, { ...sent, message: "first", attributes: { n: 1 }, system_generated: true });
  expect(one).toMatchObject({ status: 202, body: { success: true, execution_id: id, accepted: 1 } });
  const callId = crypto.randomUUID();
  const within = { entries: [{ message: "second", parent_execution_id: id }, { message: "x".repeat(20_000) }] };
  expect((await write(callId, within)).body).toMatchObject({ execution_id: id, accepted: 2 });
  const much = { entries: Array.from({ length: 60 }, () => ({ message: "y".repeat(10_000) })) };
  expect(await write(id, much)).toMatchObject({ status: 202, body: { accepted: 0 } });
  expect((await write(callId, { message: "nowhere" })).status).toBe(404);
  expect(await write(id, { level: "info" })).toMatchObject({ status: 400, body: { code: "invalid_input" } });
  const { body } = await call("olga", `GET /executions/${id}/logs`);
  expect(body).toMatchObject({ execution_id: id, total: 3, next_after: null });
  expect(body.logs).toMatchObject([
    { timestamp: "2026-11-27T10:00:00.000Z", level: "WARN", message: "first", attributes: { n: 1 } },
    { level: "info", message: "second", call_id: callId },
    { message: "x".repeat(10_000), call_id: callId },
  ]);
  const messages: string[] = [];
  for (let after: unknown = 0, pages = 0; after !== null && pages < 5; pages += 1) {
    const page = await call("olga", `GET /executions/${id}/logs?limit=1&after=${after}`);
    messages.push(...(page.body.logs as { message: string }[]).map(({ message }) => message.slice(0, 6)));
    after = page.body.next_after;
  }
  expect(messages).toEqual(["first", "second", "xxxxxx"]);
});

test("a node decides nothing, and steers nothing", async () => {
  const id = await onNode();
  for (const [path, body] of [
    ["approval-response", { decision: "approved" }],
    ["resolve", { option: "retry" }],
  ] as const)
    expect((await call("node with roots", `POST /executions/${id}/${path}`, { body })).status).toBe(403);
  for (const path of ["cancel", "pause", "resume", "restart"])
    expect((await call("node with roots", `POST /executions/${id}/${path}`, { body: {} })).status).toBe(404);
  expect((await call("olga", `GET /executions/${id}`)).body.status).toBe("waiting");
});

test("a token of a node opens the stream of what it works on, and no list", async () => {
  const id = await onNode();
  const { body } = await call("node", "POST /tokens", { body: { execution_id: id } });
  const open = (path: string) =>
    server.call("GET", `/api/v1${path}?token=${body.token}`, { headers: { upgrade: "websocket" } });
  expect((await open(`/executions/${id}/stream`)).status).toBe(101);
  expect((await open(`/executions/${await onNode()}/stream`)).status).toBe(401);
  expect(await call("node", "POST /tokens", { body: { feed: true } })).toMatchObject({ status: 403 });
});

describe("a child that a node starts", () => {
  const start = (who: string, headers: Record<string, string>, target = "approvals.demo") =>
    call(who, `POST /execute/async/${target}`, { body: { input: { claim: "c", amount: 1 } }, headers });

  test("belongs to the owner, the run and the session of its parent, and says who started it", async () => {
    const id = await onNode();
    const own = { "x-run-id": "run_of_noras", "x-session-id": "noras", "x-actor-id": "noras" };
    const child = await start("node", { "x-parent-execution-id": id, ...own });
    expect(child).toMatchObject({ status: 202, body: { run_id: `run_${id}` } });
    const path = `/executions/${child.body.execution_id}`;
    const { body } = await call("olga", `GET ${path}`);
    expect(body).toMatchObject({
      parent_execution_id: id,
      run_id: `run_${id}`,
      session_id: "hers",
      created_by: "nora",
    });
    expect(body).not.toHaveProperty("actor_id");
    const [first] = (await call("olga", `GET ${path}/events`)).body.items as { actor: string }[];
    expect(first?.actor).toBe("nora");
    // The node that called it follows it, and may call it off.
    expect(await call("node", `GET ${path}`)).toMatchObject({ status: 200, body: { created_by: "nora" } });
    expect((await call("other node", `GET ${path}`)).status).toBe(404);
    expect((await call("node", `POST ${path}/notes`, { body: { message: "m" } })).status).toBe(404);
    expect((await call("node with roots", `POST ${path}/cancel`, { body: {} })).status).toBe(200);
    const listed = async () => {
      const { body: list } = await call("olga", `GET /executions?parent_execution_id=${id}`);
      expect(list.items).toHaveLength(1);
    };
    await eventually(listed);
  });

  test("is the same one when its start is repeated, also by the starter alone", async () => {
    const headers = { "x-parent-execution-id": await onNode(), "idempotency-key": crypto.randomUUID() };
    const [first, again] = [await start("node", headers), await start("node", headers)];
    expect(again).toMatchObject({ status: 202, body: { execution_id: first.body.execution_id } });
  });

  test("is refused beneath a name that is no execution's, where the key starts no roots", async () => {
    const nowhere = { "x-parent-execution-id": `no-such-${crypto.randomUUID()}` };
    expect((await start("node", nowhere)).status).toBe(404);
    expect(await start("node", {})).toMatchObject({ status: 403, body: { code: "forbidden_scope" } });
    expect(await start("node", { "x-parent-execution-id": "no id" })).toMatchObject({ status: 403 });
    const root = await start("node with roots", nowhere);
    expect(root.status).toBe(202);
    const seen = await call("reader", `GET /executions/${root.body.execution_id}`);
    expect(seen.status).toBe(200);
    expect(seen.body).not.toHaveProperty("created_by");
    expect((await call("olga", `GET /executions/${root.body.execution_id}`)).status).toBe(404);
  });

  test("of an administrator belongs to the parent's owner too", async () => {
    const id = await dispatched();
    const child = await start("admin", { "x-parent-execution-id": id });
    const { body } = await call("olga", `GET /executions/${child.body.execution_id}`);
    expect(body).toMatchObject({ parent_execution_id: id, created_by: "ada", session_id: "hers" });
  });
});

test("memory of what it works on is a node's, that of its caller's other executions is not", async () => {
  const [id, local] = [await onNode(), await dispatched()];
  const write = (data: string, execution: string, session: string) =>
    call("node", "POST /memory/set", {
      body: { key: "k", data, scope: "session" },
      headers: { "x-execution-id": execution, "x-session-id": session },
    });
  expect((await write("of its execution", id, "hers")).status).toBe(200);
  const hers = () =>
    call("olga", "POST /memory/get", { body: { key: "k", scope: "session" }, headers: { "x-session-id": "hers" } });
  expect(await hers()).toMatchObject({ status: 200, body: { data: "of its execution" } });
  expect((await write("of another session", id, "another of hers")).status).toBe(404);
  // Of an execution that is not its own it writes to a session of its own.
  expect((await write("of its own", local, "hers")).status).toBe(200);
  expect(await hers()).toMatchObject({ status: 200, body: { data: "of its execution" } });
});
