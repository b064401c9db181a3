/** Pages of other origins: what a browser is told before it sends a key, and what it may read of each answer. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import type { Endpoint } from "../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../src/contract/endpoints.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const APP = "https://app.example.com";
const OTHER = "https://evil.example";
const server = new Deployment({
  ERRAND_ROOT_KEY: ROOT_KEY,
  ERRAND_ALLOWED_ORIGINS: ` ${APP}/, http://localhost:3000 `,
});
const rows = Object.values(ENDPOINTS) as readonly Endpoint[];
const EXPOSED = [
  "X-Execution-ID",
  "X-Run-ID",
  "X-Request-ID",
  "X-Errand-Bookmark",
  "Location",
  "Retry-After",
  "RateLimit",
  "RateLimit-Policy",
];
let key = "";
let id = "";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  key = (
    await server.newKey({ subject: "ann", scopes: ["execute", "read"], tenant: "acme-cors", rate_limit_per_min: 500 })
  ).key;
  const body = { input: { claim: "c", amount: 1 } };
  id = String((await server.call("POST", "/api/v1/execute/approvals.demo", { key, body })).body.execution_id);
});

const exposed = (answer: Response) => (answer.headers.get("access-control-expose-headers") ?? "").split(/, */);

describe("a preflight", () => {
  const ask = (endpoint: Endpoint, origin: string) =>
    server.fetch("OPTIONS", endpoint.path.replaceAll(/\{\w+\}/g, "x"), {
      headers: {
        origin,
        "access-control-request-method": endpoint.method,
        "access-control-request-headers": "authorization,content-type,idempotency-key",
      },
    });

  test.each(rows.map((row) => [`${row.method} ${row.path}`, row] as const))("needs no key: %s", async (_, endpoint) => {
    const answer = await ask(endpoint, APP);
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe(APP);
    expect(answer.headers.get("access-control-allow-methods")?.split(/, */)).toContain(endpoint.method);
    expect(answer.headers.get("access-control-allow-headers")).toBe("authorization,content-type,idempotency-key");
    expect(answer.headers.get("vary")).toContain("Origin");
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
  });

  test.each([
    OTHER,
    "null",
    "https://app.example.com.evil.example",
    "http://app.example.com",
    "https://app.example.com:8443",
  ])("of %s allows nothing", async (origin) => {
    const answer = await ask(ENDPOINTS.execute, origin);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect(answer.headers.get("access-control-allow-methods")).toBeNull();
    await answer.body?.cancel();
  });
});

describe("an answer to a page that is allowed", () => {
  const one = () => `/api/v1/executions/${id}`;
  const rows: {
    what: string;
    status: number;
    method?: string;
    path: () => string;
    keyless?: true;
    headers?: object;
  }[] = [
    { what: "an execution", status: 200, path: one },
    {
      what: "server-sent events",
      status: 200,
      path: () => `${one()}/events`,
      headers: { accept: "text/event-stream" },
    },
    { what: "health", status: 200, path: () => "/health", keyless: true },
    { what: "no key", status: 401, path: one, keyless: true },
    { what: "no scope", status: 403, path: () => "/api/v1/keys" },
    { what: "an unknown execution", status: 404, path: () => "/api/v1/executions/exec_none" },
    { what: "an unknown path", status: 404, path: () => "/nothing" },
    { what: "a wrong method", status: 405, method: "PUT", path: one },
    { what: "no socket", status: 426, path: () => `${one()}/stream` },
  ];
  test.each(rows)("shows its headers: $what ($status)", async ({ status, method = "GET", path, keyless, headers }) => {
    const from = (origin: string) =>
      server.fetch(method, path(), { key: keyless ? undefined : key, headers: { ...headers, origin } });
    const answer = await from(APP);
    await answer.body?.cancel();
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([status, APP]);
    expect(exposed(answer)).toEqual(EXPOSED);
    expect(answer.headers.get("vary")).toContain("Origin");
    const other = await from(OTHER);
    await other.body?.cancel();
    expect(other.status).toBe(status);
    expect(other.headers.get("access-control-allow-origin")).toBeNull();
    expect(other.headers.get("vary")).toContain("Origin");
  });

  test("also when something failed on our side", async () => {
    const broken = {
      prepare: () => {
        throw new Error("D1_ERROR");
      },
    } as unknown as D1Database;
    const bindings = { ERRAND_ROOT_KEY: ROOT_KEY, ERRAND_ALLOWED_ORIGINS: APP, REGISTRY: broken };
    const answer = await new Deployment(bindings).fetch("GET", "/api/v1/keys", {
      key: ROOT_KEY,
      headers: { origin: APP },
    });
    await answer.body?.cancel();
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(answer.headers.get("access-control-allow-origin")).toBe(APP);
    expect(exposed(answer)).toEqual(EXPOSED);
  });
});

test("without the setting no answer says anything about origins", async () => {
  const answer = await new Deployment().fetch("GET", "/health", { headers: { origin: APP } });
  await answer.body?.cancel();
  const named = [...answer.headers.keys()].filter((name) => name.startsWith("access-control") || name === "vary");
  expect(named).toEqual([]);
});

test.each([
  "*",
  "app.example.com",
  "https://app.example.com/path",
  "null",
  "ftp://app.example.com",
  "https://a.example b",
])("a setting that is no list of origins is named: %s", async (setting) => {
  const wrong = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY, ERRAND_ALLOWED_ORIGINS: `${APP},${setting}` });
  const { status, body } = await wrong.call("GET", "/health");
  expect([status, body.code]).toEqual([503, "misconfigured"]);
  expect(body.detail).toContain(`ERRAND_ALLOWED_ORIGINS: "${setting}" is no origin`);
});

describe("open mode", () => {
  const open = new Deployment({ AUTH_MODE: "open", ERRAND_ALLOWED_ORIGINS: APP });
  const local = { origin: "http://localhost:8787" };

  test.each([
    [undefined, 200],
    ["http://localhost:8787", 200],
    ["http://127.0.0.1:8787", 200],
    [APP, 200],
    ["http://localhost:3000", 403],
    ["https://localhost:8787", 403],
    [OTHER, 403],
    ["null", 403],
  ])("answers a page of %s with %i", async (origin, status) => {
    const headers = origin === undefined ? {} : { origin };
    const answer = await open.fetch("GET", "/api/v1/agents", { ...local, headers });
    await answer.body?.cancel();
    expect(answer.status).toBe(status);
  });

  test("is not opened by another URL than the one that the browser asked for", async () => {
    const request = new Request("http://localhost:8787/api/v1/agents", { headers: { host: "rebound.example:49152" } });
    const answer = await open.send(request);
    expect(request.headers.get("host")).toBe("rebound.example:49152");
    expect(answer.status).toBe(403);
    await answer.body?.cancel();
  });
});
