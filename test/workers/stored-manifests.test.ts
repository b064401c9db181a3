/** Stored agents, in real workerd on D1: versions, their status, who sees them, and what a run takes along. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { createClient } from "../../src/client/client.ts";
import type { Got, Deployment as Server } from "../support/workers/deployment.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const ACME = "acme-stored";
const server = new Deployment();
const keys: Record<string, string> = {};

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const make = async (name: string, request: Partial<Parameters<Server["newKey"]>[0]> = {}) => {
    keys[name] = (await server.newKey({ subject: name, scopes: ["execute", "read"], tenant: ACME, ...request })).key;
  };
  await make("olga");
  await make("ivan");
  await make("ada", { scopes: ["admin"] });
  await make("rival", { tenant: "rival-stored", scopes: ["admin"] });
});

let made = 0;
const newName = () => `stored.agent-${++made}`;
const manifestOf = (name: string, rest: object = {}) => ({
  ...{ name, version: "0.1.0", description: "Counts texts.", capabilities: ["Count words"] },
  ...{ skills_available: ["text.count"], reasoning_mode: "oneshot", ...rest },
});
const put = (who: string, manifest: { readonly name: string; readonly [field: string]: unknown }, from = server) =>
  from.call("PUT", `/api/v1/agents/${manifest.name}`, { key: keys[who], body: manifest });
const get = (who: string, path: string) => server.call("GET", `/api/v1/agents/${path}`, { key: keys[who] });
const run = (who: string, name: string, body: object = {}) =>
  server.call("POST", `/api/v1/agents/${name}/run`, {
    key: keys[who],
    body: { task_context: '{"text":"a b"}', ...body },
  });
const items = ({ body }: Got) => body.items as Record<string, unknown>[];
const details = ({ body }: Got) => body.details as Record<string, unknown>;
const agentOf = (got: Got) => details(got).agent as { version: string };

describe("a stored agent", () => {
  test("is read as it was answered, and runs by its name alone", async () => {
    const manifest = manifestOf(newName(), { tags: ["texts"] });
    const stored = await put("olga", manifest);
    expect([stored.status, stored.body]).toEqual([
      201,
      expect.objectContaining({
        ...{ agent_id: manifest.name, kind: "manifest", version: "0.1.0", status: "active", tags: ["texts"] },
        ...{ owner: "olga", bundled: false, current_version: "0.1.0", functions: [], warnings: [] },
        manifest: expect.objectContaining({ ...manifest, error_handling: expect.anything() }),
      }),
    ]);
    const { warnings: _warnings, ...body } = stored.body;
    expect((await get("olga", manifest.name)).body).toEqual(body);
    const ran = await run("olga", manifest.name);
    expect(ran.body).toMatchObject({ ok: true, details: { execution_results: [{ output: { words: 2 } }] } });
  });

  test("is taken as YAML too, and refused with every fault of its text", async () => {
    const name = newName();
    const yaml = (text: string) =>
      server.send(
        new Request(`https://errand.test/api/v1/agents/${name}`, {
          ...{ method: "PUT", body: text },
          headers: { authorization: `Bearer ${keys.olga}`, "content-type": "application/yaml" },
        }),
      );
    const text = `name: ${name}\nversion: 0.1.0\ndescription: Counts\ncapabilities: [Count]\nskills_available: [text.count]\n`;
    const refused = await yaml(text);
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { code: "invalid_manifest", details: { error: { details: { missing_fields: ["reasoning_mode"] } } } },
    ]);
    expect((await yaml(`${text}reasoning_mode: oneshot\n`)).status).toBe(201);
    expect((await get("olga", name)).body).toMatchObject({ description: "Counts" });
  });

  test("warns of skills that are missing and of fields that are ignored", async () => {
    const stored = await put("olga", manifestOf(newName(), { skills_available: ["text.cout"], colour: "red" }));
    expect(stored.body.warnings).toEqual([
      'the field "colour" is ignored',
      'the skill "text.cout" is missing: did you mean "text.count"?',
    ]);
  });
});

describe("a version", () => {
  test("never changes: the same again is it, another content under its number is refused", async () => {
    const manifest = manifestOf(newName());
    expect((await put("olga", manifest)).status).toBe(201);
    expect((await put("olga", manifest)).status).toBe(200);
    const other = await put("olga", { ...manifest, description: "Other." });
    expect([other.status, other.body.code, other.body.ok]).toEqual([409, "version_taken", false]);
    expect((await put("olga", { ...manifest, version: "0.2.0", description: "Other." })).status).toBe(201);
    expect((await get("olga", `${manifest.name}?version=0.1.0`)).body.description).toBe("Counts texts.");
    expect((await get("olga", manifest.name)).body).toMatchObject({ version: "0.2.0", description: "Other." });
    expect(items(await get("olga", `${manifest.name}/versions`))).toMatchObject([
      { version: "0.2.0", current: true, status: "active", updated_by: "olga" },
      { version: "0.1.0", current: false },
    ]);
    const first = await get("olga", `${manifest.name}/versions?limit=1`);
    const next = await get("olga", `${manifest.name}/versions?limit=1&cursor=${first.body.next_cursor}`);
    expect([items(next)[0]?.version, next.body.next_cursor]).toEqual(["0.1.0", null]);
  });

  test("has a status, by which runs choose, are warned, or are refused", async () => {
    const name = newName();
    const one = manifestOf(name);
    const two = manifestOf(name, { version: "0.2.0", status: "draft" });
    for (const manifest of [one, two]) await put("olga", manifest);
    // A draft waits beside what runs.
    expect(agentOf(await run("olga", name)).version).toBe("0.1.0");
    const draft = await run("olga", name, { version: "0.2.0" });
    expect([draft.status, draft.body.code, draft.body.errors]).toEqual([
      409,
      "agent_not_active",
      [`the agent ${name} 0.2.0 has the status draft`],
    ]);
    expect((await put("olga", { ...two, status: "active" })).status).toBe(200);
    expect(agentOf(await run("olga", name)).version).toBe("0.2.0");
    expect((await put("olga", { ...two, status: "archived" })).status).toBe(200);
    expect((await get("olga", name)).body.current_version).toBe("0.1.0");
    await put("olga", { ...one, status: "deprecated" });
    const warned = await run("olga", name);
    expect(details(warned).warnings).toEqual([`the agent ${name} 0.1.0 is deprecated`]);
    await put("olga", { ...one, status: "archived" });
    expect((await run("olga", name)).body.code).toBe("agent_not_active");
  });

  test("is stored once, however many store it at the same time", async () => {
    const name = newName();
    const versions = ["0.1.0", "0.2.0", "0.3.0"];
    const sent = versions.flatMap((version) => [manifestOf(name, { version }), manifestOf(name, { version })]);
    const got = await Promise.all(sent.map((manifest) => put("olga", manifest)));
    expect(got.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201, 201, 201]);
    const stored = items(await get("olga", `${name}/versions`)).map(({ version }) => version);
    expect([...stored].sort()).toEqual(versions);
  });

  test("is bound to a run: what is stored or removed later changes neither the run nor its restart", async () => {
    const manifest = manifestOf(newName());
    await put("olga", manifest);
    const started = await server.call("POST", `/api/v1/agents/${manifest.name}/run/async`, {
      key: keys.olga,
      body: { task_context: '{"text":"a b c"}' },
    });
    await put("olga", { ...manifest, version: "0.2.0", skills_available: ["text.parse"] });
    expect((await server.call("DELETE", `/api/v1/agents/${manifest.name}`, { key: keys.olga })).status).toBe(204);
    const one = `${manifest.name}/runs/${started.body.execution_id}`;
    const read = async (path: string) => (await get("olga", `${path}?wait=10`)).body;
    await expect
      .poll(() => read(one), { timeout: 60_000 })
      .toMatchObject({
        ok: true,
        details: { agent: { version: "0.1.0" }, execution_results: [{ skill: "text.count", output: { words: 3 } }] },
      });
    const restart = (body: object) =>
      server.call("POST", `/api/v1/executions/${started.body.execution_id}/restart`, { key: keys.olga, body });
    const other = await restart({ input: { manifest: { ...manifest, description: "Another agent." } } });
    expect([other.status, other.body.detail]).toEqual([400, expect.stringContaining("under the same version")]);
    const again = await restart({ input: { manifest, task_context: '{"text":"a"}' } });
    expect(again.status).toBe(202);
    await expect
      .poll(() => read(`${manifest.name}/runs/${again.body.execution_id}`), { timeout: 60_000 })
      .toMatchObject({ details: { execution_results: [{ output: { words: 1 } }] } });
  });
});

describe("an agent is its owner's", () => {
  test("to others it does not exist, an administrator stores for its owner, and its name is taken", async () => {
    const manifest = manifestOf(newName());
    await put("olga", manifest);
    for (const who of ["ivan", "rival"]) {
      expect([who, (await get(who, manifest.name)).status, (await run(who, manifest.name)).status]).toEqual([
        who,
        404,
        404,
      ]);
      expect((await get(who, `${manifest.name}/versions`)).status).toBe(404);
      expect((await server.call("DELETE", `/api/v1/agents/${manifest.name}`, { key: keys[who] })).status).toBe(404);
    }
    expect((await put("ivan", { ...manifest, version: "9.0.0" })).body.code).toBe("id_taken");
    expect((await put("rival", manifest)).status).toBe(201);
    const stored = await put("ada", { ...manifest, version: "0.2.0" });
    expect([stored.status, stored.body.owner]).toEqual([201, "olga"]);
    expect(agentOf(await run("olga", manifest.name)).version).toBe("0.2.0");
  });

  test("lists show it to those who see it, page by page, between the code's agents and the nodes", async () => {
    const names = [newName(), newName(), newName()];
    for (const name of names) await put("olga", manifestOf(name));
    const page = (who: string, query: string) => server.call("GET", `/api/v1/agents?${query}`, { key: keys[who] });
    const all = items(await page("olga", "limit=200"));
    const kinds = all.map(({ kind }) => kind);
    expect(kinds.lastIndexOf("local")).toBeLessThan(kinds.indexOf("manifest"));
    expect(all.find(({ agent_id }) => agent_id === names[0])).toMatchObject({
      kind: "manifest",
      owner: "olga",
      status: "active",
    });
    expect(all.every(({ manifest }) => manifest === undefined)).toBe(true);
    const walked: unknown[] = [];
    for (let cursor = ""; ; ) {
      const got = await page("olga", `limit=2${cursor}`);
      walked.push(...items(got).map(({ agent_id }) => agent_id));
      if (got.body.next_cursor === null) break;
      cursor = `&cursor=${encodeURIComponent(String(got.body.next_cursor))}`;
    }
    expect(walked).toEqual(all.map(({ agent_id }) => agent_id));
    const seen = async (who: string) => items(await page(who, "limit=200")).map(({ agent_id }) => agent_id);
    expect(await seen("ada")).toEqual(expect.arrayContaining(names));
    expect((await seen("ivan")).filter((id) => names.includes(String(id)))).toEqual([]);
  });

  test.each([
    ["PUT approvals", 409, "id_taken"],
    ["DELETE approvals", 409, "agent_bundled"],
    ["DELETE stored.none", 404, "agent_not_found"],
    ["GET stored.none", 404, "not_found"],
  ])("%s is refused", async (asked, status, code) => {
    const [method = "", name = ""] = asked.split(" ");
    const body = method === "PUT" ? { body: manifestOf(name) } : {};
    const got = await server.call(method, `/api/v1/agents/${name}`, { key: keys.olga, ...body });
    expect([got.status, got.body.code]).toEqual([status, code]);
  });

  test("and its words are sealed where they lie", async () => {
    const manifest = manifestOf(newName(), {
      description: "Nobody reads this sentence.",
      capabilities: ["Nor this one"],
    });
    await put("olga", manifest);
    const rows = await env.REGISTRY.prepare("SELECT * FROM manifest_versions WHERE id = ?").bind(manifest.name).all();
    expect(rows.results).toHaveLength(1);
    expect(JSON.stringify(rows.results)).not.toMatch(/Nobody|Nor this/);
  });

  test("a tenant keeps so many bytes, and has them again when it deletes", async () => {
    const { key } = await server.newKey({ subject: "lou", scopes: ["execute", "read"], tenant: "small-stored" });
    keys.lou = key;
    const small = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY, ERRAND_MAX_MANIFEST_BYTES: "2000" });
    const big = (name: string) => manifestOf(name, { workflow_pattern: "w".repeat(1_200) });
    const [first, second] = [big(newName()), big(newName())];
    expect((await put("lou", first, small)).status).toBe(201);
    const full = await put("lou", second, small);
    expect([full.status, full.body.code, full.body.detail]).toEqual([
      413,
      "manifests_full",
      expect.stringContaining("ERRAND_MAX_MANIFEST_BYTES"),
    ]);
    expect((await small.call("DELETE", `/api/v1/agents/${first.name}`, { key })).status).toBe(204);
    expect((await put("lou", second, small)).status).toBe(201);
  });
});

describe("the log of a run", () => {
  test("is the latest that ended and keeps one, and each by its id", async () => {
    const manifest = manifestOf(newName());
    await put("olga", manifest);
    expect((await get("olga", `${manifest.name}/runs/latest`)).status).toBe(404);
    const kept = await run("olga", manifest.name);
    const path = `${manifest.name}/runs/${kept.body.execution_id}`;
    expect(details(kept).log_path).toBe(`https://errand.test/api/v1/agents/${path}`);
    const unlogged = await run("olga", manifest.name, { save_log: false });
    expect(details(unlogged)).not.toHaveProperty("log_path");
    const latest = () => get("olga", `${manifest.name}/runs/latest`);
    await expect.poll(async () => (await latest()).status, { timeout: 30_000 }).toBe(200);
    const { results } = await env.REGISTRY.prepare("SELECT name FROM execution_links WHERE id = ? OR id = ?")
      .bind(kept.body.execution_id, unlogged.body.execution_id)
      .all();
    expect(results).toEqual([{ name: `$log="${manifest.name}"` }]);
    const { timestamp: _kept, ...told } = kept.body;
    const { timestamp: _latest, ...body } = (await latest()).body;
    expect(body).toEqual(told);
    expect(details(await get("olga", path))).toEqual(details(kept));
    const bare = await get("olga", `${manifest.name}/runs/${unlogged.body.execution_id}`);
    expect([bare.status, "log_path" in details(bare)]).toEqual([200, false]);
    expect((await get("olga", `another.agent/runs/${kept.body.execution_id}`)).status).toBe(404);
    expect((await get("ivan", path)).status).toBe(404);
  });

  test("is there for the typed client, with the manifests", async () => {
    const fetch = (input: RequestInfo | URL, init?: RequestInit) => server.send(new Request(input, init));
    const errand = createClient({ baseUrl: "https://errand.test", key: keys.olga ?? "", fetch });
    const name = newName();
    await errand.agents.put(name, manifestOf(name));
    const text = `${JSON.stringify(manifestOf(name, { version: "0.2.0" }))}\n`;
    expect((await errand.agents.put(name, text)).current_version).toBe("0.2.0");
    expect((await errand.loadAgentManifest(name)).capabilities).toEqual(["Count words"]);
    expect((await errand.loadAgentManifest(name, { version: "0.1.0" })).version).toBe("0.1.0");
    const versions: string[] = [];
    for await (const { version } of errand.agents.versions(name)) versions.push(version);
    expect(versions).toEqual(["0.2.0", "0.1.0"]);
    const ran = await errand.runAgent(name, { task_context: '{"text":"a"}' });
    expect((await errand.agents.getRun(name, ran.execution_id, { waitMs: 1_000 })).details).toEqual(ran.details);
    await errand.agents.delete(name);
    await expect(errand.loadAgentManifest(name)).rejects.toThrow("there is no agent");
  });
});
