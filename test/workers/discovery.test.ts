/** What can be called, local and remote together: discovery, the list of agents, and starts of remote functions. */
import { applyD1Migrations } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { DiscoveryBody } from "../../src/contract/nodes/discovery.ts";
import { AgentBody, AgentList } from "../../src/contract/replies.ts";
import { FakeNetwork } from "../support/nodes/fake-node.ts";
import { call } from "../support/workers/modes.ts";

const network = new FakeNetwork();
const EXAMPLES = [{ input: { message: "hi" } }];

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  vi.spyOn(globalThis, "fetch").mockImplementation(network.fetch);
  const custom = { descriptions: { analyze: 'Reads <moods> & "more"' }, examples: { analyze: EXAMPLES } };
  await network.add({ id: "z-remote", sdk: "python", more: { metadata: { custom }, group_id: "g1" } }).start(call);
  const gone = network.add({ id: "z-gone" });
  await gone.start(call);
  await gone.shutdown(call);
});
afterAll(() => {
  vi.restoreAllMocks();
});

const discover = async (query = "") => {
  const { status, body } = await call("GET", `/api/v1/discovery/capabilities${query}`);
  expect([query, status]).toEqual([query, 200]);
  return DiscoveryBody.parse(body);
};
const idsOf = async (query: string) => (await discover(query)).capabilities.map(({ agent_id }) => agent_id);

describe("discovery", () => {
  test("finds local and remote agents, with what can be executed", async () => {
    const found = await discover();
    const remote = found.capabilities.find(({ agent_id }) => agent_id === "z-remote");
    expect(remote).toEqual({
      ...{ agent_id: "z-remote", group_id: "g1", base_url: "http://127.0.0.1:7001/z-remote", version: "1.0.0" },
      ...{ health_status: "active", deployment_type: "long_running", last_heartbeat: expect.any(String) },
      reasoners: [
        {
          id: "analyze",
          description: 'Reads <moods> & "more"',
          tags: ["text", "nlp"],
          invocation_target: "z-remote.analyze",
        },
      ],
      skills: [{ id: "format", tags: ["text"], invocation_target: "z-remote.format" }],
    });
    const local = found.capabilities.find(({ agent_id }) => agent_id === "approvals");
    expect(local).toMatchObject({ base_url: "http://localhost", health_status: "active", deployment_type: "local" });
    expect(local?.reasoners).toContainEqual(expect.objectContaining({ invocation_target: "approvals.demo" }));
    expect(found.total_agents).toBe(found.capabilities.length);
    expect(found.pagination).toEqual({ limit: 100, offset: 0, has_more: false });
  });

  test.each<[string, string[]]>([
    ["?agent=z-remote", ["z-remote"]],
    ["?node_id=z-remote", ["z-remote"]],
    ["?agent_ids=z-remote,%20approvals", ["approvals", "z-remote"]],
    ["?node_ids=z-gone,nobody", ["z-gone"]],
    ["?agent=z-gone&node_ids=z-remote", ["z-gone", "z-remote"]],
    ["?tags=nlp", ["z-gone", "z-remote"]],
    ["?tags=nl*,other", ["z-gone", "z-remote"]],
    ["?tags=none", []],
    ["?agent=z-remote&reasoner=ana*", ["z-remote"]],
    ["?health_status=inactive", ["z-gone"]],
    ["?health_status=ACTIVE&tags=nlp", ["z-remote"]],
    ["?health_status=unknown", []],
    ["?health_status=degraded", []],
    ["?agent=constructor", []],
  ])("filters %s", async (query, ids) => {
    expect(await idsOf(query)).toEqual(ids);
  });

  test("filters functions, and counts those that fit", async () => {
    const { capabilities, ...found } = await discover("?agent=z-remote&reasoner=none*&skill=form*");
    expect(capabilities).toMatchObject([{ reasoners: [], skills: [{ id: "format" }] }]);
    expect(found).toMatchObject({ total_agents: 1, total_reasoners: 0, total_skills: 1 });
  });

  test("includes what is asked for", async () => {
    const [first] = (
      await discover(
        "?agent=z-remote&include_input_schema=true&include_output_schema=1&include_descriptions=no&include_examples=yes",
      )
    ).capabilities;
    expect(first?.reasoners).toEqual([
      {
        ...{ id: "analyze", tags: ["text", "nlp"], invocation_target: "z-remote.analyze", examples: EXAMPLES },
        input_schema: expect.objectContaining({ type: "object" }),
        output_schema: { type: "object" },
      },
    ]);
    const [local] = (await discover("?agent=approvals&include_input_schema=true")).capabilities;
    expect(local?.reasoners[0]?.input_schema).toMatchObject({ type: "object" });
  });

  test("goes on page by page, from local agents into remote ones", async () => {
    const all = await idsOf("");
    const paged: string[] = [];
    for (let offset = 0; ; offset += 2) {
      const { capabilities, pagination, total_agents } = await discover(`?limit=2&offset=${offset}`);
      paged.push(...capabilities.map(({ agent_id }) => agent_id));
      expect(total_agents).toBe(all.length);
      if (!pagination.has_more) break;
    }
    expect(paged).toEqual(all);
    expect(await idsOf("?limit=0")).toEqual([]);
  });

  test.each([
    "format=yaml",
    "limit=501",
    "limit=-1",
    "limit=1e2",
    "offset=x",
    "include_examples=maybe",
    "health_status=dead",
  ])("refuses %s with the word that clients read", async (query) => {
    const { status, body } = await call("GET", `/api/v1/discovery/capabilities?${query}`);
    expect([status, body.error]).toEqual([400, "invalid_parameter"]);
    expect(String(body.message)).toContain(query.split("=")[0]);
  });

  test("answers in compact form", async () => {
    const { body } = await call("GET", "/api/v1/discovery/capabilities?format=COMPACT&agent=z-remote");
    expect(body).toEqual({
      discovered_at: expect.any(String),
      reasoners: [{ id: "analyze", agent_id: "z-remote", target: "z-remote.analyze", tags: ["text", "nlp"] }],
      skills: [{ id: "format", agent_id: "z-remote", target: "z-remote.format", tags: ["text"] }],
    });
  });

  test("answers in XML, and escapes what agents say", async () => {
    const url = "http://localhost/api/v1/discovery/capabilities?format=xml&agent=z-remote&include_input_schema=true";
    const answer = await exports.default.fetch(new Request(url));
    expect(answer.headers.get("content-type")).toBe("application/xml");
    const xml = await answer.text();
    expect(xml).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<discovery discovered_at="[^"]+"><summary total_agents="1"/,
    );
    expect(xml).toContain('<reasoner id="analyze" target="z-remote.analyze">');
    expect(xml).toContain("<description>Reads &lt;moods&gt; &amp; &quot;more&quot;</description>");
    expect(xml).toContain("<input_schema>{&quot;type&quot;");
    expect(xml).toMatch(/<\/discovery>$/);
  });
});

describe("the list of agents", () => {
  test("shows local and remote ones together, each by its kind", async () => {
    const { items } = AgentList.parse((await call("GET", "/api/v1/agents")).body);
    expect(items.find(({ agent_id }) => agent_id === "approvals")).toMatchObject({ kind: "local" });
    const remote = items.find(({ agent_id }) => agent_id === "z-remote");
    expect(remote).toMatchObject({
      ...{ kind: "remote", version: "1.0.0", node: { health_status: "active", deployment_type: "long_running" } },
      functions: [
        { name: "analyze", target: "z-remote.analyze", type: "reasoner", input_schema: { type: "object" } },
        { name: "format", type: "skill" },
      ],
    });
    expect(AgentBody.parse((await call("GET", "/api/v1/agents/z-remote")).body)).toEqual(remote);
  });

  test("goes on page by page from the one kind into the other", async () => {
    const all = AgentList.parse((await call("GET", "/api/v1/agents")).body).items.map(({ agent_id }) => agent_id);
    const paged: string[] = [];
    for (let query = "?limit=3"; ; ) {
      const page = AgentList.parse((await call("GET", `/api/v1/agents${query}`)).body);
      paged.push(...page.items.map(({ agent_id }) => agent_id));
      if (page.next_cursor === null) break;
      query = `?limit=3&cursor=${page.next_cursor}`;
    }
    expect(paged).toEqual(all);
    expect(await call("GET", "/api/v1/agents?cursor=nobody")).toMatchObject({
      status: 400,
      body: { code: "invalid_cursor" },
    });
  });
});

describe("a start of a remote function", () => {
  const start = (target: string, kind = "") =>
    exports.default.fetch(
      new Request(`http://localhost/api/v1/execute/${kind}${target}`, { method: "POST", body: "{}" }),
    );
  const heard = async (answer: Response) => ({ status: answer.status, body: (await answer.json()) as object });

  test("is accepted, with the version that it goes to", async () => {
    const answer = await start("z-remote.analyze", "async/");
    expect([answer.status, answer.headers.get("x-routed-version")]).toEqual([202, "1.0.0"]);
    expect(await answer.json()).toMatchObject({ type: "reasoner", target: "z-remote.analyze" });
    expect((await start("z-remote.format", "async/")).status).toBe(202);
  });

  test("by the older paths is the kind that the path says", async () => {
    for (const path of ["skills/z-remote.analyze", "reasoners/z-remote.format"])
      expect(await call("POST", `/api/v1/${path}`, {})).toMatchObject({ status: 404 });
  });

  test("may be what a schedule fires", async () => {
    const made = (target: string) =>
      call("POST", "/api/v1/schedules", { target, input: {}, every: "1h", paused: true });
    expect(await made("z-remote.analyze")).toMatchObject({ status: 201 });
    expect(await made("z-remote.analyse")).toMatchObject({ status: 400, body: { code: "target_not_found" } });
  });

  test("of a node that is down is refused at once where its caller would wait", async () => {
    const { status, body } = await heard(await start("z-gone.analyze"));
    expect([status, body]).toMatchObject([503, { fault: "node_unavailable", error_category: "node_unavailable" }]);
    expect((await start("z-gone.analyze", "async/")).status).toBe(202);
  });

  test("that the node does not have, and of an agent that is not there, is an unknown target", async () => {
    expect(await heard(await start("z-remote.analyse"))).toMatchObject({
      status: 400,
      body: {
        error_category: "target_not_found",
        error: expect.stringMatching(/target 'analyse' not found on agent 'z-remote'.*did you mean "z-remote.analyze"/),
      },
    });
    for (const target of ["z-nobody.analyze", "z-remote", "z-remote."]) expect((await start(target)).status).toBe(400);
  });

  test("takes turns over the versions by their weights; one of weight 0 and one that is down get none", async () => {
    const version = (name: string, traffic_weight: number) =>
      call("POST", "/api/v1/nodes", {
        id: "weighed",
        version: name,
        base_url: "http://localhost:1",
        traffic_weight,
        skills: [{ id: "f" }],
      });
    await version("1.0.0", 3);
    await version("2.0.0", 1);
    await version("3.0.0", 0);
    const turns = async (count: number) => {
      const routed: (string | null)[] = [];
      for (let at = 0; at < count; at += 1)
        routed.push((await start("weighed.f", "async/")).headers.get("x-routed-version"));
      return routed;
    };
    const twelve = await turns(12);
    expect(twelve.filter((one) => one === "1.0.0")).toHaveLength(9);
    expect(twelve.filter((one) => one === "2.0.0")).toHaveLength(3);
    await call("PATCH", "/api/v1/nodes/weighed/status", { version: "1.0.0", phase: "offline" });
    expect(new Set(await turns(4))).toEqual(new Set(["2.0.0"]));
    const weigh = (name: string, traffic_weight: unknown) =>
      call("PUT", `/api/v1/nodes/weighed/versions/${name}/weight`, { traffic_weight });
    expect((await weigh("3.0.0", 1)).status).toBe(200);
    expect(new Set(await turns(4))).toEqual(new Set(["2.0.0", "3.0.0"]));
    for (const bad of [-1, 0.5, "1", null, 10_001, 1e300]) expect((await weigh("3.0.0", bad)).status).toBe(400);
    expect((await weigh("4.0.0", 1)).status).toBe(404);
  });
});

describe("health of the deployment", () => {
  test.each(["/readyz", "/api/v1/health/ready"])("is told by %s", async (path) => {
    const { status, body } = await call("GET", path);
    expect([status, body]).toEqual([200, { status: "ready", timestamp: expect.any(String) }]);
  });

  test("is told to Prometheus", async () => {
    const answer = await exports.default.fetch(new Request("http://localhost/metrics"));
    expect(answer.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const text = await answer.text();
    expect(text).toMatch(/^# HELP errand_ready .*\n# TYPE errand_ready gauge\nerrand_ready 1\n/);
    for (const line of text.trim().split("\n"))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.e-]+)$/);
  });
});
