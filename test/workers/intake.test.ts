/** The queue of starts in workerd: accepted at once, readable at once, begun once, whatever dies in between. */
import { abortAllDurableObjects, applyD1Migrations, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test, vi } from "vitest";
import type { IntakeRpc } from "../../src/actors/platform/intake-client.ts";
import { executionIdsOf, idSecretOf } from "../../src/compose/execution-ids.ts";
import type { CreateCommand } from "../../src/domain/execution/command.ts";
import { parseExecutionId } from "../../src/domain/execution/execution-id.ts";
import { systemPrincipal } from "../../src/domain/execution/principal.ts";
import { listedIntakes } from "../../src/registry/settings/intakes.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const server = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY });
const DEMO = { input: { claim: "c", amount: 1 } };

beforeAll(() => applyD1Migrations(env.REGISTRY, inject("migrations")));

const keyOf = async (tenant: string) =>
  (await server.newKey({ tenant, subject: "ann", scopes: ["execute", "read", "admin"] })).key;

function shardOf(tenant: string, shard = 1) {
  if (!env.INTAKES) throw new Error("no binding INTAKES");
  const id = env.INTAKES.idFromName(JSON.stringify(["intake", tenant, shard]));
  return env.INTAKES.get(id) as DurableObjectStub & IntakeRpc;
}

const statusOf = async (key: string, id: string) =>
  (await server.call("GET", `/api/v1/executions/${id}`, { key })).body.status;

/** Of the shard's table. */
const rowsOf = (tenant: string) =>
  runInDurableObject(shardOf(tenant), (_actor, { storage: { sql } }) =>
    sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'tickets'").toArray().length === 0
      ? 0
      : Number(sql.exec("SELECT count(*) AS count FROM tickets").one().count),
  );

describe("a start that nobody waits for", () => {
  test("is queued by an id that names its shard, is read at once, begins, and leaves no row", async () => {
    const key = await keyOf("single");
    const id = await server.start(key, "approvals.demo", DEMO.input);
    expect(parseExecutionId(id)?.shard).toBe(1);
    expect(["queued", "running", "waiting"]).toContain(await statusOf(key, id));
    await vi.waitFor(async () => expect(await statusOf(key, id)).toBe("waiting"), { timeout: 20_000 });
    await vi.waitFor(async () => expect(await rowsOf("single")).toBe(0), { timeout: 20_000 });
  });

  test("is not found by another tenant, by another user, or by a made-up id", async () => {
    const [key, other] = [await keyOf("mine"), await keyOf("theirs")];
    const { key: bob } = await server.newKey({ tenant: "mine", subject: "bob", scopes: ["execute", "read"] });
    const ghost = await ghostTicket("mine");
    for (const stranger of [other, bob])
      expect((await server.call("GET", `/api/v1/executions/${ghost}`, { key: stranger })).status).toBe(404);
    expect((await server.call("GET", `/api/v1/executions/${ghost}`, { key })).status).toBe(200);
  });

  test("begins directly where it is named, is waited for, or is large", async () => {
    const key = await keyOf("direct");
    const path = "/api/v1/execute/async/approvals.demo";
    const named = await server.call("POST", path, { key, body: DEMO, headers: { "idempotency-key": "one" } });
    expect(parseExecutionId(String(named.body.execution_id))?.shard).toBe(0);
    const waited = await server.call("POST", "/api/v1/execute/approvals.demo", { key, body: DEMO });
    expect(parseExecutionId(String(waited.body.execution_id))?.shard).toBe(0);
    const large = { ...DEMO, metadata: { text: "x".repeat(40_000) } };
    const { body } = await server.call("POST", path, { key, body: large });
    await vi.waitFor(async () => expect(await statusOf(key, String(body.execution_id))).toBe("waiting"), {
      timeout: 20_000,
    });
    expect(await rowsOf("direct")).toBe(0);
  });

  test("that names a parent is taken on by it at its acceptance, joins its run, and ends with its cancel", async () => {
    const key = await keyOf("family");
    const path = "/api/v1/execute/async/approvals.demo";
    const parent = await server.call("POST", "/api/v1/execute/approvals.demo", { key, body: DEMO });
    const id = String(parent.body.execution_id);
    const headers = { "x-parent-execution-id": id };
    const child = await server.call("POST", path, { key, body: DEMO, headers });
    expect(child.status).toBe(202);
    const childId = String(child.body.execution_id);
    expect([parseExecutionId(childId)?.shard, child.body.run_id]).toEqual([1, parent.body.run_id]);
    const { body } = await server.call("GET", `/api/v1/executions/${id}/events`, { key });
    const started = (body.items as { type: string; data: { child_id?: string } }[]).filter(
      ({ type }) => type === "child.started",
    );
    expect(started.map(({ data }) => data.child_id)).toEqual([childId]);
    expect((await server.call("POST", `/api/v1/executions/${id}/cancel`, { key, body: {} })).status).toBe(200);
    await vi.waitFor(async () => expect(await statusOf(key, childId)).toBe("cancelled"), { timeout: 20_000 });
    const late = await server.call("POST", path, { key, body: DEMO, headers });
    expect([late.status, late.body.code]).toEqual([409, "parent_refused"]);
  });

  test("in a burst: few rows, each begins once, also when every object dies in the middle", async () => {
    const key = await keyOf("burst");
    const started = await Promise.all(
      Array.from({ length: 40 }, () => server.start(key, "approvals.demo", DEMO.input)),
    );
    expect(new Set(started).size).toBe(40);
    for (let n = 0; n < 3; n += 1) {
      await abortAllDurableObjects();
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    const all = async () => {
      const { body } = await server.call("POST", "/api/v1/executions/batch-status", {
        ...{ key, body: { execution_ids: started } },
      });
      const statuses = Object.values(body).map((entry) => (entry as { status: string }).status);
      expect(statuses).toEqual(started.map(() => "waiting"));
    };
    await vi.waitFor(all, { timeout: 25_000, interval: 200 });
    const listed = async () => {
      const { body } = await server.call("GET", "/api/v1/executions?status=waiting&limit=100", { key });
      expect(body.items).toHaveLength(40);
    };
    await vi.waitFor(listed, { timeout: 20_000, interval: 200 });
    await vi.waitFor(async () => expect(await rowsOf("burst")).toBe(0), { timeout: 20_000 });
  });
});

/** A ticket whose function this code does not have. */
async function ghostTicket(tenant: string, extra: Partial<CreateCommand> = {}): Promise<string> {
  const id = await freshId(tenant);
  const command: CreateCommand = {
    type: "create",
    origin: {
      ...{ id, tenant, owner: "ann", agent: "ghost", fn: "gone", kind: "skill", version: "1", runId: "run_g" },
      ...{ owned: false, digest: "", limits: {}, timeoutMs: 60_000 },
    },
    input: { n: 1 },
    parsed: { same: true },
    ...extra,
  };
  const accepted = await shardOf(tenant).accept(systemPrincipal(tenant), command);
  expect(accepted).toMatchObject({ ok: true });
  return id;
}

/** As the router makes one. */
async function freshId(tenant: string): Promise<string> {
  await idSecretOf(env).load();
  return executionIdsOf(env).fresh(tenant, 1);
}

describe("a start under a limit that is full", () => {
  test("stays a ticket, says its place, is cancelled there, and begins when there is a slot", async () => {
    const key = await keyOf("limited");
    const queue = `/api/v1/queues/${encodeURIComponent("approvals/demo")}`;
    const within = { timeout: 30_000 };
    await server.call("PUT", queue, { key, body: { limit: 0 } });
    const ids = [];
    for (let n = 0; n < 3; n += 1) ids.push(await server.start(key, "approvals.demo", DEMO.input));
    const [first = "", second = "", third = ""] = ids;
    const body = async (id: string) => (await server.call("GET", `/api/v1/executions/${id}`, { key })).body;
    await vi.waitFor(async () => {
      expect(JSON.stringify((await body(third)).why)).toContain(
        "3rd of 3; 0 of 0 running under limited/approvals/demo",
      );
    }, within);
    expect(await rowsOf("limited")).toBeGreaterThan(0);
    expect(await body(second)).toMatchObject({ status: "queued", status_reason: "awaiting_slot: approvals/demo" });
    await abortAllDurableObjects();
    expect((await server.call("POST", `/api/v1/executions/${second}/cancel`, { key, body: {} })).status).toBe(200);
    await server.call("PUT", queue, { key, body: { limit: 1 } });
    for (const id of [first, third])
      await vi.waitFor(async () => expect((await body(id)).status).toBe("waiting"), within);
    expect((await body(second)).status).toBe("cancelled");
    await vi.waitFor(async () => expect(await rowsOf("limited")).toBe(0), within);
  });
});

describe("a ticket that does not open", () => {
  test("stands aside with its reason, the others go on, and its caller may cancel it", async () => {
    const key = await keyOf("aside");
    const ghost = await ghostTicket("aside");
    const id = await server.start(key, "approvals.demo", DEMO.input);
    await vi.waitFor(async () => expect(await statusOf(key, id)).toBe("waiting"), { timeout: 20_000 });
    const { body } = await server.call("GET", `/api/v1/executions/${ghost}`, { key });
    expect(body).toMatchObject({ status: "queued", queue: { depth: 1, aside: expect.stringContaining("ghost.gone") } });
    expect((body.why as { sentence: string }).sentence).toContain("no function ghost.gone");
    const cancelled = await server.call("POST", `/api/v1/executions/${ghost}/cancel`, { key, body: {} });
    expect([cancelled.status, cancelled.body.status, cancelled.body.previous_status]).toEqual([
      200,
      "cancelled",
      "queued",
    ]);
    expect(await statusOf(key, ghost)).toBe("cancelled");
    const { body: events } = await server.call("GET", `/api/v1/executions/${ghost}/events`, { key });
    expect((events.items as { type: string }[]).map(({ type }) => type)).toEqual([
      ...["execution.created", "execution.queued", "execution.cancelled"],
    ]);
  });

  test("is known to lists and to the cron handler after a second", async () => {
    const key = await keyOf("listed");
    const ghost = await ghostTicket("listed");
    const listed = async () => {
      const { body } = await server.call("GET", "/api/v1/executions?status=queued", { key });
      expect((body.items as { execution_id: string }[]).map((row) => row.execution_id)).toEqual([ghost]);
    };
    await vi.waitFor(listed, { timeout: 20_000, interval: 200 });
    expect(await listedIntakes(env.REGISTRY, 100)).toContainEqual({ tenant: "listed", shard: 1 });
  });
});
