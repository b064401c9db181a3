import type { Client } from "../../client/client.ts";
import type { AgentSummary } from "../../client/directory.ts";

/** The agents that a manifest declares, page by page. */
export async function* manifestAgents(client: Client, signal: AbortSignal): AsyncGenerator<AgentSummary> {
  for await (const agent of client.directory.agents({ signal })) if (agent.kind === "manifest") yield agent;
}
