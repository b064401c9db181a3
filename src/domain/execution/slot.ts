/**
 * Concurrency limits as one execution sees them: the queues that it is under, and the slots that it holds there.
 *
 * - It holds a slot of each queue while its program has something to do, and asks for them one after the other in the order
 *   of `origin.queues`, the same for all executions: so two never wait for each other.
 * - At rest it holds none: each time it goes on it asks anew, under the next epoch.
 */
import * as z from "zod";

/** A limiter keeps what it was asked; one whose storage was lost hears it again after this long. */
export const ASK_AGAIN_MS = 3_600_000;

/** A limit that an execution is under. */
export const QueueRef = z.object({
  /** `*`: the tenant; `AGENT`, `AGENT/FUNCTION`, or `AGENT/FUNCTION/KEY`. */
  name: z.string(),
  /** How many may run at once, as the definition says; absent where the limit was set at run time only. */
  limit: z.number().int().optional(),
});
export type QueueRef = z.infer<typeof QueueRef>;

export const Slot = z.object({
  /** Grows each time it asks anew. */
  epoch: z.number().int(),
  /** Of its queues, the first ones, in which it has a slot. */
  held: z.number().int(),
  /** It is at rest: it holds none and waits for none. */
  off: z.literal(true).optional(),
});
