/** Agents that poll, as they are answered. A key is in `RegisteredAgentBody` and `AgentKeyBody` alone, once. */
import * as z from "zod";
import type { PollingAgent } from "../../domain/node/polling-agent.ts";
import { Json } from "../../domain/values/json.ts";
import { iso } from "../wire.ts";

const text = z.string().nullable();
const Instant = z.iso.datetime();

export const AgentBody = z.object({
  id: z.string(),
  name: z.string(),
  role: text,
  poll_endpoint: text,
  webhook_url: text,
  webhook_signed: z.boolean().describe("Whether what it is told there is signed."),
  is_active: z.boolean(),
  last_heartbeat: Instant.nullable().describe("When it last called; null before its first call."),
  lapses: z
    .number()
    .describe("Leases of subtasks that it let end without a word, in executions that have not heard of it since."),
  drained_since: Instant.nullable().describe("When the last of those ended; null while it gets new work."),
  drained_until: Instant.nullable().describe(
    "Until then it gets no new work, because leases of three subtasks ended without a word; a report of it ends that at once.",
  ),
  capabilities: z.array(z.object({ action: z.string(), params: Json, idempotent: z.boolean().nullable() })),
  created_at: Instant,
  owner: z.string().describe("Who registered it first."),
});
export type AgentBody = z.infer<typeof AgentBody>;

export const AgentKeyBody = z.object({
  agent_id: z.string(),
  key: z.string().describe("The key. It is shown here and never again."),
  key_id: z.string(),
  rate_limit_per_min: z.number().nullable(),
});

export const RegisteredAgentBody = AgentBody.extend(AgentKeyBody.shape);
export const AgentPage = z.object({ items: z.array(AgentBody), next_cursor: text });

export function agentBody(agent: PollingAgent): AgentBody {
  return {
    id: agent.id,
    name: agent.name,
    role: agent.role,
    poll_endpoint: agent.pollEndpoint,
    webhook_url: agent.webhookUrl,
    webhook_signed: agent.webhookSecret !== null,
    is_active: agent.isActive,
    last_heartbeat: agent.lastHeartbeatMs === null ? null : iso(agent.lastHeartbeatMs),
    lapses: agent.lapses ?? 0,
    drained_since: agent.drainedSinceMs === undefined ? null : iso(agent.drainedSinceMs),
    drained_until: agent.drainedUntilMs === undefined ? null : iso(agent.drainedUntilMs),
    capabilities: agent.capabilities,
    created_at: iso(agent.createdAtMs),
    owner: agent.owner,
  };
}
