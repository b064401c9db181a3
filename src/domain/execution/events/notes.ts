/** What is recorded once and never answered: notes, progress. A part of `event.ts`. */
import { z } from "zod";
import { Key } from "../entry-event.ts";
import type { TraitsOf } from "./traits.ts";

export const NOTES_DATA = {
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
} as const;

export const NOTES_TRAITS = {
  "note.added": { timer: false, message: false, index: true, value: false, input: false, lost: true },
  "progress.reported": { timer: false, message: false, index: true, value: false, input: false, lost: true },
} as const satisfies TraitsOf<typeof NOTES_DATA>;
