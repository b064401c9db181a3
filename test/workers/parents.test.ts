/** Children that come by themselves, naming their parent in a header. */
import { applyD1Migrations } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { executionClient } from "../../src/actors/platform/execution-client.ts";
import { ExecutionIds } from "../../src/actors/platform/execution-ids.ts";
import { systemPrincipal } from "../../src/domain/execution/principal.ts";
import { refuse } from "../../src/domain/values/fault.ts";
import { Deployment } from "../support/workers/deployment.ts";
import { call, hasEnded, until } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

async function start(target: string, input: unknown, headers: Record<string, string>) {
  return send(target, { input }, headers);
}

async function send(target: string, sent: unknown, headers: Record<string, string>) {
  const init = { method: "POST", headers, body: JSON.stringify(sent) };
  const response = await exports.default.fetch(new Request(`http://localhost/api/v1/execute/async/${target}`, init));
  return {
    status: response.status,
    body: await response.json<{ execution_id: string; run_id: string; code?: string }>(),
  };
}

test("a child is in the run of its parent, whatever run it names", async () => {
  const parent = await start("approvals.demo", { claim: "p", amount: 1 }, {});
  await until("plain", parent.body.execution_id, ({ body }) => body.status === "waiting");
  const edge = { "x-parent-execution-id": parent.body.execution_id };
  const joined = await start("clock.remind", { message: "m", seconds: 0 }, edge);
  expect(joined.body.run_id).toBe(parent.body.run_id);
  const apart = await start("clock.remind", { message: "m", seconds: 0 }, { ...edge, "x-run-id": "run_of_its_own" });
  expect(apart.body.run_id).toBe(parent.body.run_id);
});

test("a cancelled parent takes no more children, and cancels the one that came by itself", async () => {
  const parent = await start("approvals.demo", { claim: "p", amount: 1 }, {});
  await until("plain", parent.body.execution_id, ({ body }) => body.status === "waiting");
  const edge = { "x-parent-execution-id": parent.body.execution_id };
  const child = await start("approvals.demo", { claim: "c", amount: 1 }, edge);
  await until("plain", child.body.execution_id, ({ body }) => body.status === "waiting");
  const cancelled = await call("POST", `/api/v1/executions/${parent.body.execution_id}/cancel`, {});
  expect(cancelled.body).toMatchObject({ status: "cancelled", quiesced: true });
  await until("plain", child.body.execution_id, ({ body }) => body.status === "cancelled");
  const late = await start("clock.remind", { message: "m", seconds: 0 }, edge);
  expect(late).toMatchObject({ status: 409, body: { code: "parent_refused" } });
});

let made = 0;
const newId = (): string => `child_${++made}_${crypto.randomUUID()}`;
const waits = (id: string) => until("plain", id, ({ body }) => body.status === "waiting");

async function waitingParent() {
  const { body } = await start("approvals.demo", { claim: "p", amount: 1 }, {});
  await waits(body.execution_id);
  return { id: body.execution_id, edge: { "x-parent-execution-id": body.execution_id } };
}

async function linksOf(parent: string): Promise<unknown[]> {
  const { body } = await call("GET", `/api/v1/executions/${parent}/events?type=child.started`);
  return (body.items as { data: { child_id: string } }[]).map(({ data }) => data.child_id);
}

/** What a start does before its process dies: the parent has taken the child on, and nobody starts it. */
async function linkOnly(parent: string, childId: string): Promise<void> {
  const ids = new ExecutionIds({ namespace: env.EXECUTIONS, secret: () => undefined, digest: () => "" });
  const known = { claim: async () => {}, has: async () => true };
  const unread = () => refuse("unavailable", "not read");
  const client = executionClient({ namespace: env.EXECUTIONS, ids, known, trouble: unread, admit: () => undefined });
  const command = { type: "adopt_child", childId, target: "clock.remind", digest: "" } as const;
  expect(await client.dispatch(systemPrincipal("local"), parent, command)).toMatchObject({ ok: true });
}

describe("a start under a parent that is refused leaves nothing with the parent", () => {
  test("when its key or its id stands for another request", async () => {
    const { id, edge } = await waitingParent();
    const named = { "idempotency-key": newId() };
    await start("clock.remind", { message: "first", seconds: 0 }, named);
    const byKey = await start("clock.remind", { message: "m", seconds: 0 }, { ...named, ...edge });
    const chosen = { id: newId() };
    await send("clock.remind", { input: { message: "first", seconds: 0 }, ...chosen }, {});
    const byId = await send("clock.remind", { input: { message: "m", seconds: 0 }, ...chosen }, edge);
    expect([byKey, byId].map(({ status, body }) => [status, body.code])).toEqual(
      Array(2).fill([422, "idempotency_mismatch"]),
    );
    expect(await linksOf(id)).toEqual([]);
  });

  test("when its deadline has passed", async () => {
    const { id, edge } = await waitingParent();
    const late = { input: { message: "m", seconds: 0 }, deadline: "2020-01-01T00:00:00Z" };
    const refused = await send("clock.remind", late, { ...edge, "idempotency-key": newId() });
    expect(refused).toMatchObject({ status: 400, body: { code: "invalid_input" } });
    expect(await linksOf(id)).toEqual([]);
  });

  test("when its id is another user's, whom no cancel of the parent reaches", async () => {
    const server = new Deployment();
    const keyOf = async (subject: string) => {
      const { key } = await server.newKey({ subject, tenant: "acme-parents", scopes: ["execute", "read"] });
      return (path: string, body?: unknown, headers = {}) =>
        server.call(body ? "POST" : "GET", `/api/v1/${path}`, { key, body, headers });
    };
    const [anna, bert] = [await keyOf("anna"), await keyOf("bert")];
    const input = { claim: "c", amount: 1 };
    const id = newId();
    await anna("execute/async/approvals.demo", { id, input });
    const parent = (await bert("execute/async/approvals.demo", { input })).body.execution_id;
    const edge = { "x-parent-execution-id": String(parent) };
    const refused = await bert("execute/async/approvals.demo", { id, input }, edge);
    expect(refused).toMatchObject({ status: 409, body: { code: "id_taken" } });
    expect((await bert(`executions/${parent}/events?type=child.started`)).body.items).toEqual([]);
    expect((await bert(`executions/${parent}/cancel`, {})).body).toMatchObject({ status: "cancelled" });
    expect((await anna(`executions/${id}`)).body.status).not.toBe("cancelled");
  });

  test("and a parent that takes no more refuses the child before it is there", async () => {
    const { id, edge } = await waitingParent();
    await call("POST", `/api/v1/executions/${id}/cancel`, {});
    const child = newId();
    const refused = await send("clock.remind", { id: child, input: { message: "m", seconds: 0 } }, edge);
    expect(refused).toMatchObject({ status: 409, body: { code: "parent_refused" } });
    expect(await call("GET", `/api/v1/executions/${child}`)).toMatchObject({ status: 404 });
  });
});

describe("a process that dies between the link and the start", () => {
  test("leaves what the same start makes true", async () => {
    const { id, edge } = await waitingParent();
    const child = newId();
    await linkOnly(id, child);
    const again = await send("clock.remind", { id: child, input: { message: "m", seconds: 0 } }, edge);
    expect(again).toMatchObject({ status: 202, body: { execution_id: child } });
    expect((await until("plain", child, hasEnded)).body).toMatchObject({ parent_execution_id: id });
    expect(await linksOf(id)).toEqual([child]);
  });

  test("leaves a start that a cancelled parent refuses", async () => {
    const { id, edge } = await waitingParent();
    const child = newId();
    await linkOnly(id, child);
    const cancelled = await call("POST", `/api/v1/executions/${id}/cancel`, {});
    expect(cancelled.body).toMatchObject({ status: "cancelled", quiesced: true });
    const late = await send("clock.remind", { id: child, input: { message: "m", seconds: 0 } }, edge);
    expect(late.body).not.toMatchObject({ status: "succeeded" });
    const { body } = await call("GET", `/api/v1/executions/${child}/events?type=execution.started`);
    expect(body.items ?? []).toEqual([]);
  });

  test("leaves nothing by which a cancel could reach an execution that is not the parent's", async () => {
    const { id } = await waitingParent();
    const other = await start("approvals.demo", { claim: "c", amount: 1 }, {});
    await waits(other.body.execution_id);
    await linkOnly(id, other.body.execution_id);
    const cancelled = await call("POST", `/api/v1/executions/${id}/cancel`, {});
    expect(cancelled.body).toMatchObject({ status: "cancelled", quiesced: true });
    const { body } = await call("GET", `/api/v1/executions/${other.body.execution_id}`);
    expect(body.status).toBe("waiting");
  });
});
