import type { Client } from "../../../client/client.ts";
import type { AgentSummary } from "../../../client/directory.ts";
import { findIn } from "../../ids/named.ts";
import { word } from "../inputs.ts";

export const agentName = word("AGENT", "the agent, or the first letters of its id");

export function findAgent(client: Client, given: string, signal: AbortSignal): Promise<AgentSummary> {
  return findIn(client.directory.agents({ signal }), given, {
    ...{ what: "agent", list: "errand agents list" },
    idOf: (one) => one.agent_id,
  });
}
