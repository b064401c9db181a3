/**
 * Grows with every change of what the state holds or of what an event makes of it: a snapshot of another version is not
 * used, and the state is folded from the log.
 */
export const STATE_VERSION = 3;

/**
 * What an actor knows without reading its log: one small row (≤ 8 KB), folded from the events by `evolve`. Inputs, outputs
 * and payloads stay in their events; the state names their `seq`.
 */
import * as z from "zod";
import { Decision } from "./approval.ts";
import { AttemptMark } from "./attempt.ts";
import { Amount, BudgetLimits } from "./budget.ts";
import { Life } from "./life.ts";
import { Origin } from "./origin.ts";
import { SearchAttributes } from "./search-attributes.ts";
import { Slot } from "./slot.ts";
import { WebhookMark } from "./webhook.ts";
import { WorkMark } from "./work-mark.ts";

/** What is known of it wherever it stands. */
const Facts = z.object({
  origin: Origin,
  seq: z.number().int(),
  /** The event that holds what the program is handed; absent until its input was parsed. */
  inputSeq: z.number().int().optional(),
  createdAtMs: z.number(),
  /** Set until the intake shard that has its ticket lets its program begin. */
  awaitsTurn: z.literal(true).optional(),
  updatedAtMs: z.number(),
  /** The deployment whose code began to run the program last, at its start or after a recovery. */
  ranBy: z.string().optional(),
  /** The deployment whose code was tried last after the program had changed. */
  triedBy: z.string().optional(),
  recoveries: z.number().int(),
  recoveriesWithoutProgress: z.number().int(),
  /** Another execution of its process has grown: the next death is laid to that one. */
  outgrown: z.literal(true).optional(),
  /** Deaths since the last progress that were laid to others; absent for none. */
  spared: z.number().int().optional(),
  openChildren: z.number().int(),
  /** Children that have ended while others go on beneath them; absent for none. */
  goingOn: z.number().int().optional(),
  /** What its approvals come to; the open ones are rows beside the log. */
  gates: z.object({
    /** How many are open, and how many ever opened. */
    open: z.number().int(),
    opened: z.number().int(),
    /** How many of those that ever opened asked about an effect in doubt. */
    doubts: z.number().int(),
    /** The open one that the outside asked for: while it is open the execution stands still. */
    requested: z.string().optional(),
    /** The one that holds it asks whether a limit of the budget is to be raised. */
    ofBudget: z.literal(true).optional(),
    /** The last decision that named no approval: the approval it was taken for, and its digest. */
    unnamed: z.object({ gateId: z.string(), digest: z.string() }).optional(),
  }),
  /** The one that was decided last; its events say more. */
  lastGate: z
    .object({
      gateId: z.string(),
      openedSeq: z.number().int(),
      decision: Decision,
      decidedSeq: z.number().int(),
      decidedAtMs: z.number(),
    })
    .optional(),
  limits: BudgetLimits,
  spent: Amount,
  reserved: Amount,
  granted: Amount.optional(),
  /** Spent by children that have not ended, as their draws told. */
  usedBelow: Amount.optional(),
  /** By limit: what it was when 80 % of it were spent. */
  warned: z.record(z.string(), z.number()).optional(),
  /** Active time up to the present stretch. */
  activeUsedMs: z.number(),
  progress: z
    .object({
      percent: z.number().optional(),
      done: z.number().optional(),
      total: z.number().optional(),
      message: z.string().optional(),
    })
    .optional(),
  /** By which lists find it; those that were set last stand last. */
  attributes: SearchAttributes.optional(),
  /** Set once the files it was started with are no longer kept. */
  filesExpiredAtMs: z.number().optional(),
  /** Passes of an agentic execution; what was said of them stays in their events. */
  attempts: z.array(AttemptMark).optional(),
  /** True once the scripted model, which calls no provider, has answered. */
  simulated: z.boolean().optional(),
  /** Bulk operations that moved it, the newest last: the last eight. */
  bulks: z.array(z.string()).max(8).optional(),
  /** The newest execution that follows this one. */
  restartedAs: z.string().optional(),
  /** Set until everything that the followed execution offers was taken over; then the program begins. */
  inherits: z.object({ offset: z.number().int(), upto: z.number().int().optional() }).optional(),
  /** Since something of it is worked at outside: how long it was held, the present stretch since `sinceMs` apart. */
  held: z.object({ ms: z.number(), sinceMs: z.number().optional() }).optional(),
  /** Of an execution that follows another: results it took over, and results of its own. */
  results: z.object({ reused: z.number().int(), own: z.number().int() }).optional(),
  /** `begun`: the file store may hold a result. `named`: it holds the one that the end names. */
  storedResult: z.enum(["begun", "named"]).optional(),
  /** Its slots under concurrency limits; absent where it is under none. */
  slot: Slot.optional(),
  /** Lines of nodes that its log holds. */
  logged: z.object({ entries: z.number().int(), bytes: z.number().int() }).optional(),
  /** Absent where none is registered; `webhookError` says why one that was asked for is not. */
  webhook: WebhookMark.optional(),
  webhookError: z.string().optional(),
  /** Of an execution of a plan; where each subtask stands is in rows beside the log. */
  work: WorkMark.optional(),
});
export type Facts = z.infer<typeof Facts>;

export const ExecutionState = z.intersection(Facts, Life);
export type ExecutionState = z.infer<typeof ExecutionState>;

/** Without what belongs to its status. */
export function factsOf(state: ExecutionState): Facts {
  const {
    status: _s,
    reason: _r,
    startedAtMs: _b,
    suspended: _u,
    activeSinceMs: _a,
    finishedAtMs: _e,
    ...rest
  } = state;
  const {
    resultSeq: _q,
    errorCode: _c,
    errorMessage: _m,
    archivedAtMs: _d,
    archive: _o,
    archiveHead: _h,
    ...facts
  } = rest;
  return facts;
}

/** Active milliseconds up to `now`; waiting, blocked, paused and sleeping time does not count. */
export function activeMs(state: ExecutionState, now: number): number {
  return state.activeUsedMs + (state.activeSinceMs === undefined ? 0 : Math.max(0, now - state.activeSinceMs));
}

/** Milliseconds up to `now` for which it waited for a person or an operator, since something of it is worked at outside. */
export function heldMs({ held }: Pick<ExecutionState, "held">, now: number): number {
  return (held?.ms ?? 0) + (held?.sinceMs === undefined ? 0 : Math.max(0, now - held.sinceMs));
}

/** The active limit that ends this execution first, and which one it is. */
export function activeLimit(state: ExecutionState): { limitMs: number; kind: "timeout" | "max_duration" } {
  const budget = state.limits.maxDurationMs;
  if (budget !== undefined && budget < state.origin.timeoutMs) return { limitMs: budget, kind: "max_duration" };
  return { limitMs: state.origin.timeoutMs, kind: "timeout" };
}
