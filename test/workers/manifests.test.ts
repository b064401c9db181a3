/** Agents with a manifest, in real workerd: skills, checks. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { createClient } from "../../src/client/client.ts";
import { Deployment } from "../support/workers/deployment.ts";

const server = new Deployment();
const fetch = (input: RequestInfo | URL, init?: RequestInit) => server.send(new Request(input, init));
let key = "";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  key = (await server.newKey({ subject: "olga", scopes: ["execute", "read"], tenant: "acme-manifests" })).key;
});

const MANIFEST = {
  ...{ name: "text.counter", version: "0.1.0", description: "Counts texts.", capabilities: ["Count words"] },
  ...{ skills_available: ["text.count"], reasoning_mode: "oneshot" },
};
const validate = (body: unknown) => server.call("POST", "/api/v1/agents/validate", { key, body });

describe("skills", () => {
  test("are listed by name, with what they take", async () => {
    const { status, body } = await server.call("GET", "/api/v1/skills", { key });
    expect(status).toBe(200);
    const items = body.items as { name: string }[];
    expect(items.map(({ name }) => name)).toEqual(items.map(({ name }) => name).sort());
    expect(items).toContainEqual(
      expect.objectContaining({ name: "text.count", status: "active", idempotent: true, version: "1.0.0" }),
    );
    const first = await server.call("GET", "/api/v1/skills?limit=1", { key });
    expect(first.body).toMatchObject({ items: [items[0]], next_cursor: items[0]?.name });
  });

  test("and checks are there for the typed client", async () => {
    const errand = createClient({ baseUrl: "https://errand.test", key, fetch });
    const names: string[] = [];
    for await (const { name } of errand.agents.skills()) names.push(name);
    expect(names).toContain("text.count");
    const checked = await errand.agents.validate(MANIFEST, { task: "Count" });
    expect(checked.details.agent.name).toBe("text.counter");
    await expect(errand.agents.validate("name: x")).rejects.toThrow("missing required fields");
  });
});

describe("a manifest that is checked", () => {
  test("is answered with what its model would be told, and what is missing", async () => {
    const manifest = {
      ...MANIFEST,
      skills_available: ["text.count", "text.none"],
      context_requirements: { language: "string" },
    };
    const { status, body } = await validate({ manifest, task_context: "Count" });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ ok: true, status: "success", errors: [] },
      details: {
        agent: { name: "text.counter", version: "0.1.0", reasoning_mode: "oneshot", status: "active" },
        task_context: "Count",
        skills_available: [{ name: "text.count", status: "active" }],
        missing_skills: ["text.none"],
        missing_context: ["language"],
        warnings: ['the skill "text.none" is missing: did you mean "text.count"?'],
      },
    });
    const again = await validate({ manifest: JSON.stringify(manifest), task_context: "Count" });
    expect((again.body.details as { prompt_hash: string }).prompt_hash).toBe(
      (body.details as { prompt_hash: string }).prompt_hash,
    );
  });

  test("is refused with every fault, in the envelope and as a problem", async () => {
    const { reasoning_mode: _mode, capabilities: _capabilities, ...rest } = MANIFEST;
    const { status, body } = await validate({ manifest: { ...rest, version: "one" } });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      ...{ ok: false, status: "failed", code: "invalid_manifest", type: "/docs#invalid_manifest" },
      errors: [
        "Agent manifest missing required fields: capabilities, reasoning_mode",
        "Agent manifest: version must be a semantic version such as 0.1.0",
      ],
      details: {
        error: { type: "ErrandError", details: { missing_fields: ["capabilities", "reasoning_mode"] } },
      },
    });
  });

  test("must be sent", async () => {
    expect(await validate({})).toMatchObject({ status: 400, body: { ok: false, code: "invalid_input" } });
  });
});

describe("a run", () => {
  const run = (manifest: object, body: object = {}) => {
    const name = String((manifest as { name?: string }).name);
    const sent = { manifest, task_context: '{"text":"four words are here"}', ...body };
    return server.call("POST", `/api/v1/agents/${name}/run`, { key, body: sent });
  };
  const details = ({ body }: { readonly body: object }) => (body as { details: Record<string, unknown> }).details;

  test("of a oneshot agent plans once, really runs the skill, and tells all of it in the envelope", async () => {
    const got = await run(MANIFEST);
    expect(got.body).toMatchObject({
      ...{ ok: true, status: "success", errors: [] },
      details: {
        agent: { name: "text.counter", reasoning_mode: "oneshot" },
        simulated: true,
        claude_response: { skills_to_invoke: [{ skill: "text.count", order: 1 }] },
        execution_results: [{ skill: "text.count", status: "success", output: { words: 4, lines: 1 } }],
        summary: { skills_planned: 1, skills_executed: 1, success: true, usage: { turns: 1 } },
      },
    });
    expect(details(got).turns).toBeUndefined();
    const { body } = await server.call("GET", `/api/v1/executions/${got.body.execution_id}`, { key });
    expect(body).toMatchObject({ target: "text.counter.run", status: "succeeded", attempts: [{ n: 1 }] });
    const effects = await server.call("GET", `/api/v1/executions/${got.body.execution_id}/effects`, { key });
    const named = (effects.body.items as { name: string; kind: string }[]).filter(({ kind }) => kind === "effect");
    expect(named.map(({ name }) => name)).toEqual(["text.count"]);
  });

  test("of an iterative agent plans on until nothing is left", async () => {
    const got = await run({ ...MANIFEST, name: "text.iterator", reasoning_mode: "iterative" });
    expect(got.body).toMatchObject({
      ok: true,
      details: {
        turns: [
          { turn: 1, skills_to_invoke: [{ skill: "text.count" }] },
          { turn: 2, skills_to_invoke: [] },
        ],
        claude_response: { skills_to_invoke: [{ skill: "text.count", order: 1 }] },
        summary: { skills_executed: 1, usage: { turns: 2 } },
      },
    });
  });

  test("fails as its skill fails, skips what comes later, and tells it all the same", async () => {
    const manifest = {
      ...MANIFEST,
      ...{ name: "text.reader", skills_available: ["text.parse", "text.count"] },
    };
    const got = await run(manifest);
    expect(got.status).toBe(200);
    expect(got.body).toMatchObject({ ok: false, status: "failed", details: { error: { type: "ErrandError" } } });
    expect(details(got).execution_results).toMatchObject([
      { skill: "text.parse", status: "failed", error: "the text is no JSON" },
      { skill: "text.count", status: "skipped", error: '"text.parse" failed before it' },
    ]);
    const on = { ...manifest, error_handling: { on_failure: "continue" } };
    expect(details(await run(on)).execution_results).toMatchObject([{ status: "failed" }, { status: "success" }]);
  });

  test("runs nothing when it is dry", async () => {
    expect(details(await run(MANIFEST, { dry_run: true })).execution_results).toMatchObject([
      { status: "simulated", output: { success: true, note: "Simulated execution of text.count" } },
    ]);
  });

  test.each([
    [{ ...MANIFEST, status: "draft" }, 409, "agent_not_active"],
    [{ ...MANIFEST, status: "archived" }, 409, "agent_not_active"],
    [{ ...MANIFEST, name: "approvals" }, 409, "id_taken"],
    [{ ...MANIFEST, version: "one" }, 400, "invalid_manifest"],
  ])("is refused: %j", async (manifest, status, code) => {
    const got = await run(manifest);
    expect([got.status, got.body.code, got.body.ok]).toEqual([status, code, false]);
  });

  test("of an agent whose manifest was not sent is not found, and says what was looked for", async () => {
    const got = await server.call("POST", "/api/v1/agents/my.agent/run", { key, body: { task_context: "t" } });
    expect(got.status).toBe(404);
    expect(got.body).toMatchObject({
      ...{ ok: false, status: "failed", errors: ["Agent not found: my.agent"] },
      details: {
        error: { type: "ErrandError", message: "Agent not found: my.agent", details: { agent_path: "my.agent" } },
      },
    });
  });

  test("may be started only, is read as any execution, and can be restarted", async () => {
    const path = "/api/v1/agents/text.counter/run/async";
    const started = await server.call("POST", path, { key, body: { manifest: MANIFEST, task_context: "t" } });
    expect([started.status, started.body.ok]).toEqual([202, true]);
    const one = `/api/v1/executions/${started.body.execution_id}`;
    const status = async (url: string) => (await server.call("GET", `${url}?wait=5`, { key })).body.status;
    await expect.poll(() => status(one), { timeout: 60_000 }).toBe("succeeded");
    const restarted = await server.call("POST", `${one}/restart`, { key, body: {} });
    expect(restarted.status).toBe(202);
    const follower = `/api/v1/executions/${restarted.body.execution_id}`;
    await expect.poll(() => status(follower), { timeout: 60_000 }).toBe("succeeded");
    const input = { manifest: { ...MANIFEST, version: "0.2.0" } };
    const other = await server.call("POST", `${follower}/restart`, { key, body: { input } });
    expect([other.status, other.body.detail]).toEqual([400, expect.stringContaining("is of text.counter 0.2.0")]);
    const draft = { manifest: { ...MANIFEST, status: "draft" } };
    const unready = await server.call("POST", `${follower}/restart`, { key, body: { input: draft } });
    expect([unready.status, unready.body.code]).toEqual([409, "agent_not_active"]);
    const task = await server.call("POST", `${follower}/restart`, { key, body: { input: { manifest: MANIFEST } } });
    expect(task.status).toBe(202);
  });

  test("takes files with a form, and hands them to skills", async () => {
    const form = new FormData();
    form.append("manifest", `${JSON.stringify(MANIFEST)}`);
    form.append("task_context", "Count the words of the file");
    form.append("save_log", "false");
    form.append("files", new File(["one two three four five"], "words.txt"));
    const send = (body: FormData) => {
      const url = "https://errand.test/api/v1/agents/text.counter/run";
      return fetch(new Request(url, { method: "POST", headers: { authorization: `Bearer ${key}` }, body }));
    };
    const answer = (await (await send(form)).json()) as { details: Record<string, unknown> };
    expect(answer.details.execution_results).toMatchObject([{ status: "success", output: { words: 5 } }]);
    expect(answer.details).not.toHaveProperty("log_path");
    form.append("files", new File([new Uint8Array([0xff, 0xfe, 0xfd])], "odd.txt"));
    const refused = await send(form);
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { ok: false, errors: [expect.stringContaining("no text in UTF-8")] },
    ]);
  });

  test("of a session is told of the runs before it, unless it is not to remember", async () => {
    const headers = { "x-session-id": "remembered" };
    const ask = async (task: string, rest: object = {}) => {
      const body = { manifest: MANIFEST, task_context: `{"text":"${task}"}`, ...rest };
      return details(await server.call("POST", "/api/v1/agents/text.counter/run", { key, headers, body }));
    };
    const first = await ask("a b c");
    expect(first.prompt).not.toContain("Earlier in this session");
    const second = await ask("d e", { remember: false });
    expect(second.prompt).not.toContain("Earlier in this session");
    const third = await ask("f");
    expect(third.prompt).toContain('## Earlier in this session\n- {"text":"a b c"} (done)');
    expect(third.prompt).toContain('"words":3');
    expect(third.prompt).not.toContain("d e");
    const other = await server.call("POST", "/api/v1/agents/text.counter/run", {
      ...{ key, headers: { "x-session-id": "another" } },
      body: { manifest: MANIFEST, task_context: "t" },
    });
    expect(details(other).prompt).not.toContain("Earlier");
    const { body } = await server.call("GET", "/api/v1/memory/list?scope=session&scope_id=remembered", { key });
    expect(JSON.stringify(body)).toContain("agents/text.counter");
  });

  test("goes on in the trace of its caller", async () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const how = { key, headers: { traceparent }, body: { manifest: MANIFEST, task_context: "t" } };
    const { body } = await server.call("POST", "/api/v1/agents/text.counter/run", how);
    const trace = await server.call("GET", `/api/v1/executions/${body.execution_id}/trace`, { key });
    expect(JSON.stringify(trace.body)).toContain("4bf92f3577b34da6a3ce929d0e0e4736");
  });

  test("is asked for by no target: an agent without code has no functions", async () => {
    const body = { input: { manifest: MANIFEST } };
    const got = await server.call("POST", "/api/v1/execute/text.counter.run", { key, body });
    expect([got.status, got.body.code]).toEqual([400, "target_not_found"]);
  });

  test("is there for the typed client", async () => {
    const errand = createClient({ baseUrl: "https://errand.test", key, fetch });
    const ran = await errand.runAgent("text.counter", { manifest: MANIFEST, task_context: "t" });
    expect([ran.ok, ran.status]).toEqual([true, "success"]);
  });
});
