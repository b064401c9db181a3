import type { AgentDefinition } from "../../define/agent.ts";
import type { NodePort } from "../../engine/node-port.ts";
import { resolveTarget } from "../../operations/target.ts";

/**
 * Finds a function that the code does not have at a node. Where none has it either the refusal is the one that a caller from
 * outside hears: about the agents of the code, with what was probably meant.
 */
export function functionElsewhere(agents: ReadonlyMap<string, AgentDefinition>, nodes: NodePort): NodePort["find"] {
  return async (tenant, { agent, fn }) => {
    const found = await nodes.find(tenant, { agent, fn });
    if (found.ok || found.code !== "target_not_found") return found;
    const missing = resolveTarget({ agents }, `${agent}.${fn}`);
    return missing.ok ? found : missing;
  };
}
