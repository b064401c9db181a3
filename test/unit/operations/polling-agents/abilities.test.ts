/** What a task may be taken apart into: the actions of agents that get work. */
import { describe, expect, it } from "vitest";
import type { PollingAgent } from "../../../../src/domain/node/polling-agent.ts";
import { accept, refuse } from "../../../../src/domain/values/fault.ts";
import { abilitiesOf } from "../../../../src/operations/polling-agents/abilities.ts";

function agent(id: string, actions: readonly string[], more: Partial<PollingAgent> = {}): PollingAgent {
  return {
    ...{ id, name: id, role: null, pollEndpoint: null, webhookUrl: null, webhookSecret: null, owner: "olga" },
    ...{ isActive: true, createdAtMs: 0, lastHeartbeatMs: null },
    capabilities: actions.map((action) => ({ action, params: [id], idempotent: null })),
    ...more,
  };
}

/** Two agents a page, by id. */
function tenantOf(agents: readonly PollingAgent[]) {
  const registry = {
    agent: async (_caller: unknown, id: string) => accept(agents.find((each) => each.id === id)),
    agents: async (_caller: unknown, { after = "" }: { after: string | undefined }) => {
      const rest = agents.filter(({ id }) => id > after);
      const page = rest.slice(0, 2);
      return accept({ agents: page, next: rest.length > 2 ? page.at(-1)?.id : undefined });
    },
  };
  return { registry, now: () => 1_000, fault: ({ detail }: { detail: string }) => new Error(detail) };
}

const actionsOf = async (agents: readonly PollingAgent[], agentId: string | null = null) =>
  (await abilitiesOf(tenantOf(agents), { tenant: "t", agentId })).map(({ action, params }) => [action, params]);

describe("the abilities of a tenant", () => {
  const agents = [
    agent("a", ["send", "call"]),
    agent("b", ["send", "fly"], { isActive: false }),
    agent("c", ["dive"], { drainedUntilMs: 1_001 }),
    agent("d", ["call", "write"], { drainedUntilMs: 999 }),
  ];

  it("are those of all agents that get work, each action once", async () => {
    expect(await actionsOf(agents)).toEqual([
      ["send", ["a"]],
      ["call", ["a"]],
      ["write", ["d"]],
    ]);
  });

  it("are those of one agent, where only that gets work, and none where that is not there", async () => {
    expect(await actionsOf(agents, "d")).toEqual([
      ["call", ["d"]],
      ["write", ["d"]],
    ]);
    expect(await actionsOf(agents, "b")).toEqual([]);
    expect(await actionsOf(agents, "nobody")).toEqual([]);
  });

  it("are five hundred at most", async () => {
    const many = Array.from({ length: 4 }, (_one, at) =>
      agent(
        `a${at}`,
        Array.from({ length: 200 }, (_two, n) => `do_${at}_${n}`),
      ),
    );
    expect(await actionsOf(many)).toHaveLength(500);
  });

  it("cannot be said where the agents cannot be read", async () => {
    const away = async () => refuse("unavailable", "the directory is away");
    const parts = { ...tenantOf([]), registry: { agent: away, agents: away } };
    await expect(abilitiesOf(parts, { tenant: "t", agentId: null })).rejects.toThrow("the directory is away");
    await expect(abilitiesOf(parts, { tenant: "t", agentId: "a" })).rejects.toThrow("the directory is away");
  });
});
