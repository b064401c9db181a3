/** What an execution no longer keeps. A part of `event.ts`. */
import * as z from "zod";
import type { TraitsOf } from "./traits.ts";

export const RETENTION_DATA = {
  /** Their links answer 410 from here on; the store is told to remove them. */
  "files.expired": z.object({}),
  /** The time for which it is kept is over: every older event went in this one's transaction. */
  "log.archived": z.object({ retentionMs: z.number(), location: z.string().optional(), head: z.string().optional() }),
} as const;

export const RETENTION_TRAITS = {
  "files.expired": { timer: true, message: true, index: false, value: false, input: false, lost: false },
  "log.archived": { timer: false, message: true, index: false, value: false, input: false, lost: false },
} as const satisfies TraitsOf<typeof RETENTION_DATA>;
