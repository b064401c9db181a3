/** One pass of an agentic execution's run loop, and how its validators judged it. */
import * as z from "zod";
import { MAX_KEY } from "./entry.ts";

/** What one validator said of one response. Validators after the first failure are not asked. */
export const ValidatorVerdict = z.object({
  validator: z.string(),
  passed: z.boolean(),
  /** Why not; for the model when it tries again, and for people. */
  feedback: z.string().optional(),
  /** The definition's own code that the validator named. */
  failureCode: z.string().optional(),
});
export type ValidatorVerdict = z.infer<typeof ValidatorVerdict>;

const said = { key: z.string().max(MAX_KEY), n: z.number().int().min(1) };
const judged = { ...said, verdicts: z.array(ValidatorVerdict) };

export const AttemptStarted = z.object({
  ...said,
  /** The answer that is asked for, of a program that asks for several one after the other; absent: the first. */
  turn: z.number().int().min(2).optional(),
});
/** Every validator passed. */
export const AttemptCompleted = z.object(judged);
export const AttemptRejected = z.object({
  ...judged,
  /** What the next attempt is told, or the explanation when there is none. */
  feedback: z.string(),
  /** False when no correction follows: it is pointless, or there are none left. */
  retry: z.boolean(),
});

/** An attempt as the state keeps it: where in the log it began and where it was judged. */
export const AttemptMark = z.object({
  n: z.number().int().min(1),
  startedSeq: z.number().int(),
  judgedSeq: z.number().int().optional(),
});
export type AttemptMark = z.infer<typeof AttemptMark>;

/** An attempt as readers see it. */
export interface AttemptView {
  readonly n: number;
  readonly verdicts: readonly ValidatorVerdict[];
  readonly feedback: string | undefined;
}

/** Failure codes that every agentic execution may end with, beside the definition's own. */
export const FAILURE_CODES = ["runtime_error", "max_retries_exceeded", "validation_failed", "unknown"] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];
