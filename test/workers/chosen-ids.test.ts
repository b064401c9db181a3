/** Executions under ids of their callers' own choosing: every path takes them, and nobody is mistaken for another. */
import { applyD1Migrations, listDurableObjectIds } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import type { Scope } from "../../src/domain/execution/principal.ts";
import { Deployment } from "../support/workers/deployment.ts";
import { call, hasEnded, MODES, until, violations } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

let made = 0;
/** With every character that an id may hold. */
const newId = (): string => `exec_carol_${++made}.a:b-${crypto.randomUUID()}`;
const claim = { claim: "c", amount: 1 };

async function start(target: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  const response = await exports.default.fetch(new Request(`http://localhost/api/v1/execute/async/${target}`, init));
  return { status: response.status, body: await response.json<Record<string, unknown>>() };
}
const one = (id: string) => `/api/v1/executions/${encodeURIComponent(id)}`;
const waits = (id: string) => until("plain", id, ({ body }) => body.status === "waiting");

describe("a start under an id of one's own", () => {
  test("is the execution of this id, also when it is sent again", async () => {
    const id = newId();
    const first = await start("approvals.demo", { id, input: claim });
    expect(first).toMatchObject({ status: 202, body: { execution_id: id } });
    const again = await start("approvals.demo", { id, input: claim });
    expect(again).toMatchObject({ status: 202, body: { execution_id: id, run_id: first.body.run_id } });
    const waited = await call("POST", "/api/v1/execute/approvals.demo?wait=5", { id, input: claim });
    expect(waited).toMatchObject({ status: 202, body: { execution_id: id, status: "waiting" } });
  });

  test("with another request is refused, and the first one stays", async () => {
    const id = newId();
    await start("clock.remind", { id, input: { message: "m", seconds: 0 } });
    const other = await start("clock.remind", { id, input: { message: "another", seconds: 0 } });
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency_mismatch" } });
    expect((await until("plain", id, hasEnded)).body).toMatchObject({ result: { message: "m" } });
  });

  test("is started once by many at the same time", async () => {
    const id = newId();
    const all = await Promise.all(
      Array.from({ length: 10 }, () => start("clock.remind", { id, input: { message: "m", seconds: 0 } })),
    );
    expect(new Set(all.map(({ status, body }) => `${status} ${body.execution_id} ${body.run_id}`)).size).toBe(1);
    await until("plain", id, hasEnded);
    const { body } = await call("GET", `${one(id)}/events?type=execution.created`);
    expect(body.items).toHaveLength(1);
  });

  test("needs no Idempotency-Key, and takes none", async () => {
    const both = await start("clock.remind", { id: newId(), input: {} }, { "idempotency-key": "k" });
    expect(both.status).toBe(400);
    const refused = await start(
      "clock.remind",
      { id: newId(), input: { message: "m", seconds: 0 } },
      { "idempotency-key": "k" },
    );
    expect(refused).toMatchObject({ status: 400, body: { code: "invalid_input", errors: [{ path: "id" }] } });
  });

  const WRONG: [string, unknown][] = [
    ["nothing", ""],
    ["a space", "exec carol"],
    ["a slash", "exec/carol"],
    ["a path", "../keys"],
    ["a sign at the beginning", "-carol"],
    ["129 characters", "a".repeat(129)],
    ["an umlaut", "exec_käthe"],
    ["a line break", "exec_carol\n"],
    ["a percent sign", "exec%2fcarol"],
    ["a tilde", "exec~carol"],
    ["the form of an id of Errand's own", `exec_${"A".repeat(43)}`],
    ["a word of the API", "active"],
    ["another word of the API", "batch-status"],
    ["a number", 7],
    ["null", null],
  ];
  test.each(WRONG)("is refused for %s", async (_what, id) => {
    const refused = await start("clock.remind", { id, input: { message: "m", seconds: 0 } });
    expect(refused).toMatchObject({ status: 400, body: { code: "invalid_input", errors: [{ path: "id" }] } });
  });

  test("may take up 128 characters, or one, or 43 of them", async () => {
    for (const id of ["x".repeat(128), "z", "A".repeat(43)]) {
      const { body } = await start("approvals.demo", { id, input: claim });
      expect(body.execution_id).toBe(id);
      const waiting = await waits(id);
      const decided = await call("POST", "/api/v1/webhooks/approval", {
        approval_request_id: waiting.body.approval_request_id,
        decision: "approved",
      });
      expect(decided.body).toMatchObject({ status: "processed", execution_id: id });
    }
  });
});

describe("every path that takes an id takes a chosen one", () => {
  test("reads, notes, signals, lists and the run", async () => {
    const id = newId();
    const run = `run_${id}`;
    await start("approvals.demo", { id, input: claim }, { "x-run-id": run, "x-session-id": id });
    const waiting = await waits(id);
    expect(waiting.body).toMatchObject({ execution_id: id, run_id: run });
    for (const path of ["/events", "/log", "/effects", "/invariants", "/notes", "/approval-status"])
      expect([path, (await call("GET", one(id) + path)).status]).toEqual([path, 200]);
    expect((await call("POST", `${one(id)}/notes`, { message: "seen" })).status).toBe(201);
    expect((await call("POST", `${one(id)}/signals/go`, { data: 1 })).status).toBe(202);
    const batch = await call("POST", "/api/v1/executions/batch-status", { execution_ids: [id, "nobody", "a b"] });
    expect(batch.body).toMatchObject({
      [id]: { status: "waiting", run_id: run },
      nobody: { status: "not_found" },
      "a b": { status: "not_found" },
    });
    const { body: dag } = await call("GET", `/api/v1/runs/${encodeURIComponent(run)}/dag`);
    expect(dag).toMatchObject({ dag: { execution_id: id, status: "waiting" } });
    const listed = async (query: string) =>
      ((await call("GET", `/api/v1/executions?${query}`)).body.items as { execution_id: string }[]).map(
        ({ execution_id }) => execution_id,
      );
    await expect.poll(() => listed(`run_id=${encodeURIComponent(run)}`)).toEqual([id]);
    expect(await listed(`q=${encodeURIComponent(id)}`)).toEqual([id]);
    expect(await listed(`q=${encodeURIComponent(id.slice(0, 30))}`)).toContain(id);
    for (const move of ["pause", "resume", "cancel"])
      expect([move, (await call("POST", `${one(id)}/${move}`, {})).status]).toEqual([move, 200]);
    expect(await violations(id)).toEqual([]);
  });

  test("a cursor goes on behind it", async () => {
    const run = `run_${newId()}`;
    const ids = [newId(), newId(), newId()];
    for (const id of ids) await start("clock.remind", { id, input: { message: "m", seconds: 0 } }, { "x-run-id": run });
    const page = async (cursor = "") =>
      (await call("GET", `/api/v1/executions?run_id=${encodeURIComponent(run)}&limit=1${cursor}`)).body;
    const all = async () => (await call("GET", `/api/v1/executions?run_id=${encodeURIComponent(run)}`)).body.items;
    await expect.poll(all).toHaveLength(3);
    const seen: string[] = [];
    for (let body = await page(); ; body = await page(`&cursor=${encodeURIComponent(String(body.next_cursor))}`)) {
      seen.push(...(body.items as { execution_id: string }[]).map(({ execution_id }) => execution_id));
      if (body.next_cursor === null) break;
    }
    expect(seen.sort()).toEqual(ids.sort());
  });

  test("its stream opens, with a token too", async () => {
    const id = newId();
    await start("approvals.demo", { id, input: claim });
    await waits(id);
    const server = new Deployment();
    const { key } = await server.newKey({ scopes: ["read", "execute"], subject: "carol", tenant: "streams" });
    const body = { id, input: claim };
    await server.call("POST", "/api/v1/execute/async/approvals.demo", { key, body });
    const token = await server.call("POST", "/api/v1/tokens", { key, body: { execution_id: id } });
    expect(token.status).toBe(201);
    const upgrade = { headers: { upgrade: "websocket" } };
    const open = (which: string) => server.call("GET", `${one(which)}/stream?token=${token.body.token}`, upgrade);
    expect((await open(id)).status).toBe(101);
    expect((await open(newId())).status).toBe(401);
    const events = await server.fetch("GET", `${one(id)}/events`, { key, headers: { accept: "text/event-stream" } });
    expect(events.headers.get("content-type")).toBe("text/event-stream");
    await events.body?.cancel();
  });

  test("its restart follows it, under an id of Errand's or of one's own", async () => {
    const id = newId();
    await start("clock.remind", { id, input: { message: "m", seconds: 0 } });
    await until("plain", id, hasEnded);
    const { status, body } = await call("POST", `${one(id)}/restart`, {});
    expect([status, body.source_execution_id]).toEqual([202, id]);
    expect((await until("plain", body.execution_id, hasEnded)).body).toMatchObject({ restarted_from: id });
  });
});

describe("parents and children", () => {
  test("an execution with a chosen id starts children and hears of their end", async () => {
    const id = newId();
    const input = { customer_id: "cust_1", message: "This is the third time I am calling!" };
    const { body } = await call("POST", "/api/v1/execute/support-agent.triage", { id, input });
    expect(body).toMatchObject({ execution_id: id, status: "succeeded" });
    const { body: dag } = await call("GET", `/api/v1/runs/${body.run_id}/dag`);
    expect(dag).toMatchObject({ total_nodes: 3, dag: { execution_id: id, children: [{}, {}] } });
  });

  test("it takes in a child that names it, and its cancel reaches that child", async () => {
    const [parent, child] = [newId(), newId()];
    const first = await start("approvals.demo", { id: parent, input: claim });
    await waits(parent);
    const joined = await start("approvals.demo", { id: child, input: claim }, { "x-parent-execution-id": parent });
    expect(joined.body.run_id).toBe(first.body.run_id);
    await waits(child);
    const cancelled = await call("POST", `${one(parent)}/cancel`, {});
    expect(cancelled.body).toMatchObject({ status: "cancelled", quiesced: true });
    await until("plain", child, ({ body }) => body.status === "cancelled");
    const late = await start(
      "clock.remind",
      { input: { message: "m", seconds: 0 } },
      { "x-parent-execution-id": parent },
    );
    expect(late).toMatchObject({ status: 409, body: { code: "parent_refused" } });
  });

  test("a parent that nobody knows is only an edge of the run", async () => {
    const { status, body } = await start(
      "clock.remind",
      { input: { message: "m", seconds: 0 } },
      { "x-parent-execution-id": crypto.randomUUID() },
    );
    expect(status).toBe(202);
    expect((await until("plain", String(body.execution_id), hasEnded)).body.status).toBe("succeeded");
  });
});

describe("whose id it is", () => {
  test("each tenant has its own; within one it belongs to the user who took it, and others learn only that", async () => {
    const server = new Deployment();
    const all: readonly Scope[] = ["execute", "read", "agent", "approve"];
    const key = async (subject: string, tenant: string) => (await server.newKey({ scopes: all, subject, tenant })).key;
    const [olga, ivan, zeus] = [
      await key("olga", "acme-ids"),
      await key("ivan", "acme-ids"),
      await key("olga", "rival-ids"),
    ];
    const id = newId();
    const take = (who: string, name: string) =>
      server.call("POST", "/api/v1/execute/async/approvals.demo", {
        key: who,
        body: { id, input: { claim: name, amount: 1 } },
      });
    expect((await take(olga, "hers")).status).toBe(202);
    expect(await take(ivan, "hers")).toMatchObject({ status: 409, body: { code: "id_taken" } });
    expect(await take(zeus, "theirs")).toMatchObject({ status: 202, body: { execution_id: id } });
    expect((await server.call("GET", one(id), { key: ivan })).status).toBe(404);
    const input = async (who: string) => (await server.call("GET", `${one(id)}/log`, { key: who })).body.input;
    expect(await input(olga)).toMatchObject({ claim: "hers" });
    expect(await input(zeus)).toMatchObject({ claim: "theirs" });
  });
});

describe.each(MODES)("%s", (mode) => {
  test("an execution with a chosen id sleeps, calls, waits and ends like any other", async () => {
    const [asleep, calling, asking] = [newId(), newId(), newId()];
    await start("clock.remind", { id: asleep, input: { message: "tea", seconds: 0.3 } });
    const input = { customer_id: "cust_1", message: "This is the third time I am calling!" };
    await start("support-agent.triage", { id: calling, input });
    await start("approvals.demo", { id: asking, input: claim });
    const waiting = await until(mode, asking, ({ body }) => body.status === "waiting");
    const decision = { approval_request_id: waiting.body.approval_request_id, decision: "approved" };
    await call("POST", "/api/v1/webhooks/approval", decision);
    for (const id of [asleep, calling, asking]) {
      expect((await until(mode, id, hasEnded)).body.status).toBe("succeeded");
      expect(await violations(id)).toEqual([]);
    }
  });
});

test("an id that nobody chose is 404 on every path, and asking for it makes no object", async () => {
  const before = (await listDurableObjectIds(env.EXECUTIONS)).length;
  const id = newId();
  for (const path of ["", "/events", "/log", "/effects", "/notes", "/approval-status", "/invariants"])
    expect([path, (await call("GET", one(id) + path)).status]).toEqual([path, 404]);
  for (const path of ["/cancel", "/pause", "/resume", "/restart", "/notes", "/signals/x"])
    expect([path, (await call("POST", one(id) + path, { message: "m" })).status]).toEqual([path, 404]);
  await call("POST", "/api/v1/executions/batch-status", { execution_ids: [id] });
  expect((await listDurableObjectIds(env.EXECUTIONS)).length).toBe(before);
});

test("an id that looks like a phone number is shown as it is, to readers who see no personal data too", async () => {
  const server = new Deployment();
  const keyOf = async (scopes: readonly Scope[], masked: boolean) =>
    (await server.newKey({ scopes, subject: "carol", tenant: "numbers", masked })).key;
  const [all, reader] = [await keyOf(["execute", "read"], false), await keyOf(["read"], true)];
  const id = "0049.176.1234567";
  const body = { id, input: { message: "call +49 176 1234567", seconds: 0 } };
  await server.call("POST", "/api/v1/execute/clock.remind", { key: all, body });
  const again = await server.call("POST", `${one(id)}/restart`, { key: all, body: {} });
  const path = `/api/v1/executions/${again.body.execution_id}`;
  await expect.poll(async () => (await server.call("GET", path, { key: reader })).body.status).toBe("succeeded");
  const follower = await server.call("GET", path, { key: reader });
  expect(follower.body).toMatchObject({ restarted_from: id });
  expect(JSON.stringify(follower.body.result)).not.toContain("1234567");
  const { body: log } = await server.call("GET", `${path}/events`, { key: reader });
  expect(log.items).toContainEqual(
    expect.objectContaining({ type: "journal.inherited", data: expect.objectContaining({ from: id }) }),
  );
  const source = await server.call("GET", `${one(id)}/events`, { key: reader });
  const [created] = source.body.items as { data: { origin: { id: string } } }[];
  expect(created?.data.origin.id).toBe(id);
});
