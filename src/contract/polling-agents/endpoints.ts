/** The calls on agents that poll. Who may change which agent is decided in operations/polling-agents/polling-agents.ts. */
import * as z from "zod";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, body, entry, read, start } from "../endpoint-parts.ts";
import { RunHeaders, WaitQuery } from "../executions/requests.ts";
import { AgentBody, AgentKeyBody, AgentPage, RegisteredAgentBody } from "./bodies.ts";
import { DecomposeRequest, DecomposingBody, DecompositionBody } from "./decomposition.ts";
import { AgentChangeRequest, AgentRequest, AgentsQuery, RotateKeyRequest } from "./requests.ts";

const AGENTS = "/api/agents";
const ONE = `${AGENTS}/{agent_id}`;
const stored = ["encryption_key_missing", "unreadable", "misconfigured"] as const;
const changes = { tag: "Polling agents", scope: "execute", orScope: "agent" } as const;
const reads = { tag: "Polling agents", scope: "read", orScope: "agent", method: "GET" } as const;

export const POLLING_AGENT_ENDPOINTS = {
  registerAgent: endpoint({
    ...changes,
    id: "registerAgent",
    method: "POST",
    path: `${AGENTS}/register`,
    summary: "Register an agent that polls for work; under the id of one that is there, change it",
    body: AgentRequest,
    bodyBytes: BODY_BYTES.small,
    answers: {
      201: answer("Registered, with its key, which is shown once", RegisteredAgentBody),
      200: answer("It was there, and is as it was sent now", AgentBody),
    },
    faults: [...entry, ...body, ...stored, "not_found", "address_refused", "id_taken", "too_many_agents", "index_full"],
  }),
  listPollingAgents: endpoint({
    ...reads,
    id: "listPollingAgents",
    path: AGENTS,
    summary: "Agents that poll for work, by id; an agent's own key lists that agent",
    query: AgentsQuery,
    answers: { 200: answer("A page", AgentPage) },
    faults: [...entry, ...stored, "invalid_input"],
  }),
  getPollingAgent: endpoint({
    ...reads,
    id: "getPollingAgent",
    path: ONE,
    summary: "An agent that polls for work",
    answers: { 200: answer("The agent", AgentBody) },
    faults: [...read, ...stored],
  }),
  changePollingAgent: endpoint({
    ...changes,
    id: "changePollingAgent",
    method: "PATCH",
    path: ONE,
    summary: "Change an agent, with its own key or as an administrator; what is absent stays",
    body: AgentChangeRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 200: answer("As it is now", AgentBody) },
    faults: [...read, ...body, ...stored, "address_refused"],
  }),
  removePollingAgent: endpoint({
    ...changes,
    id: "removePollingAgent",
    method: "DELETE",
    path: ONE,
    summary: "Remove an agent and revoke its key",
    answers: { 204: answer("Removed", z.null()) },
    faults: [...read, ...stored],
  }),
  rotateAgentKey: endpoint({
    ...changes,
    id: "rotateAgentKey",
    method: "POST",
    path: `${ONE}/rotate-key`,
    summary: "Make the agent's next key; the one before is refused everywhere within 30 seconds",
    body: RotateKeyRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 201: answer("The key, shown once", AgentKeyBody) },
    faults: [...read, ...body, ...stored, "index_full"],
  }),
  decomposeTask: endpoint({
    ...changes,
    id: "decomposeTask",
    method: "POST",
    path: `${ONE}/decompose`,
    summary: "Take a task apart into subtasks that the agent can do; with plan_id store them in the plan",
    query: WaitQuery,
    headers: RunHeaders,
    body: DecomposeRequest,
    bodyBytes: BODY_BYTES.small,
    answers: {
      200: answer("Taken apart", DecompositionBody),
      202: answer("Still going, or a person is asked because the confidence is below 0.7", DecomposingBody),
    },
    faults: [...start, ...stored, "task_has_subtasks", "decomposition_failed"],
  }),
} as const;
