/**
 * How an activity that is finished from outside gets there. It begins and ends with the events of a step; between them lies what
 * is known of its one message. A part of `event.ts`.
 */
import * as z from "zod";
import { Key } from "../entry-event.ts";
import type { TraitsOf } from "./traits.ts";

const attempt = { key: Key, attempt: z.number().int().min(1) };

export const EXTERNAL_DATA = {
  /** On disk before the request leaves: from here on it may have arrived, and is not sent again. */
  "external.sending": z.object({ ...attempt, instance: z.string().max(500).optional() }),
  /** Proven not to have arrived: it is sent again then. */
  "external.unsent": z.object({ ...attempt, message: z.string(), retryAtMs: z.number() }),
  /** The receiver said that it has it. */
  "external.accepted": z.object({ ...attempt }),
  /** Its result is larger than a row, and is being put into the file store. */
  "external.storing": z.object({ ...attempt, digest: z.string() }),
  /** The receiver began or ceased to wait for a person, or says again that it waits. `untilMs`: that is believed until then. */
  "external.waiting": z.object({ ...attempt, waiting: z.boolean(), untilMs: z.number().optional() }),
  /** Its time stood still while its execution was held. `heldMs`: for how long in all. */
  "external.extended": z.object({ ...attempt, untilMs: z.number(), heldMs: z.number() }),
  /** Another process has taken the place of the one it was sent to: what that one has not reported by then is lost. */
  "external.receiver_gone": z.object({ ...attempt, instance: z.string().max(500), untilMs: z.number() }),
} as const;

export const EXTERNAL_TRAITS = {
  "external.sending": { timer: false, message: false, index: true, value: false, input: false, lost: false },
  "external.unsent": { timer: false, message: true, index: true, value: false, input: false, lost: false },
  "external.accepted": { timer: false, message: false, index: true, value: false, input: false, lost: false },
  "external.storing": { timer: false, message: false, index: true, value: false, input: false, lost: false },
  "external.waiting": { timer: true, message: false, index: true, value: false, input: false, lost: false },
  "external.extended": { timer: true, message: false, index: true, value: false, input: false, lost: false },
  "external.receiver_gone": { timer: true, message: false, index: true, value: false, input: false, lost: false },
} as const satisfies TraitsOf<typeof EXTERNAL_DATA>;
