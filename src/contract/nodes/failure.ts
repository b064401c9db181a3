/** How a call of a node that failed is told to who waits for it, in AgentField's words. */
import type { EntryError } from "../../domain/execution/entry.ts";
import { agentAnswerStatus } from "../../domain/node/agent-answer.ts";

/** A node's own 4xx is passed on; one that cannot be reached is 504, any other failure 502. */
export function nodeFailureStatus(error: EntryError): number {
  if (error.code === "agent_unreachable") return 504;
  const status = agentAnswerStatus(error);
  return status !== undefined && status >= 400 && status < 500 ? status : 502;
}

const CATEGORY: ReadonlyMap<string, string> = new Map([
  ["agent_unreachable", "agent_unreachable"],
  ["agent_timeout", "agent_timeout"],
  ["value_too_large", "bad_response"],
  ["internal_error", "internal_error"],
]);

export function nodeErrorCategory(code: string): string {
  return CATEGORY.get(code) ?? "agent_error";
}
