/** Queues: what runs and waits under concurrency limits, and the word of an operator about them. */
import * as z from "zod";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, body, entry, V1 } from "../endpoint-parts.ts";
import { NamesQuery } from "../query-values.ts";

/** A new limit. It goes before what the definition says. */
export const QueueRequest = z.object({
  limit: z
    .number()
    .int()
    .min(0)
    .max(100_000)
    .nullable()
    .describe("How many may run at once. 0: none begins. null: as the definition says, or without a limit."),
});

export const QueueBody = z.object({
  queue: z.string().describe("`*`: the tenant; an agent; `agent/function`; `agent/function/key`."),
  limit: z.number().int().nullable().describe("How many may run at once; null: no limit is held."),
  paused: z.boolean().describe("Nothing that waits begins; what runs goes on."),
  depth: z.number().int().describe("Executions that wait for a slot."),
  running: z.number().int().describe("Slots that are taken. A parent and its child may share one."),
  oldest_at: z.string().nullable().describe("Since when the one waits that has waited longest."),
});
export type QueueBody = z.infer<typeof QueueBody>;
export const QueueList = z.object({ items: z.array(QueueBody), next_cursor: z.string().nullable() });

const change = {
  tag: "Operations",
  scope: "admin",
  answers: { 200: answer("The queue as it is now", QueueBody) },
  faults: [...entry, "target_not_found", "misconfigured"],
} as const;
const ONE_QUEUE = `${V1}/queues/{queue}`;

export const QUEUE_ENDPOINTS = {
  listQueues: endpoint({
    id: "listQueues",
    method: "GET",
    path: `${V1}/queues`,
    tag: "Operations",
    scope: "read",
    summary: "Queues under concurrency limits: depth, oldest, running, limit; those of declared keys for admins only",
    query: NamesQuery,
    answers: { 200: answer("A page, by their names", QueueList) },
    faults: [...entry, "invalid_input"],
  }),
  setQueue: endpoint({
    ...change,
    id: "setQueue",
    method: "PUT",
    path: ONE_QUEUE,
    summary: "Set the limit of a queue; it counts at once for what waits, and within ten seconds for new starts",
    body: QueueRequest,
    bodyBytes: BODY_BYTES.small,
    faults: [...change.faults, ...body],
  }),
  pauseQueue: endpoint({
    ...change,
    id: "pauseQueue",
    method: "POST",
    path: `${ONE_QUEUE}/pause`,
    summary: "Pause a queue: what waits does not begin, and what runs goes on",
  }),
  resumeQueue: endpoint({
    ...change,
    id: "resumeQueue",
    method: "POST",
    path: `${ONE_QUEUE}/resume`,
    summary: "Let a paused queue go on",
  }),
} as const;
