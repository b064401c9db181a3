/** Status and category of the answer to a synchronous call whose node failed, in AgentField's words. */
import type { EntryError } from "../../domain/execution/entry.ts";
import { agentAnswerStatus } from "../../domain/node/agent-answer.ts";

/** The HTTP status: the node's own 4xx, 504 for a node that was not reached, 502 for any other failure. */
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
