/** The conversation of an agentic execution on the wire. */
import * as z from "zod";
import type { ConversationMessage, ConversationView } from "../../domain/read-models/conversation-view.ts";
import { iso } from "../wire.ts";

export const ConversationBody = z.object({
  execution_id: z.string(),
  system: z.string().optional().describe("The system prompt: the same in every turn."),
  tools: z.array(z.string()).describe("Names of the tools that the model was offered."),
  messages: z.array(
    z.object({
      seq: z.number().int().describe("The event that holds it."),
      at: z.iso.datetime(),
      role: z.enum(["user", "assistant"]),
      kind: z
        .enum(["prompt", "feedback", "tool_results", "answer", "summary"])
        .describe("`feedback`: a validator's words. `summary`: the request for a failure summary, and the summary."),
      attempt: z.number().int(),
      text: z.string(),
      files: z.array(z.string()).optional().describe("Names of files in the message."),
      tool_calls: z.array(z.object({ id: z.string(), name: z.string(), input: z.unknown() })).optional(),
      tool_results: z
        .array(z.object({ id: z.string(), name: z.string(), text: z.string(), is_error: z.boolean() }))
        .optional(),
      stop_reason: z.string().optional(),
      model: z.string().optional(),
      simulated: z.boolean().optional().describe("True when no model was asked."),
    }),
  ),
});
type ConversationBody = z.infer<typeof ConversationBody>;

/** All but its messages, which come one by one. */
export function conversationHead(
  id: string,
  { system, tools }: Pick<ConversationView, "system" | "tools">,
): Omit<ConversationBody, "messages"> {
  return { execution_id: id, ...(system === undefined ? {} : { system }), tools: [...tools] };
}

export function messageBody(message: ConversationMessage): ConversationBody["messages"][number] {
  const { seq, atMs, role, kind, attempt, text, files, toolCalls, toolResults } = message;
  const { stopReason, model, simulated } = message;
  return {
    seq,
    at: iso(atMs),
    role,
    kind,
    attempt,
    text,
    ...(files.length === 0 ? {} : { files }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
    ...(toolResults.length === 0
      ? {}
      : { tool_results: toolResults.map(({ isError, ...result }) => ({ ...result, is_error: isError })) }),
    ...(stopReason === undefined ? {} : { stop_reason: stopReason, model, simulated }),
  };
}
