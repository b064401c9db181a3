/** Keys in workerd, over HTTP and in D1: the first one, what they open, how they end. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const KEYS = "/api/v1/keys";
const AGENTS = "/api/v1/agents";
const OPEN_MODE = { AUTH_MODE: "open" };

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function travel(ms: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
}

describe("a fresh deployment", () => {
  test("answers its open paths and refuses everything else, and says how to make the first key", async () => {
    const fresh = new Deployment({});
    for (const path of ["/health", "/api/v1/health", "/api/v1/openapi.json"]) {
      expect((await fresh.call("GET", path)).status).toBe(200);
    }
    const refused = await fresh.call("GET", AGENTS);
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toBe("Bearer");
    expect(refused.body.detail).toContain("npx wrangler secret put ERRAND_ROOT_KEY");
    expect(refused.body.detail).toContain("POST /api/v1/keys");
    expect((await fresh.call("GET", "/no/such/path")).status).toBe(401);
  });

  test("says so even before its migrations have run", async () => {
    const unmigrated = {
      prepare: () => {
        throw new Error("D1_ERROR: no such table: keys");
      },
    } as unknown as D1Database;
    const refused = await new Deployment({ REGISTRY: unmigrated }).call("GET", AGENTS);
    expect(refused.status).toBe(401);
    expect(refused.body.detail).toContain("d1 migrations apply");
  });

  test("ignores a root key that a person could have made up, and says that too", async () => {
    const refused = await new Deployment({ ERRAND_ROOT_KEY: "secret" }).call("GET", AGENTS, { key: "secret" });
    expect(refused.status).toBe(401);
    const unkeyed = await new Deployment({ ERRAND_ROOT_KEY: "secret" }).call("GET", AGENTS);
    expect(unkeyed.body.detail).toMatch(/ERRAND_ROOT_KEY is ignored: it needs 32 characters/i);
  });

  test("takes the root key as admin of the tenant `default`, and makes the first key with it", async () => {
    const made = await new Deployment().call("POST", KEYS, {
      key: ROOT_KEY,
      body: { name: "first", scopes: ["admin"] },
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ tenant: "default", subject: "root", scopes: ["admin"], created_by: "root" });
    const rootless = new Deployment({});
    expect((await rootless.call("GET", AGENTS, { key: String(made.body.key) })).status).toBe(200);
    expect((await rootless.call("GET", AGENTS)).body.detail).not.toContain("ERRAND_ROOT_KEY");
  });
});

describe("a key", () => {
  test("is shown once, with 256 random bits, and is afterwards nowhere: neither in a list nor in D1", async () => {
    const server = new Deployment();
    const { key, id } = await server.newKey({ scopes: ["read"], subject: "olga" });
    expect(key).toMatch(/^errand_[A-Za-z0-9_-]{43}$/);
    const list = await server.call("GET", KEYS, { key: ROOT_KEY });
    expect(list.body.items).toContainEqual(expect.objectContaining({ key_id: id, prefix: key.slice(0, 13) }));
    expect(JSON.stringify(list.body)).not.toContain(key.slice(13));
    const { results } = await env.REGISTRY.prepare("SELECT * FROM keys").all();
    expect(JSON.stringify(results)).toContain(id);
    expect(JSON.stringify(results)).not.toContain(key.slice(13));
  });

  test("opens by Authorization or by X-API-Key; two different ones at once open nothing", async () => {
    const server = new Deployment();
    const { key } = await server.newKey({ scopes: ["read"] });
    const { key: other } = await server.newKey({ scopes: ["read"] });
    const get = (headers: Record<string, string>) => server.call("GET", AGENTS, { headers });
    expect((await get({ authorization: `Bearer ${key}` })).status).toBe(200);
    expect((await get({ authorization: `bearer ${key}` })).status).toBe(200);
    expect((await get({ "x-api-key": key })).status).toBe(200);
    expect((await get({ authorization: `Bearer ${key}`, "x-api-key": key })).status).toBe(200);
    const conflict = await get({ authorization: `Bearer ${key}`, "x-api-key": other });
    expect(conflict.status).toBe(401);
    expect(conflict.body.detail).toMatch(/Authorization and X-API-Key conflict/);
  });

  test.each([
    "Basic b2xnYTpvbGdh",
    "Bearer",
    "Bearer ",
    "Bearer a b",
    "errand_x",
    `Bearer ${"errand_".padEnd(50, "x")}\u00e9`,
  ])("is not %j", async (authorization) => {
    expect((await new Deployment().call("GET", AGENTS, { headers: { authorization } })).status).toBe(401);
  });

  test("that was revoked is refused at once here, and within 30 seconds by every other isolate", async () => {
    const here = new Deployment();
    const elsewhere = new Deployment();
    const { key, id } = await here.newKey({ scopes: ["read"] });
    expect((await elsewhere.call("GET", AGENTS, { key })).status).toBe(200);
    expect((await here.call("GET", AGENTS, { key })).status).toBe(200);
    const revoked = await here.call("DELETE", `${KEYS}/${id}`, { key: ROOT_KEY });
    expect(revoked.body).toMatchObject({ key_id: id, revoked_at: expect.any(String) });
    expect((await here.call("GET", AGENTS, { key })).status).toBe(401);
    expect((await elsewhere.call("GET", AGENTS, { key })).status).toBe(200);
    travel(30_000);
    expect((await elsewhere.call("GET", AGENTS, { key })).status).toBe(401);
    const again = await here.call("DELETE", `${KEYS}/${id}`, { key: ROOT_KEY });
    expect(again.body.revoked_at).toBe(revoked.body.revoked_at);
  });

  test("is looked up once in 30 seconds when it is good, and once in 5 when it is bad", async () => {
    let lookups = 0;
    const counted = new Proxy(env.REGISTRY, {
      get(target, name) {
        if (name !== "prepare") return Reflect.get(target, name);
        return (sql: string) => {
          lookups += 1;
          return target.prepare(sql);
        };
      },
    });
    const { key } = await new Deployment().newKey({ scopes: ["read"] });
    const server = new Deployment({ REGISTRY: counted, ERRAND_ID_SECRET: "known without asking" });
    const unknown = `errand_${"x".repeat(43)}`;
    const ask = async (sent: string, ms = 0) => {
      if (ms > 0) travel(ms);
      lookups = 0;
      // A call that itself asks nothing of the registry.
      await server.call("GET", `${AGENTS}/clock/definitions`, { key: sent });
      return lookups;
    };
    // What an isolate looks up once in its life is looked up by now.
    await ask((await new Deployment().newKey({ scopes: ["read"] })).key);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    expect([await ask(key), await ask(key, 29_999), await ask(key, 1)]).toEqual([1, 0, 1]);
    expect([await ask(unknown), await ask(unknown, 4_999), await ask(unknown, 1)]).toEqual([1, 0, 1]);
    expect(await ask("not-even-a-key")).toBe(0);
  });

  test("opens nothing while the registry does not answer: 503, and no word of why", async () => {
    const broken = {
      prepare: () => {
        throw new Error("D1_ERROR: secret of the database");
      },
    } as unknown as D1Database;
    const { key } = await new Deployment().newKey({ scopes: ["read"] });
    const refused = await new Deployment({ REGISTRY: broken }).call("GET", AGENTS, { key });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(JSON.stringify(refused.body)).not.toContain("secret of the database");
  });
});

describe("an administrator", () => {
  test("makes, sees and revokes keys of its own tenant alone", async () => {
    const server = new Deployment();
    const acme = await server.newKey({ scopes: ["admin"], tenant: "acme-keys", subject: "ada" });
    const rival = await server.newKey({ scopes: ["admin"], tenant: "rival-keys", subject: "zeus" });
    const made = await server.call("POST", KEYS, {
      key: acme.key,
      body: { name: "x", scopes: ["read"], subject: "olga" },
    });
    expect(made.body).toMatchObject({ tenant: "acme-keys", subject: "olga", created_by: "ada" });
    const seen = (await server.call("GET", KEYS, { key: rival.key })).body.items as { tenant: string }[];
    expect(seen.map(({ tenant }) => tenant)).toEqual(["rival-keys"]);
    const path = `${KEYS}/${made.body.key_id}`;
    expect((await server.call("DELETE", path, { key: rival.key })).status).toBe(404);
    expect((await server.call("GET", AGENTS, { key: String(made.body.key) })).status).toBe(200);
    const reach = { name: "x", scopes: ["admin"], tenant: "rival-keys" };
    expect((await server.call("POST", KEYS, { key: acme.key, body: reach })).status).toBe(400);
    expect((await server.call("GET", `${KEYS}?tenant=rival-keys`, { key: acme.key })).status).toBe(400);
    expect((await server.call("GET", `${KEYS}?tenant=rival-keys`, { key: ROOT_KEY })).status).toBe(200);
    expect((await server.call("DELETE", path, { key: ROOT_KEY })).status).toBe(200);
  });

  test("pages through keys without missing one that others make meanwhile", async () => {
    const server = new Deployment();
    // Made in one millisecond: their ids alone tell them apart.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    for (const name of ["a", "b", "c"]) await server.newKey({ name, scopes: ["read"], tenant: "paged" });
    const path = `${KEYS}?tenant=paged&limit=2`;
    const first = await server.call("GET", path, { key: ROOT_KEY });
    travel(1);
    await server.newKey({ name: "d", scopes: ["read"], tenant: "paged" });
    const second = await server.call("GET", `${path}&cursor=${first.body.next_cursor}`, { key: ROOT_KEY });
    const names = [first, second].flatMap(({ body }) => (body.items as { name: string }[]).map(({ name }) => name));
    expect(names.sort()).toEqual(["a", "b", "c"]);
    expect(second.body.next_cursor).toBeNull();
  });

  test.each([
    ["no scope", { name: "x", scopes: [] }],
    ["an unknown scope", { name: "x", scopes: ["root"] }],
    ["no name", { scopes: ["read"] }],
    ["a name that breaks a line", { name: "a\nb", scopes: ["read"] }],
    ["a limit of nothing", { name: "x", scopes: ["read"], rate_limit_per_min: 0 }],
    ["a tenant that could spell another's idempotency key", { name: "x", scopes: ["read"], tenant: "a:b" }],
  ])("is refused a key with %s", async (_what, body) => {
    expect((await new Deployment().call("POST", KEYS, { key: ROOT_KEY, body })).status).toBe(400);
  });
});

describe("a limit", () => {
  test("is told with every answer, refuses with 429 and Retry-After, and ends with its minute", async () => {
    const server = new Deployment();
    const { key } = await server.newKey({ scopes: ["read"], rate_limit_per_min: 2 });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const first = await server.call("GET", AGENTS, { key });
    expect(first.headers.get("ratelimit-policy")).toBe('"key";q=2;w=60');
    expect(first.headers.get("ratelimit")).toBe('"key";r=1;t=60');
    expect((await server.call("GET", KEYS, { key })).headers.get("ratelimit")).toBe('"key";r=0;t=60');
    travel(20_000);
    const refused = await server.call("GET", AGENTS, { key });
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ code: "rate_limited", retryable: true });
    expect(refused.headers.get("retry-after")).toBe("40");
    expect(refused.headers.get("ratelimit")).toBe('"key";r=0;t=40');
    travel(40_000);
    expect((await server.call("GET", AGENTS, { key })).status).toBe(200);
  });

  test("is shared with the keys that a limited key makes: many of them are no more than it is", async () => {
    const server = new Deployment();
    const tenant = "acme-shared";
    const admin = (await server.newKey({ scopes: ["admin"], tenant, rate_limit_per_min: 5 })).key;
    const make = (fields: object) =>
      server.call("POST", KEYS, { key: admin, body: { name: "x", scopes: ["read"], ...fields } });
    expect((await make({ rate_limit_per_min: 6 })).body).toMatchObject({
      status: 400,
      errors: [{ path: "rate_limit_per_min" }],
    });
    const made = [await make({}), await make({ rate_limit_per_min: 2 })];
    expect(made.map(({ body }) => body.rate_limit_per_min)).toEqual([5, 2]);
    const statuses: number[] = [];
    for (const { body } of [...made, ...made, ...made])
      statuses.push((await server.call("GET", AGENTS, { key: String(body.key) })).status);
    expect(statuses).toEqual([200, 200, 429, 429, 429, 429]);
    expect((await server.call("GET", AGENTS, { key: admin })).status).toBe(429);
  });

  /** Whatever its key asked for: what is not served, what is refused, and what is answered to anybody. */
  test.each<[what: string, asked: string, status: number, sent?: object]>([
    ["a path that is not served", "GET /api/v1/nothing", 404],
    ["a method that is not served", "DELETE /api/v1/agents", 405],
    ["the methods of a path", "OPTIONS /api/v1/agents", 204],
    ["a scope that the key lacks", "GET /api/v1/keys", 403],
    ["an input that does not fit", "GET /api/v1/executions?limit=0", 400],
    ["a body that does not parse", "POST /api/v1/tokens", 415, { headers: { "content-type": "text/xml" }, body: 1 }],
    ["an execution that is not there", `GET /api/v1/executions/exec_${"A".repeat(43)}`, 404],
    ["a path that cannot be decoded", "GET /api/v1/executions/%E0%A4%A", 404],
    ["an empty path", "GET //", 404],
    ["health, which a stranger gets too", "GET /health", 200],
  ])("counts %s", async (...[, asked, status, sent]) => {
    const server = new Deployment();
    const { key } = await server.newKey({ scopes: ["read"], rate_limit_per_min: 2 });
    const [method = "", path = ""] = asked.split(" ");
    const answer = await server.call(method, path, { key, ...sent });
    expect(answer.status).toBe(status);
    expect((await server.call("GET", AGENTS, { key })).headers.get("ratelimit")).toMatch(/r=0;/);
    const refused = await server.call(method, path, { key, ...sent });
    expect(refused.status).toBe(path === "/health" ? 200 : 429);
    if (path !== "/health") expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
  });

  test("is nobody else's, and a key without one has no such headers", async () => {
    const server = new Deployment();
    const { key } = await server.newKey({ scopes: ["read"], rate_limit_per_min: 1 });
    const { key: other } = await server.newKey({ scopes: ["read"] });
    await server.call("GET", AGENTS, { key });
    const answer = await server.call("GET", AGENTS, { key: other });
    expect(answer.status).toBe(200);
    expect(answer.headers.has("ratelimit")).toBe(false);
  });
});

describe("open mode", () => {
  const open = () => new Deployment(OPEN_MODE);

  test("needs no key; a valid one narrows its caller to a tenant and subject, a bad one is 401", async () => {
    const { key } = await new Deployment().newKey({ scopes: ["read"], tenant: "narrow", subject: "olga" });
    const local = { origin: "http://localhost:8787" };
    const id = String(
      (
        await open().call("POST", "/api/v1/execute/async/clock.remind", {
          ...local,
          body: { input: { message: "x", seconds: 60 } },
        })
      ).body.execution_id,
    );
    expect((await open().call("GET", `/api/v1/executions/${id}`, local)).status).toBe(200);
    expect((await open().call("GET", `/api/v1/executions/${id}`, { ...local, key })).status).toBe(404);
    expect((await open().call("POST", KEYS, { ...local, key, body: {} })).status).toBe(403);
    expect((await open().call("GET", AGENTS, { ...local, key: "nonsense" })).status).toBe(401);
    expect((await open().call("GET", AGENTS, { ...local, key: `errand_${"y".repeat(43)}` })).status).toBe(401);
  });

  test.each([
    ["http://localhost:8787", undefined, 200],
    ["http://127.0.0.1:8787", undefined, 200],
    ["http://[::1]:8787", undefined, 200],
    ["http://localhost:8787", "http://localhost:3000", 403],
    ["http://localhost:8787", "http://[::1]:3000", 403],
    ["http://localhost:8787", "https://evil.example", 403],
    ["http://localhost:8787", "http://localhost.evil.example", 403],
    ["http://localhost:8787", "null", 403],
    ["http://localhost:8787", "", 403],
    ["http://evil.example:8787", undefined, 403],
    ["http://evil.example:8787", "http://evil.example:8787", 403],
    ["http://localhost.evil.example:8787", undefined, 403],
    ["http://127.0.0.1.nip.io:8787", undefined, 403],
    ["http://[::ffff:7f00:1]:8787", undefined, 403],
    ["http://192.168.1.5:8787", undefined, 403],
  ])("asked as %s by a page of %s answers %i", async (origin, page, status) => {
    const headers = page === undefined ? {} : { origin: page };
    expect((await open().call("GET", AGENTS, { origin, headers })).status).toBe(status);
    expect((await open().call("GET", "/health", { origin, headers })).status).toBe(status);
  });
});

describe("the log", () => {
  test("has a line for each request with its caller and trace, and nothing of its body or query", async () => {
    const lines: Record<string, unknown>[] = [];
    vi.spyOn(console, "error").mockImplementation((text: string) => lines.push(JSON.parse(text)));
    const server = new Deployment();
    const { key } = await server.newKey({ scopes: ["execute"], tenant: "logged", subject: "olga" });
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    await server.call("POST", "/api/v1/execute/clock.remind?wait=0&token=hush", {
      key,
      body: { input: { message: "quiet please", seconds: 60 } },
      headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01`, "x-request-id": "mine-1" },
    });
    await server.call("GET", AGENTS, { headers: { traceparent: "nonsense" } });
    const requests = lines.filter(({ message }) => message === "request");
    expect(requests).toContainEqual({
      at: expect.any(String),
      level: "info",
      message: "request",
      request_id: "mine-1",
      method: "POST",
      path: "/api/v1/execute/{target}",
      target: "clock.remind",
      status: 202,
      duration_ms: expect.any(Number),
      tenant: "logged",
      execution_id: expect.stringMatching(/^exec_/),
      run_id: expect.stringMatching(/^run_/),
      trace_id: trace,
    });
    expect(requests.at(-1)).toMatchObject({ status: 401, path: AGENTS });
    expect(requests.at(-1)).not.toHaveProperty("trace_id");
    for (const secret of [key, ROOT_KEY, "quiet please", "hush"]) expect(JSON.stringify(lines)).not.toContain(secret);
  });
});
