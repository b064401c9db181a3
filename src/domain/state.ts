import { z } from "zod";
import { Amount, BudgetLimits } from "./budget.ts";
import { Origin } from "./event.ts";
import { Decision, OpenGate } from "./gate.ts";
import { Status } from "./status.ts";

/**
 * What an actor knows without reading its log: one small row (≤ 8 KB), folded from the events by `evolve`. Inputs, outputs
 * and payloads stay in their events; the state names their `seq`.
 */
export const ExecutionState = z.object({
  origin: Origin,
  status: Status,
  /** Why it is in this status: a fixed word, optionally `word: detail`. */
  reason: z.string().optional(),
  seq: z.number().int(),
  createdAtMs: z.number(),
  startedAtMs: z.number().optional(),
  finishedAtMs: z.number().optional(),
  updatedAtMs: z.number(),
  /** Set while the program rests on time, a signal or a child; absent while it has something to do. */
  suspended: z.string().optional(),
  recoveries: z.number().int(),
  recoveriesWithoutProgress: z.number().int(),
  openChildren: z.number().int(),
  gates: z.record(z.string(), OpenGate),
  lastGate: OpenGate.extend({ decision: Decision, decidedSeq: z.number().int(), decidedAtMs: z.number() }).optional(),
  limits: BudgetLimits,
  spent: Amount,
  reserved: Amount,
  granted: Amount.optional(),
  /** Active time: `usedMs` is settled, `sinceMs` is when the present stretch began. */
  activeUsedMs: z.number(),
  activeSinceMs: z.number().optional(),
  progress: z
    .object({
      percent: z.number().optional(),
      done: z.number().optional(),
      total: z.number().optional(),
      message: z.string().optional(),
    })
    .optional(),
  resultSeq: z.number().int().optional(),
  errorCode: z.string().optional(),
  errorMessage: z.string().optional(),
});
export type ExecutionState = z.infer<typeof ExecutionState>;

/** Active milliseconds up to `now`; waiting, blocked, paused and sleeping time does not count. */
export function activeMs(state: ExecutionState, now: number): number {
  return state.activeUsedMs + (state.activeSinceMs === undefined ? 0 : Math.max(0, now - state.activeSinceMs));
}

/** The active limit that ends this execution first, and which one it is. */
export function activeLimit(state: ExecutionState): { limitMs: number; kind: "timeout" | "max_duration" } {
  const budget = state.limits.maxDurationMs;
  if (budget !== undefined && budget < state.origin.timeoutMs) return { limitMs: budget, kind: "max_duration" };
  return { limitMs: state.origin.timeoutMs, kind: "timeout" };
}
