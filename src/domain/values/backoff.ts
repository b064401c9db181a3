import * as z from "zod";
import { LAST_INSTANT_MS, numberOf } from "./numbers.ts";

/** How long to wait between the tries of one effect. Times in milliseconds. */
export const Backoff = z.strictObject({
  initialMs: numberOf({ min: 0, max: LAST_INSTANT_MS }).default(1_000),
  factor: numberOf({ min: 1 }).default(2),
  /** `Infinity`: the waits grow without a cap. */
  maxMs: numberOf({ min: 0, unlimited: true }).default(60_000),
  /** Full jitter: a uniform draw between 0 and the wait, so that a crowd spreads out ("Exponential Backoff And Jitter", AWS 2015). */
  jitter: z.boolean().default(true),
});
export type Backoff = z.infer<typeof Backoff>;

/**
 * The wait before try `attempt + 1`, in ms; `draw` is uniform in [0, 1). Always a whole number between 0 and the last
 * instant, with any policy and any number of tries: powers that are too large for a number are `Infinity` on the way.
 * A policy without jitter draws nothing.
 */
export function backoffMs({ initialMs, factor, maxMs, jitter }: Backoff, attempt: number, draw = 1): number {
  // 0 times Infinity would be no number.
  const grown = initialMs === 0 ? 0 : initialMs * factor ** (attempt - 1);
  const full = Math.min(maxMs, grown, LAST_INSTANT_MS);
  return Math.round(jitter ? full * draw : full);
}

/** Between the tries to hand an activity over to a receiver that cannot be reached. */
export const DISPATCH_BACKOFF: Backoff = { initialMs: 500, factor: 2, maxMs: 10_000, jitter: true };

/** Between the tries of a call of another execution that could not be reached, or refused for now. */
export const CALL_BACKOFF: Backoff = { initialMs: 1_000, factor: 2, maxMs: 60_000, jitter: false };

/** Between two looks at an execution that another one waits for, where nothing tells its end. */
export const LOOK_BACKOFF: Backoff = { initialMs: 250, factor: 2, maxMs: 15_000, jitter: false };
