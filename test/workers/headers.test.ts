/** What every answer carries and how every refusal looks: ids, traces, limits, 404, 405, HEAD and OPTIONS, problems. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import type { Endpoint } from "../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../src/contract/endpoints.ts";
import { Problem } from "../../src/contract/problem.ts";
import type { Got } from "../support/workers/deployment.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const server = new Deployment();
const rows = Object.values(ENDPOINTS) as readonly Endpoint[];
let key = "";
let execution: Got;

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  key = (await server.newKey({ subject: "ann", scopes: ["admin"], tenant: "acme-headers" })).key;
  const headers = { "x-run-id": "run_headers" };
  execution = await server.call("POST", "/api/v1/execute/approvals.demo", {
    key,
    headers,
    body: { input: { claim: "c", amount: 1 } },
  });
});

const one = () => `/api/v1/executions/${execution.body.execution_id}`;

describe("no answer is kept or guessed at on its way", () => {
  const broken = {
    prepare: () => {
      throw new Error("D1_ERROR");
    },
  } as unknown as D1Database;
  const away = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY, REGISTRY: broken });

  test.each([
    ["an execution", 200, () => server.fetch("GET", one(), { key })],
    ["a list", 200, () => server.fetch("GET", "/api/v1/executions", { key })],
    ["its head", 200, () => server.fetch("HEAD", one(), { key })],
    ["the description", 200, () => server.fetch("GET", "/api/v1/openapi.json")],
    ["health", 200, () => server.fetch("GET", "/health")],
    ["health that is not well", 503, () => away.fetch("GET", "/health")],
    [
      "server-sent events",
      200,
      () => server.fetch("GET", `${one()}/events`, { key, headers: { accept: "text/event-stream" } }),
    ],
    ["no key", 401, () => server.fetch("GET", one())],
    ["an unknown path", 404, () => server.fetch("GET", "/nothing", { key })],
    ["a wrong method", 405, () => server.fetch("PUT", one(), { key })],
    ["the methods of a path", 204, () => server.fetch("OPTIONS", one(), { key })],
    ["a bad body", 400, () => server.fetch("POST", `${one()}/notes`, { key, body: {} })],
    ["a bug of ours", 500, () => away.fetch("GET", "/api/v1/keys", { key: ROOT_KEY })],
    ["a page of another machine in open mode", 403, () => new Deployment({ AUTH_MODE: "open" }).fetch("GET", one())],
  ])("%s (%i)", async (_what, status, ask) => {
    const answer = await ask();
    await answer.body?.cancel();
    expect(answer.status).toBe(status);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("a page that lists what its caller may call is asked for each time", async () => {
    const { headers } = await server.fetch("GET", "/docs");
    expect(headers.get("cache-control")).toMatch(/no-cache.*private|private.*no-cache/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });
});

describe("health", () => {
  const SECRETIVE = /mode|model|scripted|checks|key|retention|parked|days|agents/;

  test("tells strangers ready or not, and administrators what is behind it", async () => {
    const reader = (await server.newKey({ scopes: ["read", "execute", "approve"], tenant: "acme-headers" })).key;
    for (const path of ["/health", "/api/v1/health"]) {
      for (const sent of [undefined, "nonsense", `errand_${"A".repeat(43)}`, reader]) {
        const { status, body } = await server.call("GET", path, { key: sent });
        expect([sent, status, body.status]).toEqual([sent, 200, "healthy"]);
        expect(Object.keys(body).sort()).toEqual(["status", "timestamp", "version"]);
        expect(JSON.stringify(body)).not.toMatch(SECRETIVE);
      }
      for (const sent of [key, ROOT_KEY]) {
        const { body } = await server.call("GET", path, { key: sent });
        expect(body).toMatchObject({ mode: "keys", checks: { retention: expect.any(String) } });
      }
    }
  });

  test("is answered when no key can be looked up, and tells nothing then", async () => {
    const broken = { prepare: () => expect.fail("away") } as unknown as D1Database;
    const { status, body } = await new Deployment({ REGISTRY: broken }).call("GET", "/health", { key });
    expect([status, body.status]).toEqual([503, "unhealthy"]);
    expect(JSON.stringify(body)).not.toMatch(SECRETIVE);
  });

  test("has the report for the one user of a laptop", async () => {
    const open = new Deployment({ AUTH_MODE: "open" });
    const { body } = await open.call("GET", "/health", { origin: "http://localhost" });
    expect(body).toMatchObject({ mode: "open", checks: { agents: expect.any(String) } });
  });
});

describe("X-Request-ID", () => {
  test("is the caller's own when it has a safe form", async () => {
    const { headers } = await server.call("GET", "/health", { headers: { "x-request-id": "my.request-7_a" } });
    expect(headers.get("x-request-id")).toBe("my.request-7_a");
  });

  test.each(["has spaces", "a".repeat(129), "semi;colon", "<script>", "ü", '{"a":1}'])(
    "is a new one in place of %s",
    async (given) => {
      const { headers } = await server.call("GET", "/health", { headers: { "x-request-id": given } });
      expect(headers.get("x-request-id")).toMatch(/^req_[0-9a-z_-]+$/i);
      expect(headers.get("x-request-id")).not.toBe(given);
    },
  );

  test("is new for each request, is on refusals too, and is the one in the problem", async () => {
    const [first, second] = [await server.call("GET", "/nothing", { key }), await server.call("GET", one())];
    expect(first.headers.get("x-request-id")).toBe(first.body.request_id);
    expect(second.headers.get("x-request-id")).toBe(second.body.request_id);
    expect(first.body.request_id).not.toBe(second.body.request_id);
  });
});

describe("X-Execution-ID and X-Run-ID", () => {
  test("name a run as its caller did, spaces and all", async () => {
    const headers = { "x-run-id": "nightly run 7" };
    const body = { input: { claim: "c", amount: 1 } };
    const started = await server.call("POST", "/api/v1/execute/async/approvals.demo", { key, headers, body });
    expect([started.status, started.headers.get("x-run-id")]).toEqual([202, "nightly run 7"]);
  });

  test("name what an answer is about, wherever it is about one execution", async () => {
    const id = String(execution.body.execution_id);
    for (const path of ["", "/log", "/approval-status"]) {
      const { status, headers } = await server.call("GET", one() + path, { key });
      expect([path, status, headers.get("x-execution-id"), headers.get("x-run-id")]).toEqual([
        path,
        200,
        id,
        "run_headers",
      ]);
    }
    const told = await server.call("POST", `${one()}/signals/go`, { key, body: { data: 1 } });
    expect([told.headers.get("x-execution-id"), told.headers.get("x-run-id")]).toEqual([id, "run_headers"]);
    expect((await server.call("GET", `${one()}/events`, { key })).headers.get("x-execution-id")).toBe(id);
    expect((await server.call("GET", "/api/v1/runs/run_headers", { key })).headers.get("x-run-id")).toBe("run_headers");
    expect(execution.headers.get("x-execution-id")).toBe(id);
  });

  test("are not on the answer about what is not there, whatever was asked for", async () => {
    for (const id of ["exec_none", "a%0d%0aset-cookie:%20b=1", "%F0%9F%98%80"]) {
      const { status, headers } = await server.call("GET", `/api/v1/executions/${id}`, { key });
      expect([status, headers.get("x-execution-id"), headers.get("set-cookie")]).toEqual([404, null, null]);
    }
  });
});

describe("traceparent", () => {
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const span = "00f067aa0ba902b7";

  test("is answered with our own part of the same trace", async () => {
    const { headers } = await server.call("GET", "/health", { headers: { traceparent: `00-${trace}-${span}-01` } });
    const answered = headers.get("traceresponse") ?? "";
    expect(answered).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
    expect(answered).not.toContain(span);
  });

  test("of a later version may say more", async () => {
    const { headers } = await server.call("GET", "/health", {
      headers: { traceparent: `01-${trace}-${span}-00-more` },
    });
    expect(headers.get("traceresponse")).toContain(trace);
  });

  test.each([
    ["of zeros", `00-${"0".repeat(32)}-${span}-01`],
    ["with a parent of zeros", `00-${trace}-${"0".repeat(16)}-01`],
    ["of version ff", `ff-${trace}-${span}-01`],
    ["in capitals", `00-${trace.toUpperCase()}-${span}-01`],
    ["too short", `00-${trace.slice(1)}-${span}-01`],
    ["of version 00 that says more", `00-${trace}-${span}-01-more`],
    ["sent twice", `00-${trace}-${span}-01, 00-${trace}-${span}-01`],
    ["of nonsense", "hello"],
  ])("%s counts as none", async (_what, traceparent) => {
    const { status, headers } = await server.call("GET", "/health", { headers: { traceparent } });
    expect([status, headers.get("traceresponse")]).toEqual([200, null]);
  });
});

test("RateLimit and RateLimit-Policy have the form of the draft, and count down", async () => {
  const limited = (
    await server.newKey({ subject: "bo", scopes: ["read"], tenant: "acme-headers", rate_limit_per_min: 2 })
  ).key;
  const ask = () => server.call("GET", "/api/v1/agents", { key: limited });
  const answers = [await ask(), await ask(), await ask()];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  for (const { headers } of answers) expect(headers.get("ratelimit-policy")).toBe('"key";q=2;w=60');
  expect(answers.map(({ headers }) => headers.get("ratelimit")?.split(";")[1])).toEqual(["r=1", "r=0", "r=0"]);
  for (const { headers } of answers) expect(headers.get("ratelimit")).toMatch(/^"key";r=\d+;t=\d+$/);
  expect(Number(answers[2]?.headers.get("retry-after"))).toBeGreaterThan(0);
});

describe("methods", () => {
  const paths = [...new Set(rows.map(({ path }) => path))];
  const allowOf = (path: string) => {
    const filled = path.replaceAll(/\{\w+\}/g, "x");
    const served = rows.filter((row) => new RegExp(`^${row.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(filled));
    return [
      ...new Set([...served.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method])), "OPTIONS"]),
    ];
  };

  test.each(paths)("%s refuses others with 405 and says which are possible; OPTIONS says so too", async (path) => {
    const filled = path.replaceAll(/\{\w+\}/g, "x");
    const expected = allowOf(path);
    const others = ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((method) => !expected.includes(method));
    for (const method of others) {
      const { status, headers, body } = await server.call(method, filled, { key });
      expect([method, status, body.code]).toEqual([method, 405, "method_not_allowed"]);
      expect(headers.get("content-type")).toBe("application/problem+json");
      expect(headers.get("allow")?.split(", ").sort()).toEqual([...expected].sort());
    }
    const options = await server.call("OPTIONS", filled, { key });
    expect(options.status).toBe(204);
    expect(options.headers.get("allow")?.split(", ").sort()).toEqual([...expected].sort());
  });

  test("HEAD is GET without the body, also where GET streams or switches protocols", async () => {
    for (const path of ["/health", "/docs", "/api/v1/openapi.json", one(), `${one()}/log`]) {
      const [get, head] = [await server.fetch("GET", path, { key }), await server.fetch("HEAD", path, { key })];
      expect([path, head.status, await head.text()]).toEqual([path, get.status, ""]);
      expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
      await get.body?.cancel();
    }
    const headers = { accept: "text/event-stream" };
    const events = await server.fetch("HEAD", `${one()}/events`, { key, headers });
    expect([events.status, events.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    const socket = await server.fetch("HEAD", `${one()}/stream`, { key, headers: { upgrade: "websocket" } });
    expect(socket.status).toBe(426);
  });

  test("HEAD where only POST is served is 405, without a body", async () => {
    const head = await server.fetch("HEAD", "/api/v1/execute/approvals.demo", { key });
    expect([head.status, head.headers.get("allow"), await head.text()]).toEqual([405, "POST, OPTIONS", ""]);
  });
});

describe("problems", () => {
  test.each([
    ["an unknown path", "GET", "/nothing/here", undefined, 404],
    ["an unknown path under the API", "POST", "/api/v1/nothing", {}, 404],
    ["the root of the API", "GET", "/api/v1", undefined, 404],
    ["a slash too many", "GET", "/health/", undefined, 404],
    ["a part of a dotted name", "GET", "/api/v1/openapiXjson", undefined, 404],
    ["an unknown execution", "GET", "/api/v1/executions/exec_none", undefined, 404],
    ["an unknown method", "PROPFIND", "/health", undefined, 405],
    ["a bad query", "GET", "/api/v1/executions?limit=0", undefined, 400],
    ["a bad body", "POST", "/api/v1/executions/batch-status", { execution_ids: 7 }, 400],
    ["a socket that was none", "GET", "/api/v1/feed", undefined, 426],
  ])("%s is one", async (...row) => {
    const [, method, path, body, expected] = row;
    const answer = await server.call(method, path, { key, ...(body === undefined ? {} : { body }) });
    expect(answer.status).toBe(expected);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const problem = Problem.parse(answer.body);
    expect(answer.body).toEqual(problem);
    expect([problem.status, problem.type]).toEqual([expected, `/docs#${problem.code}`]);
  });
});

test("/docs is open, is a page, may run nothing, and allows its one style by digest", async () => {
  const answer = await server.fetch("GET", "/docs");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
  const policy = answer.headers.get("content-security-policy") ?? "";
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+';/);
  const page = await answer.text();
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? "";
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style)));
  expect(policy).toContain(`'sha256-${btoa(String.fromCharCode(...digest))}'`);
  expect(page).toContain('id="invalid_input"');
});
