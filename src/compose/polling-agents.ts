/**
 * Wires agents that poll for their work: they lie in the directory of their tenant's nodes, their keys with all keys. And what is
 * there for them: plans, and tasks that are taken apart.
 */
import { offerClient, pollingAgentClient, workDirectoryClient } from "../actors/platform/polling-agent-client.ts";
import type { FunctionDefinition } from "../define/agent.ts";
import type { Keys } from "../operations/access/keys.ts";
import type { Executions } from "../operations/executions/executions.ts";
import { Decompositions } from "../operations/plans/decompositions.ts";
import { PollingAgents } from "../operations/polling-agents/polling-agents.ts";
import { judgeUrl } from "../outbound/judge-url.ts";
import { randomToken } from "../vault/digest.ts";
import { nodesMissing } from "./environment/bindings.ts";
import type { Env } from "./environment/env.ts";
import { reachOf } from "./environment/outbound.ts";
import { plansOf } from "./plans.ts";

interface Parts {
  readonly keys: Keys;
  readonly executions: Executions;
  /** Takes tasks apart. */
  readonly program: FunctionDefinition;
}

export function pollingAgentsOf(env: Env, { keys, executions, program }: Parts) {
  const pollingAgents = new PollingAgents({
    registry: pollingAgentsIn(env),
    keys,
    judge: (url) => judgeUrl(url, reachOf(env)),
    newAgentId: () => `agent_${randomToken(12)}`,
  });
  const plans = plansOf(env);
  const decompositions = new Decompositions({ agents: pollingAgents, plans, executions, program });
  return { pollingAgents, plans, decompositions };
}

/** The way from executions of plans to the agents of their tenant. A Worker that binds no directory has no agents. */
export const offerWorkOf = (env: Env) => offerClient(env.NODES);

export const pollingAgentsIn = (env: Env) => pollingAgentClient(env.NODES, nodesMissing);

export const workDirectoryOf = (env: Env) => workDirectoryClient(env.NODES, nodesMissing);
