/** What the agents of a tenant that get work are registered for: what a task may be taken apart into. */
import type { Abilities } from "../../define/decomposition/input.ts";
import { systemPrincipal } from "../../domain/execution/principal.ts";
import type { PollingAgent } from "../../domain/node/polling-agent.ts";
import { AGENT_LIMITS } from "../../domain/node/polling-agent.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import type { PollingAgentRegistry } from "./ports.ts";

/** Agents that are asked for in one call. */
const PAGE = 100;

interface Parts {
  readonly registry: Pick<PollingAgentRegistry, "agent" | "agents">;
  readonly now: () => number;
  /** Makes what is thrown when the agents cannot be read. */
  readonly fault: (refusal: Refusal) => Error;
}

/** `agentId`: of this agent alone. Each action once, in the order of the agents' ids; 500 at most. */
export async function abilitiesOf(
  { registry, now, fault }: Parts,
  { tenant, agentId }: { readonly tenant: string; readonly agentId: string | null },
): Promise<Abilities> {
  const caller = systemPrincipal(tenant);
  const found = new Map<string, Abilities[number]>();
  const take = ({ isActive, drainedUntilMs = 0, capabilities }: PollingAgent) => {
    if (!isActive || drainedUntilMs > now()) return;
    for (const { action, params } of capabilities) if (!found.has(action)) found.set(action, { action, params });
  };
  if (agentId !== null) {
    const agent = await registry.agent(caller, agentId);
    if (!agent.ok) throw fault(agent);
    if (agent.value) take(agent.value);
    return [...found.values()];
  }
  let after: string | undefined;
  do {
    const page = await registry.agents(caller, { after, limit: PAGE });
    if (!page.ok) throw fault(page);
    for (const agent of page.value.agents) take(agent);
    after = page.value.next;
  } while (after !== undefined && found.size < AGENT_LIMITS.capabilities);
  return [...found.values()].slice(0, AGENT_LIMITS.capabilities);
}
