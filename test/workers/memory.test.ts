/** Memory in real workerd: each call as clients of AgentField make it, whose memory is whose, and what hostile callers send. */
import {
  applyD1Migrations,
  evictAllDurableObjects,
  listDurableObjectIds,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { memoryPortOf } from "../../src/compose/memory.ts";
import { MemoryCaller } from "../support/memory/memories.ts";
import type { NewKey } from "../support/workers/deployment.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const server = new Deployment();
const BOTH = ["read", "execute"] as const;
const callers: Record<string, MemoryCaller> = {};
const caller = (name: string): MemoryCaller => callers[name] as MemoryCaller;
let [olga, keyOfOlga] = [undefined as unknown as MemoryCaller, ""];

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const make = async (
    name: string,
    { tenant = "acme-memory", subject = name, scopes = BOTH }: Partial<NewKey> = {},
  ) => {
    const { key } = await server.newKey({ subject, tenant, scopes });
    callers[name] = new MemoryCaller(server, key);
    return key;
  };
  keyOfOlga = await make("olga");
  await make("ivan");
  await make("ada", { scopes: ["admin"] });
  await make("node", { scopes: ["agent"] });
  await make("namesake", { subject: "olga", tenant: "rival-memory" });
  olga = caller("olga");
});
function memories(): DurableObjectNamespace {
  if (!env.MEMORIES) throw new Error("no binding MEMORIES");
  return env.MEMORIES;
}

let made = 0;
/** A session that no other test has. */
function session(): MemoryCaller {
  made += 1;
  return olga.with({ "x-session-id": `session-${made}` });
}

describe("keys", () => {
  test("are set, read, listed and deleted in the shape that clients of AgentField know", async () => {
    const mine = olga.with({ "x-session-id": "s-shape", "x-agent-node-id": "writer", "x-actor-id": "a-shape" });
    const set = await mine.post("set", { key: "name", data: { first: "Olga" }, scope: "session" });
    expect(set).toMatchObject({
      status: 200,
      body: {
        ...{ scope: "session", scope_id: "s-shape", key: "name", data: { first: "Olga" }, access_level: "owner" },
        metadata: { agent_id: "writer", actor_id: "a-shape" },
      },
    });
    expect(Date.parse(String(set.body.created_at))).toBe(Date.parse(String(set.body.updated_at)));
    const read = await mine.post("get", { key: "name", scope: "session" });
    expect(read).toMatchObject({ status: 200, body: set.body });
    const listed = await mine.get("list?scope=session");
    expect(listed).toMatchObject({ status: 200, body: [set.body] });
    const again = await mine.post("set", { key: "name", data: 2, scope: "session" });
    expect(again.body.created_at).toBe(set.body.created_at);
    for (const _time of [1, 2]) expect((await mine.post("delete", { key: "name", scope: "session" })).status).toBe(204);
    const gone = await mine.post("get", { key: "name", scope: "session" });
    expect(gone).toMatchObject({ status: 404, body: { error: "not_found", code: 404, fault: "not_found" } });
    expect(gone.body.details).toBe(gone.body.detail);
    expect((await mine.get("list?scope=session")).body).toEqual([]);
  });

  test("without a scope are written to the nearest that is named, and read from the nearest that has them", async () => {
    const all = { "x-workflow-id": "w-1", "x-session-id": "s-1", "x-actor-id": "a-1" };
    const near = olga.with(all);
    for (const scope of ["global", "actor", "session"]) await near.post("set", { key: "k-order", data: scope, scope });
    expect(await near.value({ key: "k-order" })).toBe("session");
    expect((await near.post("set", { key: "k-order", data: "workflow" })).body.scope).toBe("workflow");
    expect(await near.value({ key: "k-order" })).toBe("workflow");
    expect(await olga.with({ "x-actor-id": "a-1" }).value({ key: "k-order" })).toBe("actor");
    expect(await olga.value({ key: "k-order" })).toBe("global");
    expect((await olga.post("set", { key: "k-alone", data: 1 })).body).toMatchObject({
      ...{ scope: "global", scope_id: "global", access_level: "tenant" },
    });
    expect((await olga.with({ "x-session-id": "s-1" }).post("set", { key: "k-s", data: 1 })).body.scope).toBe(
      "session",
    );
    expect((await olga.with({ "x-run-id": "w-1" }).post("get", { key: "k-order" })).body.scope_id).toBe("w-1");
    const other = { "x-run-id": "w-other", "x-workflow-id": "w-1" };
    expect(await olga.with(other).value({ key: "k-order", scope: "workflow" })).toBe("workflow");
  });

  test("name their scope, or hear what to name", async () => {
    const cases: [number, string, Promise<{ status: number; body: Record<string, unknown> }>][] = [
      [400, "missing_scope", olga.get("list")],
      [400, "missing_scope", olga.get("list?scope=session")],
      [400, "missing_scope", olga.post("set", { key: "k", data: 1, scope: "session" })],
      [400, "missing_scope", olga.post("set", { key: "k", data: 1, scope_id: "s" })],
      [400, "missing_scope", olga.post("delete", { key: "k", scope: "actor" })],
      [400, "invalid_input", olga.post("set", { key: "k", data: 1, scope: "tenant" })],
      [400, "invalid_input", olga.post("set", { key: "k", data: null })],
      [400, "invalid_input", olga.post("set", { key: "k" })],
      [400, "invalid_input", olga.post("set", { data: 1 })],
      [400, "invalid_input", olga.post("set", { key: "", data: 1 })],
      [400, "invalid_input", olga.post("set", { key: 7, data: 1 })],
      [400, "invalid_input", olga.get("list?scope=global&limit=0")],
      [400, "invalid_input", olga.get("list?scope=global&limit=2&prefix=a")],
      [400, "invalid_cursor", olga.get("list?scope=global&cursor=%25")],
      // As a scope without an id is empty in the reference: some clients ask all four.
      [404, "not_found", olga.post("get", { key: "k", scope: "session" })],
    ];
    for (const [status, error, asked] of cases) {
      const { status: got, body } = await asked;
      expect([got, body.error, body.code]).toEqual([status, error, status === 404 ? 404 : error]);
    }
    expect(await olga.value({ key: "k-by-body", scope: "session", scope_id: "s-b" })).toBeUndefined();
    await olga.post("set", { key: "k-by-body", data: 1, scope: "session", scope_id: "s-b" });
    expect(await olga.with({ "x-session-id": "s-b" }).value({ key: "k-by-body" })).toBe(1);
  });

  test("may be any text, and are told apart", async () => {
    const mine = session();
    const keys = [
      "__proto__",
      "constructor",
      "a/b/../c",
      "a%2Fb",
      " ",
      "\u0000",
      "é",
      "e\u0301",
      "😀",
      "'; --",
      "x".repeat(1_024),
    ];
    for (const [at, key] of keys.entries())
      expect([key, (await mine.post("set", { key, data: at, scope: "session" })).status]).toEqual([key, 200]);
    for (const [at, key] of keys.entries()) expect(await mine.value({ key, scope: "session" })).toBe(at);
    const { body } = await mine.get("list?scope=session");
    expect((body as unknown as { key: string }[]).map(({ key }) => key).sort()).toEqual([...keys].sort());
    const long = await mine.post("set", { key: "x".repeat(100_000), data: 1, scope: "session" });
    expect(long).toMatchObject({ status: 413, body: { error: "payload_too_large" } });
    expect(long.body.detail).toContain("at most 1024");
    expect((await mine.post("set", { key: "€".repeat(342), data: 1, scope: "session" })).status).toBe(413);
    const headers = { authorization: `Bearer ${keyOfOlga}` };
    const broken = new Request("https://errand.test/api/v1/memory/set", {
      method: "POST",
      headers,
      body: '{"key":"\\ud800","data":1}',
    });
    expect((await server.send(broken)).status).toBe(400);
  });

  test("keep values as they were sent, up to 1 MiB", async () => {
    const mine = session();
    const values: unknown[] = [
      0,
      false,
      "",
      [],
      {},
      [null],
      { constructor: 2, toString: { hasOwnProperty: 1 } },
      "\u2028é😀",
    ];
    for (const data of values) {
      await mine.post("set", { key: "v", data, scope: "session" });
      expect(JSON.stringify(await mine.value({ key: "v", scope: "session" }))).toBe(JSON.stringify(data));
    }
    const largest = "x".repeat(1_048_574);
    expect((await mine.post("set", { key: "v", data: largest, scope: "session" })).status).toBe(200);
    expect(await mine.value({ key: "v", scope: "session" })).toBe(largest);
    const tooLarge = await mine.post("set", { key: "v", data: `${largest}x`, scope: "session" });
    expect(tooLarge).toMatchObject({ status: 413, body: { error: "payload_too_large", code: "payload_too_large" } });
    expect(tooLarge.body.detail).toContain("1048576");
    expect((await mine.post("set", { key: "v", data: "x".repeat(3_000_000), scope: "session" })).status).toBe(413);
    expect(await mine.value({ key: "v", scope: "session" })).toBe(largest);
    const { body } = await mine.get("events/history?scope=session&limit=1");
    expect(body).toMatchObject([{ key: "v", action: "set", omitted: ["data"], previous_data: "\u2028é😀" }]);
  });

  test("are listed in pages, each once, also while others are written", async () => {
    const mine = session();
    const expected = new Set<string>();
    for (let at = 0; at < 23; at += 1) {
      await mine.post("set", { key: `key ${at}`, data: at, scope: "session" });
      expected.add(`key ${at}`);
    }
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { body } = await mine.get(`list?scope=session&limit=5${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      const page = body as unknown as { items: { key: string }[]; next_cursor: string | null };
      expect(page.items.length).toBeLessThanOrEqual(5);
      seen.push(...page.items.map(({ key }) => key));
      cursor = page.next_cursor;
      await mine.post("delete", { key: seen.at(-1), scope: "session" });
    }
    expect(new Set(seen)).toEqual(expected);
    expect(seen).toHaveLength(expected.size);
  });

  test("live as long as they were given, and their end is a change", async () => {
    const mine = session();
    const { body } = await mine.post("set", { key: "short", data: 1, scope: "session", ttl_seconds: 0.5 });
    expect(Date.parse(String(body.expires_at)) - Date.parse(String(body.updated_at))).toBe(500);
    await mine.post("set", { key: "long", data: 1, scope: "session", ttl_seconds: 1_000 });
    await mine.post("set", { key: "kept", data: 1, scope: "session", ttl_seconds: 0.5 });
    await mine.post("set", { key: "kept", data: 2, scope: "session" });
    await expect.poll(() => mine.value({ key: "short", scope: "session" }), { timeout: 30_000 }).toBeUndefined();
    const history = async () => (await mine.get("events/history?scope=session")).body as unknown as object[];
    await expect
      .poll(async () => (await history()).at(-1), { timeout: 30_000 })
      .toMatchObject({
        ...{ key: "short", action: "delete", previous_data: 1, metadata: { expired: true } },
      });
    expect(await mine.value({ key: "long", scope: "session" })).toBe(1);
    expect(await mine.value({ key: "kept", scope: "session" })).toBe(2);
    for (const ttl_seconds of [0, -1, 1e12, "5"])
      expect((await mine.post("set", { key: "k", data: 1, scope: "session", ttl_seconds })).status).toBe(400);
  });

  test("are written once by an Idempotency-Key, whatever was written since", async () => {
    const mine = session();
    const once = mine.with({ "idempotency-key": "write-1" });
    await once.post("set", { key: "n", data: 1, scope: "session" });
    await mine.post("set", { key: "n", data: 2, scope: "session" });
    expect((await once.post("set", { key: "n", data: 1, scope: "session" })).status).toBe(200);
    expect(await mine.value({ key: "n", scope: "session" })).toBe(2);
    const other = await once.post("set", { key: "n", data: 3, scope: "session" });
    expect(other).toMatchObject({ status: 422, body: { error: "idempotency_mismatch" } });
    const { body } = await mine.get("events/history?scope=session");
    expect((body as unknown as { data: number }[]).map(({ data }) => data)).toEqual([1, 2]);
  });

  test("outlive the object that holds them", async () => {
    const mine = session();
    await mine.post("set", { key: "stays", data: { deep: [1] }, scope: "session" });
    await evictAllDurableObjects();
    expect(await mine.value({ key: "stays", scope: "session" })).toEqual({ deep: [1] });
  });
});

describe("whose memory it is", () => {
  test("a session, an actor and a workflow are their owner's; the global memory is the tenant's", async () => {
    const ids = { "x-session-id": "shared", "x-actor-id": "shared", "x-workflow-id": "shared" };
    for (const scope of ["workflow", "session", "actor", "global"])
      await olga.with(ids).post("set", { key: "whose", data: `olga's ${scope}`, scope });
    for (const name of ["ivan", "ada", "node"])
      for (const scope of ["workflow", "session", "actor"]) {
        expect([name, await caller(name).with(ids).value({ key: "whose", scope })]).toEqual([name, undefined]);
        expect((await caller(name).with(ids).get(`list?scope=${scope}`)).body).toEqual([]);
        const history = await caller(name).with(ids).get(`events/history?scope=${scope}`);
        expect(history.body).toEqual([]);
      }
    for (const name of ["ivan", "ada", "node"])
      expect(await caller(name).with(ids).value({ key: "whose" })).toBe("olga's global");
    for (const scope of ["workflow", "session", "actor", "global"])
      expect(await caller("namesake").with(ids).value({ key: "whose", scope })).toBeUndefined();
    await caller("ivan").with(ids).post("delete", { key: "whose", scope: "session" });
    expect(await olga.with(ids).value({ key: "whose", scope: "session" })).toBe("olga's session");
  });

  test("an administrator who names an execution reaches its owner's, and a stranger reaches nothing by it", async () => {
    const headers = { "x-session-id": "s-of-exec", "x-run-id": "run-of-exec" };
    const started = await server.call("POST", "/api/v1/execute/async/approvals.demo", {
      ...{ key: keyOfOlga, headers, body: { input: { claim: "c", amount: 10 } } },
    });
    const named = { "x-session-id": "s-of-exec", "x-execution-id": String(started.body.execution_id) };
    await olga.with(named).post("set", { key: "k", data: "olga's", scope: "session" });
    expect(await caller("ada").with(named).value({ key: "k", scope: "session" })).toBe("olga's");
    for (const name of ["ivan", "node", "namesake"])
      expect([name, await caller(name).with(named).value({ key: "k", scope: "session" })]).toEqual([name, undefined]);
  });

  test("a program has the memory of its execution's owner, and its write is done once", async () => {
    const port = memoryPortOf(env);
    const place = { tenant: "acme-memory", scope: "session", owner: "olga", scopeId: "s-program" } as const;
    const write = {
      key: "k",
      data: "1",
      by: { executionId: "exec_1" },
      once: { id: "run exec_1:memory.set k", digest: "=1" },
    };
    for (const _time of [1, 2]) expect(await port.set(place, write)).toMatchObject({ ok: true });
    const mine = olga.with({ "x-session-id": "s-program" });
    expect(await mine.value({ key: "k", scope: "session" })).toBe(1);
    expect((await mine.get("events/history?scope=session")).body).toMatchObject([
      { metadata: { execution_id: "exec_1" } },
    ]);
    expect((await mine.get("events/history?scope=session")).body).toHaveLength(1);
    expect(await port.get(place, "none")).toEqual({ ok: true, value: null });
  });

  test("names that are glued together elsewhere are kept apart", async () => {
    await olga.post("set", { key: "k", data: "ab", scope: "session", scope_id: 'a","b' });
    expect(await olga.value({ key: "k", scope: "session", scope_id: "a" })).toBeUndefined();
    await olga.post("set", { key: "k", data: "global?", scope: "session", scope_id: "global" });
    expect(await olga.value({ key: "k", scope: "global" })).not.toBe("global?");
  });

  test("what is stored is sealed", async () => {
    const mine = session();
    await mine.post("set", { key: "a secret key", data: "a secret value", scope: "session" });
    await mine.post("vector/set", {
      key: "a secret vector",
      embedding: [1, 2],
      metadata: { note: "secret words" },
      scope: "session",
    });
    for (const id of await listDurableObjectIds(memories())) {
      const texts = await runInDurableObject(memories().get(id), (_actor, { storage }) =>
        ["about", "changes", "entries", "vectors"].flatMap((table) => {
          const exists = storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = ?", table).toArray().length > 0;
          const rows = exists ? storage.sql.exec(`SELECT * FROM ${table}`).toArray() : [];
          return rows.flatMap((row) =>
            Object.values(row).map((value) =>
              value instanceof ArrayBuffer ? new TextDecoder("latin1").decode(value) : String(value),
            ),
          );
        }),
      );
      expect(texts.join("\n")).not.toMatch(/secret|session-\d|acme-memory/);
    }
  });
});

test("a Worker that binds no memories says which lines its wrangler file lacks, and serves everything else", async () => {
  const bare = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY, MEMORIES: undefined } as never);
  const { key } = await bare.newKey({ scopes: ["admin"] });
  for (const [method, path, body] of [
    ["POST", "set", { key: "k", data: 1 }],
    ["GET", "events/sse", undefined],
  ] as const) {
    const refused = await bare.call(method, `/api/v1/memory/${path}`, { key, body });
    expect(refused).toMatchObject({ status: 503, body: { error: "misconfigured", code: "misconfigured" } });
    expect(refused.body.detail).toContain('class_name = "MemoryActor"');
  }
  expect((await bare.call("GET", "/api/v1/executions", { key })).status).toBe(200);
});

describe("vectors", () => {
  test("are set, read, searched and deleted in the shape that clients of AgentField know", async () => {
    const mine = session();
    const { status, body } = await mine.post("vector/set", {
      ...{ key: "doc/1", embedding: [1, 0], metadata: { lang: "en" }, scope: "session" },
    });
    expect([status, body]).toMatchObject([200, { key: "doc/1", scope: "session", metadata: { lang: "en" } }]);
    expect((await mine.post("vector", { key: "doc/2", embedding: [0.6, 0.8], scope: "session" })).status).toBe(200);
    await mine.post("vector/set", { key: "doc/3", embedding: [-1, 0], metadata: { lang: "de" }, scope: "session" });
    const found = await mine.post("vector/search", { query_embedding: [2, 0], scope: "session" });
    expect(found.body).toMatchObject([
      { key: "doc/1", score: 1, metadata: { lang: "en" }, scope: "session" },
      { key: "doc/2", metadata: {} },
      { key: "doc/3", score: -1 },
    ]);
    const search = async (more: object) => {
      const { body: matches } = await mine.post("vector/search", {
        query_embedding: [1, 0],
        scope: "session",
        ...more,
      });
      return (matches as unknown as { key: string }[]).map(({ key }) => key);
    };
    expect(await search({ top_k: 1 })).toEqual(["doc/1"]);
    expect(await search({ filters: { lang: "de" } })).toEqual(["doc/3"]);
    expect(await search({ filters: { lang: ["en"] } })).toEqual([]);
    expect(await search({ filters: { constructor: 1 } })).toEqual([]);
    expect((await mine.get("vector/doc%2F1?scope=session")).body).toMatchObject({
      embedding: [1, 0],
      metadata: { lang: "en" },
    });
    expect((await mine.get("vector/none?scope=session")).body).toMatchObject({ error: "not_found", code: 404 });
    for (const _time of [1, 2]) expect((await mine.delete("vector/doc%2F2?scope=session")).status).toBe(204);
    expect((await mine.post("vector/delete", { key: "doc/3", scope: "session" })).status).toBe(204);
    expect(await search({})).toEqual(["doc/1"]);
    await mine.post("vector/set", { key: "doc/1", embedding: [0, 1], scope: "session" });
    expect((await mine.post("vector/search", { query_embedding: [0, 1], scope: "session" })).body).toMatchObject([
      { score: 1 },
    ]);
  });

  test("go by what their keys begin with", async () => {
    const mine = session();
    for (const key of ["docs:1", "docs:2", "doc", "namespace"])
      await mine.post("vector/set", { key, embedding: [1, 1], scope: "session" });
    const removed = await mine.delete("vector/namespace", { namespace: "docs:", scope: "session" });
    expect(removed).toMatchObject({
      status: 200,
      body: { namespace: "docs:", deleted: 2, scope: "session", status: "deleted" },
    });
    expect((await mine.delete("vector/namespace?scope=session")).status).toBe(204);
    const { body } = await mine.post("vector/search", { query_embedding: [1, 1], scope: "session" });
    expect((body as unknown as { key: string }[]).map(({ key }) => key)).toEqual(["doc"]);
  });

  test("are at most 10,000 in a scope, and the next one hears why", async () => {
    const mine = session();
    const set = (key: string) => mine.post("vector/set", { key, embedding: [1, 1], scope: "session" });
    await set("first");
    const place = JSON.stringify(["acme-memory", "session", "olga", `session-${made}`]);
    await runInDurableObject(memories().get(memories().idFromName(place)), (_actor, { storage }) => {
      const numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9998)";
      const columns = "(id, dims, sealed, embedding, content)";
      storage.sql.exec(`${numbers} INSERT INTO vectors ${columns} SELECT 'row ' || i, 2, 0, x'00', 'x' FROM n`);
    });
    expect((await set("the last one")).status).toBe(200);
    const full = await set("one more");
    expect(full).toMatchObject({ status: 413, body: { error: "memory_full", code: "memory_full" } });
    expect(full.body.detail).toContain("10000 vectors");
    expect((await set("first")).status).toBe(200);
  });

  test("that cannot be compared are refused, with the reason", async () => {
    const mine = session();
    const wrong: unknown[] = [
      [],
      [0, 0],
      [1e39],
      ["1"],
      [null],
      "1,2",
      { 0: 1 },
      [1e-60],
      Array.from({ length: 8_193 }, () => 1),
    ];
    for (const embedding of wrong) {
      const { status, body } = await mine.post("vector/set", { key: "k", embedding, scope: "session" });
      expect([status, body.error]).toEqual([400, "invalid_input"]);
      expect((await mine.post("vector/search", { query_embedding: embedding, scope: "session" })).status).toBe(400);
    }
    expect((await mine.post("vector/search", { query_embedding: [1], scope: "session" })).body).toEqual([]);
    await mine.post("vector/set", { key: "first", embedding: [1, 2, 3], scope: "session" });
    const other = await mine.post("vector/set", { key: "second", embedding: [1, 2], scope: "session" });
    expect([other.status, other.body.detail]).toEqual([
      400,
      expect.stringContaining("has 2 numbers, and the vectors of this scope have 3"),
    ]);
    expect((await mine.post("vector/search", { query_embedding: [1, 2], scope: "session" })).status).toBe(400);
    // The only one may be replaced by one of another model.
    expect((await mine.post("vector/set", { key: "first", embedding: [1, 2], scope: "session" })).status).toBe(200);
    const large = { key: "m", embedding: [1, 2], metadata: { text: "x".repeat(70_000) }, scope: "session" };
    expect((await mine.post("vector/set", large)).status).toBe(413);
    expect((await mine.post("vector/search", { query_embedding: [1, 2], top_k: 1_001, scope: "session" })).status).toBe(
      400,
    );
  });
});

describe("the feed", () => {
  test("tells each change to who watches the memory, with what was there before", async () => {
    const mine = session();
    const reader = await mine.socket("?scope=session");
    await mine.with({ "x-agent-node-id": "writer" }).post("set", { key: "a", data: 1, scope: "session" });
    await mine.post("set", { key: "a", data: 2, scope: "session" });
    await mine.post("delete", { key: "a", scope: "session" });
    await mine.post("delete", { key: "a", scope: "session" });
    await expect
      .poll(() => reader.events, { timeout: 10_000 })
      .toMatchObject([
        {
          id: "1",
          type: "memory_change",
          scope: "session",
          key: "a",
          action: "set",
          data: 1,
          metadata: { agent_id: "writer" },
        },
        { id: "2", action: "set", data: 2, previous_data: 1 },
        { id: "3", action: "delete", previous_data: 2 },
      ]);
    reader.close();
  });

  test("of the tenant tells the changes of all memories that its reader may see", async () => {
    const ids = { "x-session-id": "s-all", "x-actor-id": "a-all" };
    const mine = await olga.socket("?patterns=all*");
    const ivans = await caller("ivan").socket("?patterns=all*");
    const admins = await caller("ada").socket("?patterns=all*");
    const rivals = await caller("namesake").socket();
    await olga.with(ids).post("set", { key: "all/session", data: 1, scope: "session" });
    await olga.with(ids).post("set", { key: "all/actor", data: 1, scope: "actor" });
    await olga.post("set", { key: "all/global", data: 1 });
    await olga.post("set", { key: "other", data: 1 });
    const everything = ["all/actor", "all/global", "all/session"];
    await expect.poll(() => [...mine.keys].sort(), { timeout: 10_000 }).toEqual(everything);
    await expect.poll(() => [...admins.keys].sort(), { timeout: 10_000 }).toEqual(everything);
    await expect.poll(() => ivans.keys, { timeout: 10_000 }).toEqual(["all/global"]);
    expect(rivals.keys).toEqual([]);
    const narrowed = await olga.get("events/history?scope=session&scope_id=s-all&patterns=all*,nothing");
    expect(narrowed.body).toMatchObject([{ key: "all/session", scope_id: "s-all" }]);
    const scoped = (await olga.get("events/history?scope=actor&patterns=all*")).body;
    expect(scoped).toMatchObject([{ key: "all/actor" }]);
    for (const one of [mine, ivans, admins, rivals]) one.close();
  });

  test("goes on from the last change that its reader has, through an eviction, without loss and without repeats", async () => {
    const mine = session();
    for (const key of ["1", "2", "3"]) await mine.post("set", { key, data: 1, scope: "session" });
    const reader = await mine.socket("?scope=session&since=1");
    await expect.poll(() => reader.keys, { timeout: 10_000 }).toEqual(["2", "3"]);
    await evictAllDurableObjects();
    await mine.post("set", { key: "4", data: 1, scope: "session" });
    await expect.poll(() => reader.keys, { timeout: 10_000 }).toEqual(["2", "3", "4"]);
    reader.close();
    await mine.post("set", { key: "5", data: 1, scope: "session" });
    const again = await mine.with({ "last-event-id": "4" }).socket("?scope=session&since=1");
    await mine.post("set", { key: "6", data: 1, scope: "session" });
    await expect.poll(() => again.keys, { timeout: 10_000 }).toEqual(["5", "6"]);
    again.close();
  });

  test("is server-sent events for who asks for them, resumed by Last-Event-ID", async () => {
    const mine = session();
    for (const key of ["1", "2"]) await mine.post("set", { key, data: "line\nbreak", scope: "session" });
    const response = await mine.events("?scope=session", { "last-event-id": "1" });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const text = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await text?.read();
    expect(first?.value).toMatch(/^id: 2\nevent: message\ndata: \{"id":"2","type":"memory_change",.*\}\n\n$/);
    await mine.post("set", { key: "3", data: 1, scope: "session" });
    expect((await text?.read())?.value).toMatch(/^id: 3\n/);
    await text?.cancel();
  });

  test("has a history, in order, in pages, since a change or an instant", async () => {
    const mine = session();
    for (let at = 1; at <= 5; at += 1) await mine.post("set", { key: `k${at}`, data: at, scope: "session" });
    const ids = async (query: string) =>
      ((await mine.get(`events/history?scope=session${query}`)).body as unknown as { id: string }[]).map(
        ({ id }) => id,
      );
    expect(await ids("")).toEqual(["1", "2", "3", "4", "5"]);
    expect(await ids("&limit=2")).toEqual(["4", "5"]);
    expect(await ids("&since=1&limit=2")).toEqual(["2", "3"]);
    expect(await ids("&since=5")).toEqual([]);
    expect(await ids("&since=2020-01-01T00:00:00Z&limit=1")).toEqual(["1"]);
    expect(await ids("&since=2099-01-01T00:00:00.000%2B02:00")).toEqual([]);
    expect(await ids("&patterns=k?&limit=1")).toEqual(["5"]);
    expect((await mine.get("events/history?scope=session&since=6")).body).toMatchObject({ error: "invalid_cursor" });
    for (const query of ["since=yesterday", `patterns=${"a,".repeat(21)}`, `patterns=${"a".repeat(300)}`, "limit=1001"])
      expect((await mine.get(`events/history?scope=session&${query}`)).status).toBe(400);
    expect((await mine.get("events/ws?scope=session")).status).toBe(426);
  });

  test("is masked for a caller that sees no personal data", async () => {
    const masked = await server.newKey({ subject: "olga", tenant: "acme-memory", scopes: ["read"], masked: true });
    const viewer = new MemoryCaller(server, masked.key, { "x-session-id": "s-masked" });
    const mine = olga.with({ "x-session-id": "s-masked" });
    const reader = await viewer.socket("?scope=session");
    await mine.post("set", { key: "mail", data: "olga@example.com", scope: "session" });
    await expect.poll(() => reader.events, { timeout: 10_000 }).toHaveLength(1);
    const history = await viewer.get("events/history?scope=session");
    const read = await viewer.post("get", { key: "mail", scope: "session" });
    for (const shown of [reader.events, history.body, read.body]) {
      expect(JSON.stringify(shown)).not.toContain("olga@");
      expect(JSON.stringify(shown)).toContain("***");
    }
    reader.close();
  });

  test("remembers a bounded number of changes, and says so to a reader that comes too late", async () => {
    const mine = session();
    const place = ["acme-memory", "session", "olga", `session-${made}`];
    const stub = memories().get(memories().idFromName(JSON.stringify(place)));
    await mine.post("set", { key: "k", data: 0, scope: "session" });
    type Memory = { set(caller: object, place: object, write: object): Promise<unknown> };
    await runInDurableObject(stub, async (actor) => {
      const [tenant = "", scope = "", owner = "", scopeId = ""] = place;
      const principal = { tenant, subject: "olga", scopes: ["execute"] };
      for (let at = 0; at < 1_100; at += 1)
        await (actor as unknown as Memory).set(
          principal,
          { tenant, scope, owner, scopeId },
          { key: "k", data: String(at), by: {} },
        );
    });
    await runDurableObjectAlarm(stub);
    await mine.post("set", { key: "k", data: "last", scope: "session" });
    await expect
      .poll(
        () =>
          runInDurableObject(
            stub,
            (_actor, { storage }) => storage.sql.exec("SELECT count(*) AS n FROM changes").one().n,
          ),
        {
          timeout: 20_000,
        },
      )
      .toBeLessThanOrEqual(1_064);
    const late = await mine.get("events/history?scope=session&since=1");
    expect(late).toMatchObject({ status: 410, body: { error: "changes_gone", code: "changes_gone" } });
    expect((await mine.get("events/history?scope=session&limit=1")).body).toMatchObject([{ id: "1102", data: "last" }]);
  });
});
