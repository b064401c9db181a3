import { z } from "zod";

/** How long to wait between the tries of one effect. Times in milliseconds. */
export const Backoff = z.object({
  initialMs: z.number().int().min(0).default(1_000),
  factor: z.number().min(1).default(2),
  maxMs: z.number().int().min(0).default(60_000),
  /** Full jitter: a uniform draw between 0 and the wait, so that a crowd spreads out ("Exponential Backoff And Jitter", AWS 2015). */
  jitter: z.boolean().default(true),
});
export type Backoff = z.infer<typeof Backoff>;

/** The wait before try `attempt + 1`, in ms; `draw` is uniform in [0, 1). */
export function backoffMs(backoff: Backoff, attempt: number, draw: number): number {
  const full = Math.min(backoff.maxMs, backoff.initialMs * backoff.factor ** (attempt - 1));
  return Math.round(backoff.jitter ? full * draw : full);
}
