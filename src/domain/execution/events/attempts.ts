/** Passes of an agentic execution, judged by its validators. A part of `event.ts`. */
import { AttemptCompleted, AttemptRejected, AttemptStarted } from "../attempt.ts";
import type { TraitsOf } from "./traits.ts";

export const ATTEMPTS_DATA = {
  "attempt.started": AttemptStarted,
  "attempt.completed": AttemptCompleted,
  "attempt.rejected": AttemptRejected,
} as const;

export const ATTEMPTS_TRAITS = {
  "attempt.started": { timer: false, message: false, index: true, value: false, input: false, lost: true },
  "attempt.completed": { timer: false, message: false, index: true, value: false, input: false, lost: true },
  "attempt.rejected": { timer: false, message: false, index: true, value: false, input: false, lost: true },
} as const satisfies TraitsOf<typeof ATTEMPTS_DATA>;
