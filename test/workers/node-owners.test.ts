/** Whose a node is: owners, administrators, other tenants; and which addresses a deployment takes. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { judgeUrl } from "../../src/outbound/judge-url.ts";
import { address, REACHED, REFUSED } from "../support/outbound/addresses.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const server = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY });
const keys = new Map<string, string>();
const base_url = "https://agents.example.com";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const make = async (name: string, whose: string, ...scopes: ("admin" | "agent" | "read")[]) => {
    const [subject = "", tenant = ""] = whose.split("@");
    keys.set(name, (await server.newKey({ name, subject, tenant, scopes })).key);
  };
  await make("olga", "olga@acme-nodes", "agent", "read");
  await make("olga's other key", "olga@acme-nodes", "agent");
  await make("ivan", "ivan@acme-nodes", "agent", "read");
  await make("ada", "ada@acme-nodes", "admin");
  await make("zeus", "zeus@rival-nodes", "admin");
  await make("namesake", "olga@rival-nodes", "agent", "read");
});

/** `asked`: the method and the path below /api/v1. */
const as = (who: string, asked: string, body?: unknown) => {
  const [method = "", path = ""] = asked.split(" ");
  return server.call(method, `/api/v1${path}`, { key: keys.get(who), ...(body === undefined ? {} : { body }) });
};
const register = (who: string, id: string, more: object = {}) =>
  as(who, "POST /nodes/register", { id, base_url, reasoners: [{ id: "think" }], ...more });

/** Everything that only the owner and an administrator may do. */
const COMMANDS: [method: string, path: string, body: object | undefined][] = [
  ["POST", "/heartbeat", { status: "offline" }],
  ["PATCH", "/status", { phase: "offline" }],
  ["POST", "/actions/ack", { action_id: "a", status: "done" }],
  ["POST", "/shutdown", undefined],
  ["POST", "/stop", undefined],
  ["POST", "/start", undefined],
  ["PATCH", "/lifecycle/status", { lifecycle_status: "offline" }],
  ["POST", "/lifecycle/status", { lifecycle_status: "offline" }],
  ["DELETE", "/monitoring", undefined],
  ["PUT", "/versions//weight", { traffic_weight: 0 }],
  ["DELETE", "", undefined],
];

describe("a node", () => {
  test("keeps the owner that registered it first", async () => {
    expect((await register("olga", "kept", { version: "1" })).status).toBe(201);
    expect((await register("olga's other key", "kept", { version: "2" })).status).toBe(201);
    for (const who of ["ivan", "ada"])
      for (const version of ["1", "3"])
        expect(await register(who, "kept", { version, base_url: "https://evil.example.com" })).toMatchObject({
          status: 409,
          body: { code: "node_taken" },
        });
    expect((await as("olga", "GET /nodes/kept")).body).toMatchObject({ base_url, owner: "olga", version: "2" });
  });

  test("is another tenant's under the same id", async () => {
    expect((await register("olga", "twice")).status).toBe(201);
    expect((await register("namesake", "twice", { base_url: "https://rival.example.com" })).status).toBe(201);
    expect((await as("ada", "GET /nodes/twice")).body.base_url).toBe(base_url);
    expect((await as("zeus", "GET /nodes/twice")).body.base_url).toBe("https://rival.example.com");
  });

  test.each(COMMANDS)("takes %s %s of nobody else: it is not there", async (method, path, body) => {
    const id = `own${method}${path.replaceAll("/", "_")}`;
    await register("olga", id, { version: "" });
    for (const who of ["ivan", "namesake", "zeus"])
      expect(await as(who, `${method} /nodes/${id}${path}`, body)).toMatchObject({
        status: 404,
        body: { error: expect.stringMatching(/not.found/) },
      });
    expect((await as("ivan", `GET /nodes/${id}`)).body).toMatchObject({
      health_status: "active",
      traffic_weight: 100,
    });
  });

  test("is seen by readers of its tenant, and by nobody of another one", async () => {
    await register("olga", "seen");
    for (const who of ["olga", "ivan", "ada", "olga's other key"]) {
      expect((await as(who, "GET /nodes/seen")).status).toBe(200);
      expect(JSON.stringify((await as(who, "GET /nodes")).body)).toContain('"seen"');
      expect(JSON.stringify((await as(who, "GET /discovery/capabilities")).body)).toContain('"seen"');
    }
    for (const who of ["zeus", "namesake"]) {
      for (const path of ["/nodes/seen", "/nodes/seen/status", "/agents/seen"])
        expect((await as(who, `GET ${path}`)).status).toBe(404);
      for (const path of ["/nodes?show_all=true", "/discovery/capabilities", "/agents"])
        expect(JSON.stringify((await as(who, `GET ${path}`)).body)).not.toContain('"seen"');
      const bulk = await as(who, "POST /nodes/status/bulk", { node_ids: ["seen"] });
      expect(bulk).toMatchObject({ status: 207, body: { results: { seen: { error: "node not found" } } } });
      expect((await as(who, "POST /actions/claim", { node_id: "seen" })).status).toBe(404);
    }
  });

  test("is removed by an administrator, and its id is free then", async () => {
    await register("olga", "removed");
    expect((await as("ada", "DELETE /nodes/removed")).status).toBe(200);
    expect((await register("ivan", "removed")).status).toBe(201);
  });
});

describe("a deployment", () => {
  test.each([
    "http://localhost:8001",
    "http://127.1",
    "http://[::ffff:10.0.0.1]",
    "http://169.254.169.254",
    "http://agent",
  ])("takes no node at %s", async (url) => {
    for (const answer of [
      await register("olga", "private", { base_url: url }),
      await as("olga", "POST /nodes/register-serverless", { invocation_url: url }),
      await register("olga", "private", { invocation_url: url }),
    ])
      expect(answer).toMatchObject({ status: 400, body: { code: "address_refused", error: "address_refused" } });
    expect((await as("olga", "GET /nodes/private")).status).toBe(404);
  });

  test("takes one whose host its operator allows", async () => {
    const allowing = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY, ERRAND_ALLOWED_HOSTS: "*.agents.corp" });
    const body = { id: "allowed", base_url: "http://a.agents.corp:8001" };
    expect((await allowing.call("POST", "/api/v1/nodes", { key: keys.get("olga"), body })).status).toBe(201);
  });

  test("judges addresses with this runtime's parser as the table says", () => {
    const reach = { anywhere: false, allowed: [] };
    const judged = (rows: readonly string[]) => rows.filter((row) => judgeUrl(address(row), reach).ok);
    expect(judged(REFUSED)).toEqual([]);
    expect(judged(REACHED)).toEqual(REACHED);
  });
});
