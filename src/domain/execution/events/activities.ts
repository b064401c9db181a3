/**
 * Tries of steps, effects, tools and turns, of sleeps and waits for signals too; what becomes of one in doubt, and of one that
 * lost its race. A part of `event.ts`.
 */
import * as z from "zod";
import { entry, entryCompleted, entryFailed, entryStarted, Key } from "../entry-event.ts";
import type { TraitsOf } from "./traits.ts";

export const ACTIVITIES_DATA = {
  "step.started": entryStarted,
  "step.completed": entryCompleted,
  "step.failed": entryFailed,
  "tool.started": entryStarted,
  "tool.completed": entryCompleted,
  "tool.failed": entryFailed,
  "turn.started": entryStarted,
  "turn.completed": entryCompleted,
  "turn.failed": entryFailed,
  /** It lost a race: the program does not wait for it any more. */
  "entry.withdrawn": z.object({
    ...entry,
    /** Its approval, which needs no decision any more. */
    gateId: z.string().optional(),
    openedSeq: z.number().int().optional(),
    /** Its child, which is cancelled. */
    childId: z.string().optional(),
    /** The signal that it had taken and the program was not given: the next wait for that name gets it. */
    signalSeq: z.number().int().optional(),
  }),
  /** No process saw the end of this try: its probe is asked what became of it. */
  "effect.probing": z.object({ key: Key, attempt: z.number().int().min(1), timeoutMs: z.number() }),
  "effect.in_doubt": z.object({ key: Key, gateId: z.string() }),
  "effect.resolved": z.object({
    key: Key,
    resolution: z.enum(["retry", "succeeded", "failed"]),
    by: z.string().optional(),
  }),
} as const;

export const ACTIVITIES_TRAITS = {
  "step.started": { timer: true, message: true, index: true, value: false, input: true, lost: false },
  "step.completed": { timer: true, message: true, index: true, value: true, input: false, lost: true },
  "step.failed": { timer: true, message: true, index: true, value: true, input: false, lost: false },
  "tool.started": { timer: true, message: false, index: true, value: false, input: true, lost: false },
  "tool.completed": { timer: true, message: false, index: true, value: true, input: false, lost: true },
  "tool.failed": { timer: true, message: false, index: true, value: true, input: false, lost: false },
  "turn.started": { timer: true, message: false, index: true, value: false, input: true, lost: false },
  "turn.completed": { timer: true, message: false, index: true, value: true, input: false, lost: true },
  "turn.failed": { timer: true, message: false, index: true, value: true, input: false, lost: false },
  "entry.withdrawn": { timer: true, message: true, index: true, value: false, input: false, lost: false },
  "effect.probing": { timer: false, message: false, index: true, value: false, input: false, lost: false },
  "effect.in_doubt": { timer: false, message: false, index: true, value: false, input: false, lost: false },
  "effect.resolved": { timer: false, message: false, index: true, value: false, input: false, lost: false },
} as const satisfies TraitsOf<typeof ACTIVITIES_DATA>;
