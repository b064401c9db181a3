/**
 * Where an execution stands, by status: what a status must say is required there, and what belongs to another one cannot be
 * written. A part of `state.ts`, whose fields lie beside these in one flat row.
 *
 * - Only what runs has a running clock, or is suspended. Only what has ended has an instant of its end.
 * - What succeeded or failed names the event that holds its result. A tombstone keeps neither: its log was removed.
 */
import * as z from "zod";
import { Status } from "./status.ts";

const absent = z.undefined().optional();
/** Each member names all fields, so that a reader needs no question about the status first. */
const NONE = {
  reason: absent,
  startedAtMs: absent,
  suspended: absent,
  activeSinceMs: absent,
  finishedAtMs: absent,
  resultSeq: absent,
  errorCode: absent,
  errorMessage: absent,
  archivedAtMs: absent,
  archive: absent,
  archiveHead: absent,
};

/** Why it is in this status: a fixed word, optionally `word: detail`. */
const reason = z.string();
const begun = { ...NONE, startedAtMs: z.number() };
/** Its start is absent where it ended before it began. */
const ended = { ...NONE, startedAtMs: z.number().optional(), finishedAtMs: z.number() };
const resultSeq = z.number().int();

export const Life = z.union([
  z.object({ ...NONE, status: z.enum(["pending", "queued"]), reason: reason.optional() }),
  /** `activeSinceMs`: when the present stretch of active time began. */
  z.object({ ...begun, status: z.literal("running"), activeSinceMs: z.number(), reason: reason.optional() }),
  /** It rests on time, a signal or a child, or waits for a slot under a limit. */
  z.object({ ...begun, status: z.literal("running"), suspended: z.string(), reason }),
  z.object({ ...begun, status: z.enum(["waiting", "blocked"]), reason }),
  z.object({ ...begun, status: z.literal("paused"), reason: reason.optional() }),
  z.object({ ...ended, status: z.literal("succeeded"), resultSeq, reason: reason.optional() }),
  z.object({ ...ended, status: z.literal("failed"), resultSeq, errorCode: z.string(), errorMessage: z.string() }),
  z.object({ ...ended, status: z.literal("cancelled"), reason: reason.optional() }),
  z.object({ ...ended, status: z.literal("timeout"), reason }),
  /**
   * A tombstone, which may come of a snapshot of any version: its log can not be folded again. `archive`: the object of the file
   * store that holds that log, where there is one.
   */
  z.object({
    ...ended,
    status: Status,
    finishedAtMs: z.number().optional(),
    archivedAtMs: z.number(),
    archive: z.string().optional(),
    archiveHead: z.string().optional(),
  }),
]);
export type Life = z.infer<typeof Life>;
