/** Wires agents that poll for their work: they lie in the directory of their tenant's nodes, their keys with all keys. */
import { pollingAgentClient } from "../actors/platform/polling-agent-client.ts";
import type { Keys } from "../operations/keys.ts";
import { PollingAgents } from "../operations/polling-agents.ts";
import { judgeUrl } from "../outbound/judge-url.ts";
import { randomToken } from "../vault/digest.ts";
import { nodesMissing } from "./bindings.ts";
import type { Env } from "./env.ts";
import { reachOf } from "./outbound.ts";

export function pollingAgentsOf(env: Env, keys: Keys): PollingAgents {
  return new PollingAgents({
    registry: pollingAgentClient(env.NODES, nodesMissing),
    keys,
    judge: (url) => judgeUrl(url, reachOf(env)),
    newAgentId: () => `agent_${randomToken(12)}`,
  });
}
