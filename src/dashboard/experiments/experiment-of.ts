import type { Client } from "../../client/client.ts";
import { ProblemError } from "../../client/errors.ts";
import type { Experiment } from "../../client/experiments.ts";

/** Undefined where the current version of the agent runs alone. */
export async function experimentOf(
  client: Client,
  agentId: string,
  signal: AbortSignal,
): Promise<Experiment | undefined> {
  try {
    return await client.agents.experiments.get(agentId, { signal });
  } catch (error) {
    if (error instanceof ProblemError && error.status === 404) return undefined;
    throw error;
  }
}
