/**
 * A plan as it is kept: tasks in phases, and their subtasks, which agents do. A stored plan is parsed with these schemas; what
 * a later version of this code adds has a default, so an older document stays readable.
 *
 * - An id names one task or one subtask of its plan, never two.
 * - The order of the plan is the order of its phases, then that of its tasks (`order.ts`).
 * - What a plan needs to be sound beyond its shape is in `check.ts`.
 */
import * as z from "zod";
import { Json } from "../values/json.ts";

/** Of a plan, a phase, a task or a subtask. */
export const PLAN_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

export const Backoff = z.enum(["exponential", "fixed"]);

export const RetryPolicy = z.object({
  maxAttempts: z.number(),
  backoff: Backoff,
  /** The wait before the second attempt; with `fixed` the wait before each. Null: the deployment's. */
  backoffSeconds: z.number().nullable(),
});
export type RetryPolicy = z.infer<typeof RetryPolicy>;

/** What a person may choose instead, when the subtask is blocked. */
const Alternative = z.object({
  option: z.string(),
  action: z.string(),
  params: z.record(z.string(), Json),
});

export const PlanSubtask = z.object({
  id: z.string(),
  title: z.string(),
  /** Null: it waits until it is decomposed, or a person gives it one. */
  action: z.string().nullable(),
  params: z.record(z.string(), Json),
  timeoutHours: z.number(),
  retryPolicy: RetryPolicy,
  prerequisiteSubtaskIds: z.array(z.string()),
  alternatives: z.array(Alternative),
  /** Whether it may be done twice. Null: as the agent says that its action may. */
  idempotent: z.boolean().nullable(),
  successCriteria: z.array(z.string()),
  failureHandling: z.string().nullable(),
  createdAtMs: z.number(),
});
export type PlanSubtask = z.infer<typeof PlanSubtask>;

export const PlanTask = z.object({
  id: z.string(),
  phaseId: z.string().nullable(),
  title: z.string(),
  description: z.string(),
  assigneeRole: z.string().nullable(),
  /** The subject that is asked when one of its subtasks is blocked; absent: that of the plan. */
  escalateTo: z.string().optional(),
  estimatedHours: z.number().nullable(),
  /** 1 comes first. */
  priority: z.number(),
  decomposed: z.boolean(),
  decompositionConfidence: z.number().nullable(),
  decompositionNotes: z.string().nullable(),
  prerequisiteTaskIds: z.array(z.string()),
  /** Every later task in the order of the plan waits for this one. */
  isBlocking: z.boolean(),
  subtasks: z.array(PlanSubtask),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
});
export type PlanTask = z.infer<typeof PlanTask>;

export const PlanPhase = z.object({ id: z.string(), title: z.string(), description: z.string().nullable() });
export type PlanPhase = z.infer<typeof PlanPhase>;

/** What becomes of a subtask whose attempts are spent: a person is asked, or its task is in error. */
export const OnExhausted = z.enum(["block", "fail"]);

/** A task without subtasks: taken apart when it is ready, or left to a person. */
export const Decompose = z.enum(["ready", "never"]);

export const Plan = z.object({
  goal: z.string(),
  businessType: z.string().nullable(),
  industry: z.string().nullable(),
  targetCustomer: z.string().nullable(),
  onExhausted: OnExhausted,
  decompose: Decompose.default("ready"),
  /** The subject that is asked when a subtask is blocked; absent: the owner of the execution. */
  escalateTo: z.string().optional(),
  phases: z.array(PlanPhase),
  tasks: z.array(PlanTask),
});
export type Plan = z.infer<typeof Plan>;

/** What a list says of a plan, or of one of its versions, without the plan itself. */
export interface PlanSummary {
  readonly tenant: string;
  readonly id: string;
  readonly owner: string;
  readonly version: number;
  readonly goal: string;
  readonly tasks: number;
  readonly subtasks: number;
  /** Of the first version. */
  readonly createdAtMs: number;
  /** Of this version. */
  readonly updatedAtMs: number;
  /** Who stored this version. */
  readonly updatedBy: string;
}

/** One version of a plan, whole. */
export interface PlanRecord extends PlanSummary {
  readonly plan: Plan;
}

/** A version that is to be stored. */
export interface NewPlanVersion extends PlanSummary {
  /** Of its content: tells whether the same is stored again. */
  readonly digest: string;
  /** The plan as JSON, and how many bytes that has. */
  readonly text: string;
  readonly bytes: number;
}

export function subtasksOf({ tasks }: Pick<Plan, "tasks">): number {
  return tasks.reduce((sum, { subtasks }) => sum + subtasks.length, 0);
}
