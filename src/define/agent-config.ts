import type { Tool } from "./tool.ts";

/** Where an agent works: with a person in front of it, or unattended. */
export type AgentContext = "conversation" | "execution";

/** How an agent's model is asked. */
export interface AgentConfig {
  /** Its system prompt. Default for unattended runs: its description, and that no person is there to ask. */
  readonly system?: string;
  /** Default the deployment's. */
  readonly model?: string;
  /** Most tokens of one turn, thinking included. Default 16,000. */
  readonly maxTokens?: number;
  /** Tools of the agent, in every run of this context. */
  readonly tools?: readonly Tool[];
}

/** One configuration for every context, or one for each. */
export type AgentConfigs = AgentConfig | ((context: AgentContext) => AgentConfig);

export function configFor(configs: AgentConfigs | undefined, context: AgentContext): AgentConfig {
  return typeof configs === "function" ? configs(context) : (configs ?? {});
}
