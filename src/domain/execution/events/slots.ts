/** Slots under concurrency limits. A part of `event.ts`. */
import * as z from "zod";
import type { TraitsOf } from "./traits.ts";
import { STATE_ONLY } from "./traits.ts";

export const SLOTS_DATA = {
  /** It asks anew, under the next epoch: what it asked for before was given back or is not known any more. */
  "slot.requested": z.object({}),
  /** It has a slot of this queue, as it asked under this epoch. */
  "slot.granted": z.object({ queue: z.string(), epoch: z.number().int() }),
} as const;

export const SLOTS_TRAITS = {
  "slot.requested": STATE_ONLY,
  "slot.granted": STATE_ONLY,
} as const satisfies TraitsOf<typeof SLOTS_DATA>;
