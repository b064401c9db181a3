/**
 * The examples of the reference for agents with a manifest, over HTTP, on the real server with its linter: what the text shows
 * as simulated is really done here.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Client } from "../../src/client/client.ts";
import { createClient } from "../../src/client/client.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

let server: Server;
let errand: Client;
let stateDir: string;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-agents-"));
  server = await startServer({ stateDir, env: { ERRAND_SCRIPTED_PACE_MS: "0" } });
  errand = createClient({ baseUrl: server.url });
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
const post = async (path: string, body: object) => {
  const response = await fetch(`${server.url}/api/v1/agents/${path}`, { method: "POST", body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe("the output", () => {
  test("of api.designer has each field of the schema, and its skills were really run", async () => {
    const task = "Create a REST API for managing blog posts with CRUD operations";
    const { status, body } = await post("api.designer/run", { task_context: task });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ ok: true, status: "success", timestamp: INSTANT, errors: [] },
      details: {
        timestamp: INSTANT,
        agent: { name: "api.designer", version: "0.1.0", reasoning_mode: "iterative", status: "active" },
        ...{ task_context: task, missing_skills: [], missing_context: ["guidelines", "domain"] },
        prompt: expect.stringMatching(/^You are api\.designer, a specialized agent/),
        skills_available: [
          { name: "api.define", status: "active" },
          { name: "api.validate", status: "active" },
          { name: "api.generate-models", status: "active" },
        ],
        claude_response: {
          analysis: expect.any(String),
          reasoning: expect.any(String),
          skills_to_invoke: [
            { skill: "api.define", order: 1, purpose: expect.any(String), inputs: expect.any(Object) },
            { skill: "api.validate", order: 2 },
            { skill: "api.generate-models", order: 3 },
          ],
        },
        execution_results: [
          {
            skill: "api.define",
            status: "success",
            timestamp: INSTANT,
            output: { paths: ["/blog-posts", "/blog-posts/{blog_post_id}"] },
          },
          { skill: "api.validate", status: "success", output: { valid: true, errors: 0, warnings: 0 } },
          { skill: "api.generate-models", status: "success", output: { models: expect.arrayContaining(["BlogPost"]) } },
        ],
        summary: { skills_planned: 3, skills_executed: 3, success: true },
        log_path: expect.stringContaining("/api/v1/agents/api.designer/runs/exec_"),
      },
    });
    const { details } = body as { details: { execution_results: { output: { document: string } }[] } };
    expect(parse(details.execution_results[0]?.output.document ?? "")).toMatchObject({ openapi: "3.1.0" });
  });

  test("of a run that only simulates is that of the text, word for word", async () => {
    const { body } = await post("api.generator/run", { task_context: "Design API", dry_run: true });
    expect((body.details as { execution_results: object[] }).execution_results[0]).toMatchObject({
      ...{ skill: "api.define", status: "simulated", timestamp: INSTANT },
      output: { success: true, note: "Simulated execution of api.define" },
    });
  });

  test("of a oneshot agent is one plan; of one without a task it is ready and does nothing", async () => {
    const { body } = await post("api.generator/run", { task_context: "Create an API for managing users" });
    expect(body.details).not.toHaveProperty("turns");
    expect(body.details).toMatchObject({
      summary: { success: true, usage: { turns: 1 } },
      claude_response: { skills_to_invoke: [{ order: 1 }, { order: 2 }, { order: 3 }] },
    });
    const ready = await post("api.generator/run", {});
    expect(ready.body).toMatchObject({
      ok: true,
      details: {
        claude_response: { analysis: "api.generator is ready.", skills_to_invoke: [] },
        execution_results: [],
      },
    });
  });

  test("of api.analyzer says what it found in a file that was handed in", async () => {
    const form = new FormData();
    form.append("task_context", "Analyze this OpenAPI spec for compatibility issues");
    form.append("files", new File(["openapi: 3.1.0\ninfo: {title: T}\npaths: {}\n"], "api.yaml"));
    const response = await fetch(`${server.url}/api/v1/agents/api.analyzer/run`, { method: "POST", body: form });
    expect(await response.json()).toMatchObject({
      details: {
        execution_results: [
          {
            skill: "api.validate",
            status: "success",
            output: {
              valid: false,
              problems: expect.arrayContaining([expect.objectContaining({ rule: "struct", line: 2 })]),
            },
          },
          { skill: "api.compatibility", status: "success", output: { compatible: true } },
        ],
      },
    });
  });

  test("is not logged when it is not to be", async () => {
    const { body } = await post("api.designer/run", { task_context: "Design authentication API", save_log: false });
    expect(body.details).not.toHaveProperty("log_path");
    const latest = await errand.agents.getRun("api.designer", "latest");
    expect((latest.details as { task_context?: string }).task_context).not.toBe("Design authentication API");
  });
});

describe("a program", () => {
  test("loads a manifest, looks at it, runs the agent, and goes through what it did", async () => {
    const manifest = await errand.loadAgentManifest("api.designer");
    expect(manifest.capabilities.length).toBeGreaterThan(0);
    const result = await errand.runAgent("api.designer", { task_context: "Design an API for e-commerce orders" });
    expect(result.ok).toBe(true);
    const { claude_response, execution_results, log_path, summary } = result.details as {
      claude_response: { skills_to_invoke: object[] };
      execution_results: { skill: string; status: string }[];
      log_path: string;
      summary: { skills_executed: number };
    };
    expect([claude_response.skills_to_invoke.length, execution_results.length, summary.skills_executed]).toEqual([
      3, 3, 3,
    ]);
    expect(execution_results.map(({ status }) => status)).toEqual(["success", "success", "success"]);
    const log = (await (await fetch(log_path)).json()) as { details: object };
    expect(log.details).toEqual(result.details);
  });

  test("that names an agent which is not there is told where it was looked for, and what to do", async () => {
    const { status, body } = await post("my.agent/run", { task_context: "t" });
    expect([status, body]).toMatchObject([
      404,
      {
        ...{ ok: false, status: "failed", errors: ["Agent not found: my.agent"] },
        details: {
          error: {
            ...{ type: "ErrandError", message: "Agent not found: my.agent" },
            details: {
              agent_path: "my.agent",
              expected_path: "/api/v1/agents/my.agent",
              suggestion: expect.stringContaining("GET /api/v1/agents"),
            },
          },
        },
      },
    ]);
  });

  test("whose manifest lacks fields is told which", async () => {
    const manifest = { name: "half.agent", version: "0.1.0", description: "d", skills_available: ["api.define"] };
    const { status, body } = await post("half.agent/run", { manifest });
    expect([status, body]).toMatchObject([
      400,
      {
        errors: ["Agent manifest missing required fields: capabilities, reasoning_mode"],
        details: { error: { type: "ErrandError", details: { missing_fields: ["capabilities", "reasoning_mode"] } } },
      },
    ]);
  });

  test("whose manifest names a skill that is not there goes on, and is warned", async () => {
    const manifest = {
      ...{ name: "odd.agent", version: "0.1.0", description: "d", capabilities: ["c"], reasoning_mode: "oneshot" },
      skills_available: ["api.define", "api.none"],
    };
    const { body } = await post("odd.agent/run", { manifest, task_context: "An API for users" });
    expect(body).toMatchObject({
      ok: true,
      details: { missing_skills: ["api.none"], warnings: [expect.stringContaining('"api.none" is missing')] },
    });
  });
});
