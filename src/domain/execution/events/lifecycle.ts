/** How an execution begins, moves from status to status, and ends. A part of `event.ts`. */
import * as z from "zod";
import { Json } from "../../values/json.ts";
import { LoggedCode } from "../error-code.ts";
import { Origin } from "../origin.ts";
import { SearchAttributes } from "../search-attributes.ts";
import { StoredFiles } from "../stored-file.ts";
import { StoredResult } from "../stored-result.ts";
import { Webhook } from "../webhook.ts";
import type { TraitsOf } from "./traits.ts";
import { STATE_ONLY } from "./traits.ts";

/** Names the code that runs the program from here on. */
const Deployment = z.string().max(200).optional();
/** `reason`: a fixed word. `detail`: what a person said. `bulk`: the execution of the bulk operation that did it. */
const reason = z.object({
  reason: z.string().optional(),
  detail: z.string().optional(),
  by: z.string().optional(),
  bulk: z.string().optional(),
});

export const LIFECYCLE_DATA = {
  "execution.created": z.object({
    origin: Origin,
    /** As it was sent. */
    input: Json,
    /** It went through the function's schema: as it was sent, or as `input.parsed` has it. Absent: not yet. */
    parsed: z.enum(["as_sent", "apart"]).optional(),
    metadata: Json.optional(),
    attributes: SearchAttributes.optional(),
    context: Json.optional(),
    files: StoredFiles.optional(),
    webhook: Webhook.optional(),
    /** Why the webhook that was asked for is not registered. */
    webhookError: z.string().optional(),
    /** When its start was accepted, where that was before. */
    acceptedAtMs: z.number().optional(),
    /** Its program begins in its turn: an intake shard has the ticket. */
    awaitsTurn: z.literal(true).optional(),
  }),
  /** What the program is handed from here on, even if its schema says otherwise later; absent: the input as it was sent. */
  "input.parsed": z.object({
    value: Json.optional(),
    /** The schema made something else of it for the execution that this one follows: what may have come of it is not taken over. */
    differs: z.boolean().optional(),
  }),
  "execution.queued": z.object({}),
  /** `deployment`, here and below: the code that runs the program from here on. */
  "execution.started": z.object({ deployment: Deployment }),
  /** The program came to rest and only people can go on. */
  "execution.waiting": z.object({ reason: z.enum(["waiting_for_approval", "awaiting_child", "effect_in_doubt"]) }),
  /** The program came to rest and waits for time, a signal or a child; the status stays running. */
  "execution.suspended": z.object({
    reason: z.enum(["sleeping", "awaiting_signal", "awaiting_child", "awaiting_node", "backing_off"]),
  }),
  /** `deployment`: the code that found the program to be another one. */
  "execution.blocked": z.object({ reason: z.string(), detail: z.string().optional(), deployment: Deployment }),
  "execution.paused": reason,
  /** `deployment`: the code that an execution with a changed program is tried with. */
  "execution.resumed": reason.extend({ deployment: Deployment }),
  /**
   * A death of an earlier deployment's process leaves the counts: `withoutProgress` is 0 then. `spared`: it is laid to a
   * neighbour, as so many since the last progress.
   */
  "execution.recovered": z.object({
    count: z.number().int(),
    withoutProgress: z.number().int(),
    spared: z.number().int().optional(),
    deployment: Deployment,
  }),
  /** Another execution of the same process has taken in much, and twice as much as all others together. It may be another tenant's. */
  "neighbour.grew": z.object({}),
  /** `stored`: the output is larger than a row, lies in the file store, and is `null` here. */
  "execution.succeeded": z.object({ output: Json, stored: StoredResult.optional() }),
  "execution.failed": z.object({ code: LoggedCode, message: z.string(), details: Json.optional() }),
  "execution.cancelled": reason,
  "execution.timed_out": z.object({ limit: z.string() }),
} as const;

export const LIFECYCLE_TRAITS = {
  "execution.created": { timer: true, message: false, index: false, value: false, input: false, lost: true },
  "input.parsed": { timer: false, message: false, index: true, value: false, input: false, lost: true },
  "execution.queued": { timer: false, message: false, index: false, value: false, input: false, lost: true },
  "execution.started": { timer: false, message: false, index: false, value: false, input: false, lost: true },
  "execution.waiting": STATE_ONLY,
  "execution.suspended": STATE_ONLY,
  "execution.blocked": STATE_ONLY,
  "execution.paused": STATE_ONLY,
  "execution.resumed": STATE_ONLY,
  "execution.recovered": STATE_ONLY,
  "neighbour.grew": STATE_ONLY,
  "execution.succeeded": STATE_ONLY,
  "execution.failed": STATE_ONLY,
  "execution.cancelled": STATE_ONLY,
  "execution.timed_out": STATE_ONLY,
} as const satisfies TraitsOf<typeof LIFECYCLE_DATA>;
