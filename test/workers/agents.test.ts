/** The agents of the code and what D1 notes of them: since when each is as it is, and that nothing of it is needed. */
import { applyD1Migrations, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import * as z from "zod";
import { nodeClient } from "../../src/actors/platform/node-client.ts";
import { AgentBody, AgentList } from "../../src/contract/replies.ts";
import { defineAgent } from "../../src/define/agent.ts";
import { systemPrincipal } from "../../src/domain/execution/principal.ts";
import { refuse } from "../../src/domain/values/fault.ts";
import { Agents } from "../../src/operations/agents/agents.ts";
import { RemoteAgents } from "../../src/operations/nodes/remote-agents.ts";
import { agentRegistry } from "../../src/registry/settings/agents.ts";
import worker from "../../src/worker.ts";
import { Deployment } from "../support/workers/deployment.ts";
import { call } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});
beforeEach(() => env.REGISTRY.prepare("DELETE FROM agents").run());
afterEach(() => env.REGISTRY.prepare("DROP TRIGGER IF EXISTS untouched").run());

const MINUTE = (n: number) => Date.UTC(2026, 0, 1, 12, n);
const at = (n: number) => new Date(MINUTE(n)).toISOString();
const scheduled = (n: number) =>
  worker.scheduled(createScheduledController({ scheduledTime: new Date(MINUTE(n)), cron: "* * * * *" }), env);
const rows = async () => (await env.REGISTRY.prepare("SELECT * FROM agents ORDER BY id").all()).results;
/** From here on a row that is written again is an error, even when it stays the same. */
const forbidWrites = () =>
  env.REGISTRY.prepare(
    "CREATE TRIGGER untouched BEFORE UPDATE ON agents BEGIN SELECT RAISE(ABORT, 'written again'); END",
  ).run();

/** A deployment whose code holds just this. */
function code(...parts: readonly { id: string; version: string; functions: readonly string[] }[]): Agents {
  const agents = parts.map(({ id, version, functions }) => {
    const agent = defineAgent({ id, version, description: "" });
    for (const name of functions) agent.skill(name, { input: z.object({}), output: z.unknown() }, async () => 1);
    return agent;
  });
  const catalog = { agents: new Map(agents.map((agent) => [agent.id, agent])) };
  const remote = new RemoteAgents(nodeClient(env.NODES, () => ""));
  const manifests = {
    one: async () => refuse("agent_not_found", ""),
    page: async () => ({ items: [], nextCursor: null }),
  };
  return new Agents({ catalog, remote, manifests, registry: agentRegistry(env.REGISTRY), log: () => undefined });
}
const tea = (version: string, functions: readonly string[] = ["brew"]) => ({ id: "tea", version, functions });
const mug = { id: "mug", version: "1", functions: ["hold"] };
const known = async (agents: Agents) => {
  const page = await agents.list(systemPrincipal("none"), { limit: 200 });
  if (!page.ok) throw new Error(page.detail);
  return z
    .array(AgentBody)
    .parse(page.value.items)
    .map(({ agent_id, registered_at, updated_at }) => ({ agent_id, registered_at, updated_at }));
};
const dates = (agent_id: string, registered_at?: string, updated_at?: string) => ({
  agent_id,
  registered_at,
  updated_at,
});

test("the first minute notes every agent of the code, and the next ones write nothing", async () => {
  const before = await call("GET", "/api/v1/agents");
  expect(AgentList.parse(before.body).items.filter((agent) => agent.registered_at ?? agent.updated_at)).toEqual([]);

  await scheduled(0);
  const noted = await rows();
  await forbidWrites();
  await scheduled(1);
  expect(await rows()).toEqual(noted);

  const listed = AgentList.parse((await call("GET", "/api/v1/agents")).body);
  const items = listed.items.filter(({ kind }) => kind === "local");
  expect(items.length).toBeGreaterThan(5);
  expect(noted).toHaveLength(items.length);
  for (const agent of items) expect(agent).toMatchObject({ registered_at: at(0), updated_at: at(0) });
  expect(noted.find(({ id }) => id === "clock")).toMatchObject({ kind: "local", retired_at_ms: null });
});

test("a new version and another function each get a new date; the same functions in another order do not", async () => {
  await code(tea("1"), mug).record(MINUTE(0));
  await code(tea("2"), mug).record(MINUTE(1));
  expect(await known(code(tea("2"), mug))).toEqual([dates("tea", at(0), at(1)), dates("mug", at(0), at(0))]);
  const larger = code(tea("2", ["brew", "pour"]), mug);
  await larger.record(MINUTE(2));
  expect(await known(larger)).toEqual([dates("tea", at(0), at(2)), dates("mug", at(0), at(0))]);
  await forbidWrites();
  await code(mug, tea("2", ["pour", "brew"])).record(MINUTE(3));
});

test("an agent that left the code retires once, and serves anew from the minute it is back", async () => {
  const both = code(tea("1"), mug);
  await both.record(MINUTE(0));
  await code(mug).record(MINUTE(1));
  await code(mug).record(MINUTE(2));
  expect(await rows()).toMatchObject([
    { id: "mug", retired_at_ms: null },
    { id: "tea", retired_at_ms: MINUTE(1), updated_at_ms: MINUTE(0) },
  ]);
  await both.record(MINUTE(3));
  expect(await rows()).toMatchObject([{ id: "mug" }, { id: "tea", retired_at_ms: null }]);
  expect(await known(both)).toEqual([dates("tea", at(0), at(3)), dates("mug", at(0), at(0))]);
});

test("until a change is noted, no agent shows the date of the code before it", async () => {
  await code(tea("1"), mug).record(MINUTE(0));
  expect(await known(code(tea("2"), mug))).toEqual([dates("tea", at(0)), dates("mug", at(0), at(0))]);
  await code(mug).record(MINUTE(1));
  expect(await known(code(tea("1")))).toEqual([dates("tea", at(0))]);
});

test("one agent is shown as in the list, with its functions; an unknown one is 404", async () => {
  await scheduled(0);
  const { status, body } = await call("GET", "/api/v1/agents/approvals");
  expect(status).toBe(200);
  expect(AgentBody.parse(body)).toMatchObject({
    ...{ agent_id: "approvals", registered_at: at(0), updated_at: at(0) },
    functions: expect.arrayContaining([
      expect.objectContaining({
        ...{ name: "demo", target: "approvals.demo", type: "reasoner", description: expect.any(String) },
        input_schema: expect.objectContaining({ properties: expect.objectContaining({ amount: expect.anything() }) }),
      }),
    ]),
  });
  const { items } = AgentList.parse((await call("GET", "/api/v1/agents")).body);
  expect(items).toContainEqual(body);
  const nobody = await call("GET", "/api/v1/agents/nobody");
  expect(nobody).toMatchObject({ status: 404, body: { detail: expect.stringContaining('no agent "nobody"') } });
});

test("without the registry the agents are there all the same, without their dates", async () => {
  const away = () => {
    throw new Error("D1 is away");
  };
  const REGISTRY = { prepare: away, batch: away } as unknown as D1Database;
  const server = new Deployment({ AUTH_MODE: "open", REGISTRY });
  const origin = "http://localhost";
  const list = await server.call("GET", "/api/v1/agents", { origin });
  expect(list.status).toBe(200);
  expect(list.body.items).toContainEqual(expect.objectContaining({ agent_id: "clock" }));
  const { status, body } = await server.call("GET", "/api/v1/agents/clock", { origin });
  expect([status, body.registered_at]).toEqual([200, undefined]);
});
