/** The one list of the agents this house offers. */
import type { AgentDefinition } from "../define/index.ts";
import { approvals } from "./approvals.ts";
import { catalog } from "./catalog.ts";
import { clock } from "./clock.ts";
import { escalationAgent } from "./escalation-agent.ts";
import type { LedgerService } from "./ledger.ts";
import { createLedgerAgent } from "./ledger.ts";
import { supportAgent } from "./support-agent.ts";

export function available(services: { readonly ledger: LedgerService }): readonly AgentDefinition[] {
  return withoutTwins([supportAgent, escalationAgent, catalog, clock, approvals, createLedgerAgent(services.ledger)]);
}

/** Throws when two agents claim one id, naming both. */
export function withoutTwins(agents: readonly AgentDefinition[]): readonly AgentDefinition[] {
  const byId = new Map<string, AgentDefinition>();
  for (const agent of agents) {
    const twin = byId.get(agent.id);
    if (twin) throw new Error(`agent id "${agent.id}" is claimed twice: by ${inWords(twin)} and by ${inWords(agent)}`);
    byId.set(agent.id, agent);
  }
  return agents;
}

function inWords({ description, version }: AgentDefinition): string {
  return `"${description}" (${version})`;
}
