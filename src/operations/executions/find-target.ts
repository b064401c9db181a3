/** The function that a target names: of this deployment's own code, else of a node. */
import { builtInOf } from "../../domain/execution/built-in.ts";
import type { Origin } from "../../domain/execution/origin.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { RemoteAgents } from "../nodes/remote-agents.ts";
import type { Catalog } from "../ports.ts";
import type { Found, TargetAsked } from "../target.ts";
import { resolveTarget } from "../target.ts";

interface Agents {
  readonly catalog: Catalog;
  readonly remote: Pick<RemoteAgents, "targetOf">;
}

/** The function of an execution that was started before. */
export async function functionOf(agents: Agents, caller: Principal, origin: Origin): Promise<Result<Found>> {
  const { agent, fn, version } = origin;
  const { builtIns } = agents.catalog;
  const builtIn = builtInOf(origin);
  if (builtIn === "bulk")
    return refuse("invalid_state", "a bulk operation is not restarted: start another one with POST /api/v1/bulk");
  if (builtIn && builtIns) return accept({ agent, version, definition: builtIns[builtIn], builtIn });
  return findTarget(agents, caller, { target: `${agent}.${fn}`, waitMs: 0 });
}

export async function findTarget(
  { catalog, remote }: Agents,
  caller: Principal,
  asked: TargetAsked,
): Promise<Result<Found>> {
  const found = resolveTarget(catalog, asked.target, asked.kind);
  if (found.ok) return found;
  return (await remote.targetOf(caller, asked)) ?? found;
}
