/** What runs an execution: a node, the manifest in its input, the runtime itself (a bulk operation), or a program of this deployment. */
import { remoteDefinition } from "../define/remote-function.ts";
import type { Origin } from "../domain/execution/origin.ts";
import type { FoundFunction, World } from "./ports.ts";

export type Functions = Pick<World, "find" | "manifestRun" | "bulkRun">;

/** Returns `undefined` where this version of the code has no such function. Nodes and manifests have versions of their own. */
export function functionOf(
  { remote, ...origin }: Pick<Origin, "agent" | "fn" | "kind" | "version" | "remote" | "manifest" | "bulk">,
  { find, manifestRun, bulkRun }: Functions,
): FoundFunction | undefined {
  const { agent, fn, version, manifest, bulk } = origin;
  if (remote) return { version, definition: remoteDefinition(origin, remote) };
  if (bulk) return bulkRun && { version, definition: bulkRun };
  if (manifest) return manifestRun && { version, definition: manifestRun };
  return find(agent, fn);
}
