/** What runs an execution: a node, a program of Errand itself, or a program of this deployment. */
import { remoteDefinition } from "../../define/remote-function.ts";
import { builtInOf } from "../../domain/execution/built-in.ts";
import type { Origin } from "../../domain/execution/origin.ts";
import type { FoundFunction, World } from "../ports.ts";

export type Functions = Pick<World, "find" | "builtIns">;

/** Returns `undefined` where this version of the code has no such function. Nodes and built-in programs have versions of their own. */
export function functionOf(
  { remote, ...origin }: Pick<Origin, "agent" | "fn" | "kind" | "version" | "remote" | "builtIn" | "manifest">,
  { find, builtIns }: Functions,
): FoundFunction | undefined {
  const { agent, fn, version } = origin;
  const builtIn = builtInOf(origin);
  if (remote) return { version, definition: remoteDefinition(origin, remote) };
  const definition = builtIn && builtIns?.[builtIn];
  if (builtIn) return definition && { version, definition };
  return find(agent, fn);
}
