/** Nodes as their SDKs and operators use them: registration, heartbeats, leases, lists, lifecycle, serverless nodes. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";
import type { Sdk } from "../support/nodes/fake-node.ts";
import { FakeNetwork } from "../support/nodes/fake-node.ts";
import { call } from "../support/workers/modes.ts";

let network = new FakeNetwork();

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});
beforeEach(() => {
  network = new FakeNetwork();
  vi.spyOn(globalThis, "fetch").mockImplementation(network.fetch);
});
afterEach(() => {
  vi.restoreAllMocks();
});

let made = 0;
const fresh = (kind = "agent") => `${kind}-${++made}`;
const get = (path: string) => call("GET", `/api/v1${path}`);
const post = (path: string, body?: unknown) => call("POST", `/api/v1${path}`, body);
const healthOf = async (id: string) => (await get(`/nodes/${id}`)).body.health_status;
const shownIn = async (query: string) =>
  ((await get(`/nodes${query}`)).body.nodes as { id: string }[]).map(({ id }) => id);

describe("registration", () => {
  test.each<Sdk>(["typescript", "python", "go"])("lets an agent of the %s SDK start", async (sdk) => {
    const node = network.add({ id: fresh(sdk), sdk });
    await node.start(call);
    expect((await get(`/nodes/${node.id}`)).body).toMatchObject({
      ...{ id: node.id, version: "1.0.0", base_url: node.baseUrl, team_id: "default", deployment_type: "long_running" },
      ...{ health_status: "active", lifecycle_status: "ready", traffic_weight: 100, validate_input: false },
      reasoners: [{ id: "analyze", tags: ["text", "nlp"], memory_config: { memory_retention: "session" } }],
      skills: [{ id: "format" }],
      versions: [{ version: "1.0.0", traffic_weight: 100, health_status: "active" }],
    });
  });

  test.each(["/nodes", "/nodes/register"])("answers at %s with the same fields", async (path) => {
    const node = network.add({ id: fresh(), sdk: "python" });
    const { status, body } = await post(path, node.registration);
    expect([status, body]).toEqual([
      201,
      {
        success: true,
        message: expect.any(String),
        node_id: node.id,
        resolved_base_url: node.baseUrl,
        callback_discovery: {
          ...{ mode: "python-sdk:auto", preferred: node.baseUrl, callback_candidates: [node.baseUrl] },
          resolved: node.baseUrl,
          submitted_at: expect.stringMatching(/^\d{4}-.*Z$/),
        },
      },
    ]);
  });

  test.each([
    "http://LOCALHOST:8001",
    "http://localhost:8001/",
    "http://127.1:80/a/../b?x=1",
    "https://Agents.Example.com:443",
  ])("echoes the base URL %s unchanged", async (base_url) => {
    const id = fresh();
    const { status, body } = await post("/nodes/register", { id, base_url });
    expect([status, body.resolved_base_url]).toEqual([201, base_url]);
    expect((await get(`/nodes/${id}`)).body.base_url).toBe(base_url);
  });

  test("takes the address that callback discovery prefers where base_url is empty", async () => {
    const callback_discovery = { mode: "auto", preferred: "http://localhost:9001" };
    const { status, body } = await post("/nodes", { id: fresh(), base_url: "", callback_discovery });
    expect([status, body.resolved_base_url]).toEqual([201, "http://localhost:9001"]);
  });

  test("of a known version replaces it, and keeps its weight", async () => {
    const node = network.add({ id: fresh() });
    await post("/nodes", { ...node.registration, traffic_weight: 7 });
    await post("/nodes", { ...node.registration, reasoners: [{ id: "other" }] });
    const { body } = await get(`/nodes/${node.id}`);
    expect(body).toMatchObject({ traffic_weight: 7, reasoners: [{ id: "other" }], versions: [{}] });
  });

  const url = "http://localhost:8001";
  test.each<[string, object]>([
    ["no id", { base_url: url }],
    ["an empty id", { id: "", base_url: url }],
    ["an id with a slash", { id: "../admin", base_url: url }],
    ["an id that begins with a dot", { id: "..", base_url: url }],
    ["an id with a space", { id: "a b", base_url: url }],
    ["an id with a line break", { id: "a\nb", base_url: url }],
    ["an id in other letters", { id: "агент", base_url: url }],
    ["a number as id", { id: 7, base_url: url }],
    ["an id of 129 characters", { id: "a".repeat(129), base_url: url }],
    ["no address", { id: "a" }],
    ["an address of another kind", { id: "a", base_url: "ftp://localhost" }],
    ["a user name in the address", { id: "a", base_url: "http://user@localhost" }],
    ["an address without a host", { id: "a", base_url: "http://" }],
    ["a reasoner with a dot", { id: "a", base_url: url, reasoners: [{ id: "a.b" }] }],
    ["a reasoner without a name", { id: "a", base_url: url, reasoners: [{}] }],
    ["reasoners that are no list", { id: "a", base_url: url, reasoners: { id: "x" } }],
    ["another deployment type", { id: "a", base_url: url, deployment_type: "cloud" }],
    ["a negative weight", { id: "a", base_url: url, traffic_weight: -1 }],
    ["half a weight", { id: "a", base_url: url, traffic_weight: 0.5 }],
    ["an endless weight", { id: "a", base_url: url, traffic_weight: 1e300 }],
    ["a text as weight", { id: "a", base_url: url, traffic_weight: "NaN" }],
  ])("is refused with %s", async (_what, body) => {
    const answer = await post("/nodes/register", body);
    expect([answer.status, typeof answer.body.error]).toEqual([400, "string"]);
    expect(String(answer.body.message)).toMatch(/id|base_url|reasoners|deployment_type|traffic_weight/);
  });

  test.each(["__proto__", "constructor", "toString", "register", "status", "_", "A-b.c_9", "a".repeat(128)])(
    "takes the id %s as any other",
    async (id) => {
      expect((await post("/nodes/register", { id, base_url: url })).status).toBe(201);
      expect((await get(`/nodes/${id}`)).body).toMatchObject({ id });
      expect((await post(`/nodes/${id}/heartbeat`)).status).toBe(200);
      expect((await call("DELETE", `/api/v1/nodes/${id}`)).status).toBe(200);
      expect((await get(`/nodes/${id}`)).status).toBe(404);
    },
  );

  test("takes 1,000 functions and no more, 64 KiB of a schema and no more, 1 MiB in all", async () => {
    const functions = (count: number) => Array.from({ length: count }, (_, at) => ({ id: `fn_${at}` }));
    const id = fresh();
    const sent = (more: object) => post("/nodes", { id, base_url: url, ...more });
    expect((await sent({ reasoners: functions(1_000) })).status).toBe(201);
    expect((await sent({ reasoners: functions(1_001) })).status).toBe(400);
    expect((await sent({ reasoners: functions(600), skills: functions(401) })).status).toBe(413);
    const schema = (bytes: number) => ({ description: "x".repeat(bytes - 18) });
    expect((await sent({ reasoners: [{ id: "a", input_schema: schema(65_536) }] })).status).toBe(201);
    expect((await sent({ reasoners: [{ id: "a", input_schema: schema(65_537) }] })).status).toBe(413);
    expect((await sent({ metadata: { custom: "x".repeat(1_100_000) } })).status).toBe(413);
    expect((await sent({ metadata: { custom: "x".repeat(2_200_000) } })).status).toBe(413);
    expect((await get(`/nodes/${id}`)).body.reasoners).toMatchObject([{ id: "a" }]);
  });

  test("of an eleventh version is refused, and of the agent of this deployment's code", async () => {
    const id = fresh();
    for (let version = 1; version <= 10; version += 1)
      expect((await post("/nodes", { id, base_url: url, version: String(version) })).status).toBe(201);
    const more = await post("/nodes", { id, base_url: url, version: "11" });
    expect(more).toMatchObject({ status: 409, body: { code: "too_many_nodes" } });
    expect((await post("/nodes", { id, base_url: url, version: "10" })).status).toBe(201);
    const local = await post("/nodes", { id: "approvals", base_url: url });
    expect(local).toMatchObject({ status: 409, body: { code: "node_taken" } });
  });
});

describe("a heartbeat", () => {
  test("is heard with a body, with part of one, and without", async () => {
    const node = network.add({ id: fresh() });
    await node.start(call);
    for (const body of [undefined, {}, { status: "ready" }, { status: "busy", health_score: 900 }, { timestamp: 5 }])
      expect(await post(`/nodes/${node.id}/heartbeat`, body)).toMatchObject({
        status: 200,
        body: { success: true, message: "heartbeat received", timestamp: expect.any(String) },
      });
  });

  test("of a node that is not known is 404 with the word that SDKs read", async () => {
    for (const id of ["nobody", "a%20b", "%00"])
      expect(await post(`/nodes/${id}/heartbeat`, { status: "ready" })).toMatchObject({
        status: 404,
        body: { error: "node not found", code: "not_found" },
      });
  });

  test("says how the node is: degraded, offline, and back", async () => {
    const node = network.add({ id: fresh() });
    await node.start(call);
    await node.beat(call, "degraded");
    expect(await healthOf(node.id)).toBe("degraded");
    await node.beat(call, "offline");
    expect(await healthOf(node.id)).toBe("inactive");
    await post(`/nodes/${node.id}/heartbeat`);
    expect((await get(`/nodes/${node.id}`)).body).toMatchObject({ health_status: "active", lifecycle_status: "ready" });
  });

  test("as a lease says how long it holds", async () => {
    const node = network.add({ id: fresh(), sdk: "go" });
    await node.start(call);
    const { status, body } = await node.lease(call, "degraded");
    expect([status, body]).toEqual([200, { lease_seconds: 300, next_lease_renewal: expect.stringMatching(/Z$/) }]);
    expect(await healthOf(node.id)).toBe("degraded");
    for (const bad of [{ phase: "sleeping" }, { health_score: 101 }, { health_score: -1 }])
      expect((await call("PATCH", `/api/v1/nodes/${node.id}/status`, bad)).status).toBe(400);
  });

  test("renews a node that acknowledges or claims; there is never anything to claim", async () => {
    const node = network.add({ id: fresh() });
    await node.start(call);
    await node.shutdown(call);
    const lease = { lease_seconds: 300, next_lease_renewal: expect.any(String) };
    const acknowledged = await post(`/nodes/${node.id}/actions/ack`, {
      action_id: "a",
      status: "succeeded",
      result: [],
    });
    expect([acknowledged.status, acknowledged.body]).toEqual([200, lease]);
    expect(await healthOf(node.id)).toBe("active");
    const claimed = await post("/actions/claim", { node_id: node.id, max_items: 3, wait_seconds: 9 });
    expect([claimed.status, claimed.body]).toEqual([200, { items: [], next_poll_after: 9, ...lease }]);
    expect((await post("/actions/claim", { node_id: "nobody" })).body.error).toBe("node not found");
    expect((await post("/actions/claim", {})).status).toBe(400);
  });
});

describe("the list of nodes", () => {
  test("shows those that are there, by id, and with show_all the others too", async () => {
    const [here, gone] = [network.add({ id: fresh("list") }), network.add({ id: fresh("list") })];
    for (const node of [here, gone]) await node.start(call);
    await gone.shutdown(call);
    expect(await shownIn("")).toContain(here.id);
    expect(await shownIn("")).not.toContain(gone.id);
    expect(await shownIn("?show_all=true")).toEqual(expect.arrayContaining([gone.id, here.id]));
    expect(await shownIn("?health_status=inactive")).toContain(gone.id);
    expect(await shownIn("?health_status=unknown")).toEqual([]);
    expect((await get("/nodes?health_status=dead")).status).toBe(400);
  });

  test("is filtered by team and group, and goes on behind its cursor", async () => {
    const team_id = fresh("team");
    const ids = [fresh("paged"), fresh("paged"), fresh("paged")].sort();
    for (const id of ids) await post("/nodes", { id, base_url: "http://localhost:1", team_id, group_id: `g-${id}` });
    expect((await get(`/nodes?team_id=${team_id}`)).body).toMatchObject({ count: 3, next_cursor: null });
    expect(await shownIn(`?team_id=${team_id}&group_id=g-${ids[1]}`)).toEqual([ids[1]]);
    const seen: string[] = [];
    let cursor = "";
    for (let pages = 0; pages < 5; pages += 1) {
      const { body } = await get(`/nodes?team_id=${team_id}&limit=1${cursor}`);
      seen.push(...(body.nodes as { id: string }[]).map(({ id }) => id));
      if (body.next_cursor === null) break;
      cursor = `&cursor=${encodeURIComponent(String(body.next_cursor))}`;
    }
    expect(seen).toEqual(ids);
    for (const bad of ["x", "%5B%5D", "%25"]) expect((await get(`/nodes?cursor=${bad}`)).status).toBe(400);
  });
});

describe("the life of a node", () => {
  test.each<Sdk>(["typescript", "python"])(
    "ends with a shutdown of %s, and begins anew with its next heartbeat",
    async (sdk) => {
      const node = network.add({ id: fresh(), sdk });
      await node.start(call);
      expect(await node.shutdown(call)).toMatchObject({
        status: 202,
        body: { lease_seconds: 0, next_lease_renewal: expect.any(String), message: expect.any(String) },
      });
      expect(await healthOf(node.id)).toBe("inactive");
      await node.beat(call);
      expect(await healthOf(node.id)).toBe("active");
      expect((await post("/nodes/nobody/shutdown")).body.error).toBe("node not found");
    },
  );

  test("is stopped and started by an operator: neither a heartbeat nor a registration lifts that", async () => {
    const node = network.add({ id: fresh() });
    await node.start(call);
    expect((await post(`/nodes/${node.id}/stop`)).body).toMatchObject({ success: true, status: "stopping" });
    await node.beat(call);
    await post("/nodes", node.registration);
    expect(await healthOf(node.id)).toBe("inactive");
    expect((await post(`/nodes/${node.id}/start`)).body).toMatchObject({ success: true, status: "starting" });
    expect(await healthOf(node.id)).toBe("active");
  });

  test.each(["PATCH", "POST"])("is told by %s of lifecycle/status", async (method) => {
    const node = network.add({ id: fresh() });
    await node.start(call);
    const said = (lifecycle_status: string) =>
      call(method, `/api/v1/nodes/${node.id}/lifecycle/status`, { lifecycle_status });
    expect((await said("degraded")).body).toMatchObject({ success: true, lifecycle_status: "degraded" });
    expect(await healthOf(node.id)).toBe("degraded");
    expect((await said("sleeping")).status).toBe(400);
  });

  test("is read as a status, alone and in bulk", async () => {
    const node = network.add({ id: fresh() });
    await node.start(call);
    const status = {
      ...{ state: "active", health_score: 100, lifecycle_status: "ready", health_status: "active", version: "1.0.0" },
      last_seen: expect.any(String),
    };
    expect((await get(`/nodes/${node.id}/status`)).body).toMatchObject({ success: true, node_id: node.id, status });
    expect((await get("/nodes/nobody/status")).status).toBe(404);
    const bulk = (...node_ids: string[]) => post("/nodes/status/bulk", { node_ids });
    expect(await bulk(node.id, node.id)).toMatchObject({
      status: 200,
      body: { success: true, results: { [node.id]: status }, total_requested: 1, successful: 1, failed: 0 },
    });
    expect(await bulk(node.id, "nobody", "__proto__")).toMatchObject({
      status: 207,
      body: { success: false, results: { nobody: { error: "node not found" } }, successful: 1, failed: 2 },
    });
    expect((await bulk(...Array.from({ length: 51 }, () => "x"))).status).toBe(400);
    expect((await post("/nodes/status/bulk", {})).status).toBe(400);
  });
});

describe("a serverless node", () => {
  test("is registered by its address: what it offers is read from it", async () => {
    const node = network.add({ id: fresh("lambda") });
    const { status, body } = await post("/nodes/register-serverless", { invocation_url: node.baseUrl });
    expect([status, body]).toMatchObject([
      201,
      {
        success: true,
        node_id: node.id,
        node: { invocation_url: `${node.baseUrl}/execute`, reasoners_count: 1, skills_count: 1 },
      },
    ]);
    expect(network.asked).toEqual([`${node.baseUrl}/discover`]);
    expect((await get(`/nodes/${node.id}`)).body).toMatchObject({
      ...{ deployment_type: "serverless", base_url: node.baseUrl, health_status: "active", lifecycle_status: "ready" },
      reasoners: [{ id: "analyze" }],
    });
  });

  test.each<[string, () => Promise<Response>]>([
    ["does not answer", async () => Promise.reject(new TypeError("refused"))],
    ["answers 500", async () => new Response("", { status: 500 })],
    ["answers no JSON", async () => new Response("<html>")],
    ["answers a list", async () => Response.json([])],
    ["answers null", async () => Response.json(null)],
    ["names no node", async () => Response.json({ version: "1" })],
    ["names a bad one", async () => Response.json({ node_id: "../x" })],
    ["never ends", async () => new Response("x".repeat(3_000_000))],
  ])("that %s is not registered, and its caller hears why", async (_what, answer) => {
    vi.spyOn(globalThis, "fetch").mockImplementation(answer);
    const { status, body } = await post("/nodes/register-serverless", { invocation_url: "http://localhost:7/fn/" });
    expect([status, body.code]).toEqual([502, "node_unreachable"]);
    expect(String(body.detail)).toContain("http://localhost:7/fn/discover");
  });

  test("is refused with an address that is none", async () => {
    for (const invocation_url of ["", "localhost", "ftp://x", "http://u@localhost"])
      expect((await post("/nodes/register-serverless", { invocation_url })).status).toBe(400);
    expect((await post("/nodes/register-serverless", {})).status).toBe(400);
  });
});
