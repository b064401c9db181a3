/** Conversations with an agent of the user's: with its prompt, model and tools for conversations. */
import type { AgentDefinition, FunctionDefinition } from "../agent.ts";
import type { AgentConfigs } from "../agent-config.ts";
import { configFor } from "../agent-config.ts";
import { chatFunction } from "./chat.ts";
import { refuseDynamic, rulesOf } from "./program.ts";
import { THREAD_TOKENS } from "./thread.ts";

const MOST_TURNS = 50;

export function chatOf({ id, description }: AgentDefinition, configs: AgentConfigs): FunctionDefinition {
  const config = configFor(configs, "conversation");
  const tools = config.tools ?? [];
  const approvals = rulesOf(tools);
  refuseDynamic(`${id}.chat`, approvals);
  return chatFunction({
    agent: id,
    config: { ...config, system: config.system ?? `${description}\n\nYou talk with a person.` },
    ...{ tools, approvals, stateful: true, threadTokens: THREAD_TOKENS, maxTurns: MOST_TURNS },
    asking: { agent: id, dynamicApprovals: {}, terms: {} },
  });
}
