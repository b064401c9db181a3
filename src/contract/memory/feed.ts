/** Changes of memory on the wire: one JSON object each, in a socket, as a server-sent event and in the history. */
import * as z from "zod";
import type { PlacedChange } from "../../domain/memory/change.ts";
import { MemoryScope } from "../../domain/memory/scope.ts";
import { Json } from "../../domain/values/json.ts";
import { iso } from "../wire.ts";

export const MemoryEventBody = z.object({
  id: z.string().describe("Its place in the feed that it was read from: send the last one you have as `since`."),
  type: z.literal("memory_change"),
  timestamp: z.iso.datetime(),
  scope: MemoryScope,
  scope_id: z.string(),
  key: z.string(),
  action: z.enum(["set", "delete"]),
  data: Json.optional(),
  previous_data: Json.optional(),
  omitted: z
    .array(z.enum(["data", "previous_data"]))
    .optional()
    .describe("Values that are too large for the feed: read them with POST /api/v1/memory/get."),
  metadata: z.object({
    agent_id: z.string().optional(),
    actor_id: z.string().optional(),
    workflow_id: z.string().optional(),
    execution_id: z.string().optional(),
    expired: z.boolean().optional().describe("True: its time was over."),
  }),
});
export type MemoryEventBody = z.infer<typeof MemoryEventBody>;

export function memoryEventBody({ seq, change }: PlacedChange): MemoryEventBody {
  const { scope, scopeId, key, action, data, previous, omitted, expired, by, atMs } = change;
  return {
    id: String(seq),
    type: "memory_change",
    timestamp: iso(atMs),
    scope,
    scope_id: scopeId,
    key,
    action,
    ...(data === undefined ? {} : { data }),
    ...(previous === undefined ? {} : { previous_data: previous }),
    ...(omitted ? { omitted: omitted.map((name) => (name === "data" ? name : "previous_data")) } : {}),
    metadata: {
      ...(by.agentId === undefined ? {} : { agent_id: by.agentId }),
      ...(by.actorId === undefined ? {} : { actor_id: by.actorId }),
      ...(by.workflowId === undefined ? {} : { workflow_id: by.workflowId }),
      ...(by.executionId === undefined ? {} : { execution_id: by.executionId }),
      ...(expired ? { expired } : {}),
    },
  };
}
