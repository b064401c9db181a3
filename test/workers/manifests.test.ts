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
