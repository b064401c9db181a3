/** One agent, and what only agentic executions have: their definitions, and the conversation of one that runs. */
import * as z from "zod";
import { endpoint } from "../endpoint.ts";
import { answer, entry, ONE, read, V1 } from "../endpoint-parts.ts";
import { AgentQuery } from "../manifests/requests.ts";
import { NamesQuery } from "../query-values.ts";
import { AgentBody } from "../replies.ts";
import { WEBHOOK_ENDPOINTS } from "../webhooks/endpoints.ts";
import { ConversationBody } from "./conversation-body.ts";

const DefinitionList = z.object({
  next_cursor: z.string().nullable(),
  items: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      description: z.string(),
      agent_id: z.string(),
      target: z.string().describe("Run it with POST /api/v1/execute/{target}."),
      input_schema: z.unknown().optional().describe("JSON Schema of the input."),
      output_schema: z.unknown().optional(),
      failure_codes: z.array(z.string()).describe("What `failure_code` of a failed execution may be."),
    }),
  ),
});

export const AGENTIC_ENDPOINTS = {
  ...WEBHOOK_ENDPOINTS,
  getAgent: endpoint({
    id: "getAgent",
    method: "GET",
    path: `${V1}/agents/{agent_id}`,
    tag: "Agents",
    scope: "read",
    summary: "One agent and its functions, and since when it serves like this",
    query: AgentQuery,
    answers: { 200: answer("The agent", AgentBody) },
    faults: [...read, "invalid_input", "encryption_key_missing"],
  }),
  listDefinitions: endpoint({
    id: "listDefinitions",
    method: "GET",
    path: `${V1}/agents/{agent_id}/definitions`,
    tag: "Agents",
    scope: "read",
    summary: "The agentic executions an agent offers: input, failure codes, target",
    query: NamesQuery,
    answers: { 200: answer("A page, of at most about 1 MiB", DefinitionList) },
    faults: [...entry, "not_found", "invalid_input", "invalid_cursor"],
  }),
  getConversation: endpoint({
    id: "getConversation",
    method: "GET",
    path: `${ONE}/conversation`,
    tag: "Executions",
    scope: "read",
    summary: "What the agent's model was asked and said: messages, tool calls and results, corrections, summary",
    answers: { 200: answer("The conversation; empty for an execution that has none", ConversationBody) },
    faults: read,
  }),
} as const;
