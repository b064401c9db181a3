/** The function that a target names: of this deployment's own code, else of a node. */
import type { Principal } from "../domain/execution/principal.ts";
import type { Result } from "../domain/values/fault.ts";
import type { Catalog } from "./ports.ts";
import type { RemoteAgents } from "./remote-agents.ts";
import type { Found, TargetAsked } from "./target.ts";
import { resolveTarget } from "./target.ts";

interface Agents {
  readonly catalog: Catalog;
  readonly remote: Pick<RemoteAgents, "targetOf">;
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
