/** What is recorded once and never answered: notes, progress, the lines of nodes. A part of `event.ts`. */
import * as z from "zod";
import { Json } from "../../values/json.ts";
import { Key } from "../entry-event.ts";
import { AttributeChanges } from "../search-attributes.ts";
import { Status } from "../status.ts";
import type { TraitsOf } from "./traits.ts";

/**
 * What a node says of a call of one of its functions by another one, which is no execution of its own. The line's `callId` names it,
 * its `node` and `reasoner` say what was called.
 */
const CallReport = z.object({
  /** The call that it is beneath; absent: the execution itself. */
  parentId: z.string().optional(),
  status: Status,
  reason: z.string().optional(),
  durationMs: z.number().optional(),
});

/** A line that a node wrote about its work. */
export const LogEntry = z.object({
  /** When the node says that it wrote it. */
  atMs: z.number().optional(),
  level: z.string(),
  message: z.string(),
  source: z.string().optional(),
  eventType: z.string().optional(),
  node: z.string().optional(),
  reasoner: z.string().optional(),
  /** The call within the node that it is about, where that is no execution of its own. */
  callId: z.string().optional(),
  call: CallReport.optional(),
  attributes: Json.optional(),
});
export type LogEntry = z.infer<typeof LogEntry>;

export const NOTES_DATA = {
  /** `bytes`: of the entries as JSON. */
  "log.reported": z.object({ entries: z.array(LogEntry), bytes: z.number().int(), by: z.string() }),
  "note.added": z.object({
    key: Key.optional(),
    message: z.string(),
    tags: z.array(z.string()),
    by: z.string().optional(),
  }),
  "progress.reported": z.object({
    key: Key.optional(),
    percent: z.number().min(0).max(100).optional(),
    done: z.number().optional(),
    total: z.number().optional(),
    message: z.string().optional(),
  }),
  /** `null` takes a name away. */
  "attributes.set": z.object({ key: Key.optional(), attributes: AttributeChanges }),
} as const;

export const NOTES_TRAITS = {
  "log.reported": { timer: false, message: false, index: true, value: false, input: false, lost: false },
  "note.added": { timer: false, message: false, index: true, value: false, input: false, lost: true },
  "progress.reported": { timer: false, message: false, index: true, value: false, input: false, lost: true },
  "attributes.set": { timer: false, message: true, index: true, value: false, input: false, lost: true },
} as const satisfies TraitsOf<typeof NOTES_DATA>;
