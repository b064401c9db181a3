/** Both ends of a restart: the execution that follows, and the pages of results that it takes over. A part of `event.ts`. */
import * as z from "zod";
import { Json } from "../../values/json.ts";
import { ReusableResult, Reuse } from "../reusable-result.ts";
import { Webhook } from "../webhook.ts";
import type { TraitsOf } from "./traits.ts";

export const RESTARTS_DATA = {
  /** This execution was restarted: another one follows it. It is written down before that one exists. */
  "successor.started": z.object({
    id: z.string(),
    runId: z.string(),
    scope: z.enum(["workflow", "execution"]),
    reuse: Reuse,
    /** Key of the entry from which on all is done anew. */
    from: z.string().optional(),
    fork: z.boolean(),
    digest: z.string(),
    input: Json.optional(),
    context: Json.optional(),
    reason: z.string().optional(),
    webhook: Webhook.optional(),
    webhookError: z.string().optional(),
    by: z.string(),
  }),
  /** One page of what the followed execution offers; after the last one the program begins. */
  "journal.inherited": z.object({
    from: z.string(),
    upto: z.number().int(),
    offers: z.array(ReusableResult),
    done: z.boolean(),
    /** The digest of what its schema made of its input; absent where that was the input as it was sent. */
    parsed: z.string().optional(),
  }),
} as const;

export const RESTARTS_TRAITS = {
  "successor.started": { timer: false, message: true, index: true, value: false, input: false, lost: false },
  "journal.inherited": { timer: false, message: false, index: true, value: true, input: true, lost: false },
} as const satisfies TraitsOf<typeof RESTARTS_DATA>;
