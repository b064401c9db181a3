/** Whether an agent with this manifest may run. */
import type { Refusal } from "../values/fault.ts";
import { refuse } from "../values/fault.ts";
import type { Manifest } from "./manifest.ts";

/** Returns the refusal for a draft and for what is archived; `undefined` for an active one, and for a deprecated one, which is warned of. */
export function unlessActive({ name, version, status }: Manifest): Refusal | undefined {
  if (status !== "draft" && status !== "archived") return undefined;
  return refuse("agent_not_active", `the agent ${name} ${version} has the status ${status}`);
}
