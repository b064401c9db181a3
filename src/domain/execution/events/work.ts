/** Executions of plans: what agents that poll are given, report, and what becomes of each subtask. A part of `event.ts`. */
import * as z from "zod";
import { Decomposition } from "../../plan/decomposition.ts";
import { Json } from "../../values/json.ts";
import { PlanPart } from "../../work/plan-parts.ts";
import { Reported, ReportMove } from "../../work/report.ts";
import { Params } from "../../work/subtask-state.ts";
import type { TraitsOf } from "./traits.ts";
import { STATE_ONLY } from "./traits.ts";

const subtask = z.string();

export const WORK_DATA = {
  "plan.loaded": PlanPart,
  /** How much of the plan is done, whenever a task is. */
  "plan.progressed": z.object({ tasksCompleted: z.number().int(), subtasksCompleted: z.number().int() }),
  /** A task without subtasks is taken apart, by this execution beneath. */
  "task.decomposing": z.object({ task: z.string(), childId: z.string() }),
  /** The plan of this execution has these subtasks from now on, in the place of the task itself. */
  "task.decomposed": Decomposition,
  "task.undecomposed": z.object({ task: z.string(), why: z.string() }),
  "subtask.leased": z.object({
    subtask,
    agent: z.string(),
    leaseId: z.string(),
    epoch: z.number().int(),
    deadlineMs: z.number(),
    limitMs: z.number(),
    idempotent: z.boolean(),
  }),
  /** `applied`: it moved something, or would have. `why`: why it did not. */
  "agent.reported": Reported.extend({ applied: z.boolean(), why: z.string().optional(), move: ReportMove.optional() }),
  /** Leases that last longer by a call of their agent. */
  "agent.heartbeat": z.object({
    agent: z.string(),
    leases: z.array(z.object({ subtask, deadlineMs: z.number() })),
    /** It is no word of the agent: nobody could hear one, because this object was not there. */
    why: z.literal("outage").optional(),
  }),
  /** It is ready again, at once or at `retryAtMs`. `lapsed`: the agent whose lease ended. */
  "subtask.requeued": z.object({
    subtask,
    why: z.string(),
    retryAtMs: z.number().optional(),
    attempt: z.number().int(),
    lapsed: z.string().optional(),
    instead: z.object({ action: z.string(), params: Params }).optional(),
    by: z.string().optional(),
  }),
  "subtask.blocked": z.object({
    subtask,
    gateId: z.string(),
    why: z.string(),
    options: z.array(z.string()),
    blocking: z.boolean(),
    errorType: z.string().optional(),
    error: z.string().optional(),
    /** The agent whose lease ended without a word. */
    lapsed: z.string().optional(),
    /** The subject that is asked; absent: the owner. */
    assignee: z.string().optional(),
  }),
  /** A person did it. `takenFrom`: it was done in the execution that this one follows; `by` restarted that one. */
  "subtask.completed": z.object({
    subtask,
    by: z.string(),
    output: Json.optional(),
    message: z.string().optional(),
    takenFrom: z.string().optional(),
  }),
  "subtask.skipped": z.object({ subtasks: z.array(subtask), why: z.string(), by: z.string().optional() }),
  "subtask.failed": z.object({ subtask, why: z.string() }),
  /** It was blocked for long: who is asked is notified once more. `to`: `by` has another one asked from now on. */
  "subtask.escalated": z.object({
    subtask,
    blockedSinceMs: z.number(),
    to: z.string().optional(),
    by: z.string().optional(),
  }),
  /** These agents work at it, and have not heard yet that it was paused or cancelled. */
  "stop.requested": z.object({ what: z.enum(["pause", "cancel"]), agents: z.array(z.string()) }),
  "stop.seen": z.object({ agent: z.string() }),
  "failure.dismissed": z.object({ by: z.string() }),
} as const;

const WITH_TIMER = { timer: true, message: true, index: false, value: false, input: false, lost: false } as const;
const OFFERED = { ...WITH_TIMER, timer: false } as const;

export const WORK_TRAITS = {
  "plan.loaded": STATE_ONLY,
  "plan.progressed": OFFERED,
  "task.decomposing": STATE_ONLY,
  "task.decomposed": OFFERED,
  "task.undecomposed": STATE_ONLY,
  "subtask.leased": WITH_TIMER,
  "agent.reported": WITH_TIMER,
  "agent.heartbeat": { ...STATE_ONLY, timer: true },
  "subtask.requeued": WITH_TIMER,
  "subtask.blocked": WITH_TIMER,
  "subtask.completed": WITH_TIMER,
  "subtask.skipped": WITH_TIMER,
  "subtask.failed": WITH_TIMER,
  "subtask.escalated": WITH_TIMER,
  "stop.requested": OFFERED,
  "stop.seen": OFFERED,
  "failure.dismissed": OFFERED,
} as const satisfies TraitsOf<typeof WORK_DATA>;
