/** What became of the deliveries of a webhook. A part of `event.ts`. */
import * as z from "zod";
import { ToldEvent } from "../webhook.ts";
import type { TraitsOf } from "./traits.ts";
import { STATE_ONLY } from "./traits.ts";

const attempt = {
  /** The seq of the event that is told. */
  of: z.number().int(),
  event: ToldEvent,
  attempt: z.number().int(),
  durationMs: z.number(),
};

export const WEBHOOKS_DATA = {
  "webhook.delivered": z.object({ ...attempt, httpStatus: z.number().int() }),
  /** `httpStatus`: absent where no answer came. `givenUp`: it is not tried again by itself. */
  "webhook.failed": z.object({
    ...attempt,
    httpStatus: z.number().int().optional(),
    error: z.string(),
    givenUp: z.literal(true).optional(),
  }),
  /** A person has it sent again. */
  "webhook.retried": z.object({ of: z.number().int(), event: ToldEvent, by: z.string() }),
} as const;

export const WEBHOOKS_TRAITS = {
  "webhook.delivered": STATE_ONLY,
  "webhook.failed": STATE_ONLY,
  "webhook.retried": { timer: false, message: true, index: false, value: false, input: false, lost: false },
} as const satisfies TraitsOf<typeof WEBHOOKS_DATA>;
