/**
 * A plan as callers send it. Every column of a stored plan is taken; those that Errand sets itself (`plan_id` of a task,
 * `created_at`, …) are ignored, and so is what is not known, of which the answer's `warnings` tell.
 */
import * as z from "zod";
import { AGENT_ACTION } from "../../domain/node/polling-agent.ts";
import { PLAN_LIMITS } from "../../domain/plan/limits.ts";
import { Decompose, OnExhausted, PLAN_ID } from "../../domain/plan/plan.ts";
import { Json } from "../../domain/values/json.ts";
import { ItemCursor } from "../cursors.ts";
import { numberText } from "../query-values.ts";

const PlanId = z.string().regex(PLAN_ID, "must match ^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$");
const { textLength, descriptionLength, prerequisites, criteria } = PLAN_LIMITS;
const Line = z.string().min(1).max(textLength);
const Long = z.string().max(descriptionLength);
const Ids = z.array(PlanId).max(prerequisites);
const Action = z.string().regex(AGENT_ACTION, `must match ${AGENT_ACTION.source}`);
const Params = z.record(z.string(), Json);

const NO_PERSON = /^agent:/;

/** A subject, as keys have one. An agent is never asked: it reports. */
export const Assignee = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{C}]+$/u, { message: "must hold no control characters", abort: true })
  .refine((subject) => !NO_PERSON.test(subject), "must be the subject of a person, and no agent's");

const RetryPolicyRequest = z
  .object({
    max_attempts: z.number().int().min(1).max(100).nullish(),
    backoff: z.enum(["exponential", "fixed"]).nullish(),
    backoff_seconds: z.number().min(0).max(604_800).nullish(),
  })
  .describe("Default 3 attempts, exponential. backoff_seconds without backoff is the same wait before each attempt.");

const AlternativeRequest = z.object({
  option: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, "must match ^[a-z][a-z0-9_]{0,63}$"),
  action: Action,
  params: Params.nullish(),
});

export const SubtaskRequest = z.object({
  id: PlanId.optional().describe("Unique in the plan, among tasks and subtasks. `subtask_id` does as well."),
  subtask_id: PlanId.optional(),
  title: Line,
  action: Action.nullish().describe("What an agent does. Without it the subtask waits until it is given one."),
  params: Params.nullish(),
  timeout_hours: z.number().positive().max(8_784).nullish().describe("Default 24."),
  retry_policy: RetryPolicyRequest.nullish(),
  prerequisite_subtask_ids: Ids.nullish().describe("Subtasks of any task that come first."),
  depends_on: Ids.nullish().describe("The same as prerequisite_subtask_ids."),
  alternatives: z
    .array(AlternativeRequest)
    .max(PLAN_LIMITS.alternatives)
    .nullish()
    .describe("What a person may choose instead when it is blocked."),
  idempotent: z
    .boolean()
    .nullish()
    .describe("true: it may be done twice, so it is given out again when an agent is lost."),
  success_criteria: z.array(Line).max(criteria).nullish(),
  failure_handling: z.string().max(PLAN_LIMITS.goalLength).nullish(),
});
export type SubtaskRequest = z.infer<typeof SubtaskRequest>;

export const TaskRequest = z.object({
  id: PlanId.optional().describe("Unique in the plan, among tasks and subtasks. `task_id` does as well."),
  task_id: PlanId.optional(),
  phase_id: PlanId.nullish(),
  title: Line,
  description: Long.nullish(),
  assignee_role: Line.nullish(),
  escalate_to: Assignee.nullish().describe("Who is asked when a subtask of it is blocked; default that of the plan."),
  estimated_hours: z.number().min(0).max(1_000_000).nullish(),
  priority: z.number().int().min(1).max(1_000_000).nullish().describe("1, the default, comes first."),
  decomposed: z.boolean().nullish().describe("Default: whether it has subtasks."),
  decomposition_confidence: z.number().min(0).max(1).nullish(),
  decomposition_notes: Long.nullish(),
  prerequisite_task_ids: Ids.nullish().describe("Tasks that come first."),
  is_blocking: z.boolean().nullish().describe("true: every later task in the order of the phases waits for this one."),
  subtasks: z.array(SubtaskRequest).max(PLAN_LIMITS.subtasks).nullish(),
});
export type TaskRequest = z.infer<typeof TaskRequest>;

export const PhaseRequest = z.object({
  id: PlanId.optional().describe("`phase_id` does as well."),
  phase_id: PlanId.optional(),
  title: Line.nullish(),
  description: Long.nullish(),
});

const Subject = z.string().min(1).max(256);

export const PlanRequest = z.object({
  plan_id: PlanId.optional().describe("Yours, unique in your tenant; without it Errand makes one."),
  goal: z.string().min(1).max(PLAN_LIMITS.goalLength),
  business_type: Line.nullish(),
  industry: Line.nullish(),
  target_customer: Line.nullish(),
  on_exhausted: OnExhausted.nullish().describe(
    "When the attempts of a subtask are spent: block (the default) asks a person, fail ends its task in error.",
  ),
  decompose: Decompose.nullish().describe(
    "A task without subtasks: ready (the default) takes it apart when it is ready, never asks a person.",
  ),
  escalate_to: Assignee.nullish().describe(
    "The subject of who is asked when a subtask is blocked; default the owner of the execution.",
  ),
  phases: z
    .array(z.union([PlanId, PhaseRequest], "must be the id of a phase, or an object that has one"))
    .max(PLAN_LIMITS.phases)
    .nullish()
    .describe("In their order. Without them: those that the tasks name, in the order in which they are named."),
  tasks: z.array(TaskRequest).min(1).max(PLAN_LIMITS.tasks),
  owner: Subject.nullish().describe("Default the caller; another one only for administrators."),
  expected_version: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe("Refused with 409 unless this is the newest version; 0: only when there is no such plan."),
});
export type PlanRequest = z.infer<typeof PlanRequest>;

const limit = numberText(z.number().int().min(1).max(200)).default(25);
const cursorWords = "next_cursor of the page before.";

export const PlansQuery = z.object({
  limit,
  cursor: ItemCursor.optional().describe(cursorWords),
});
export type PlansQuery = z.infer<typeof PlansQuery>;

export const VersionsQuery = z.object({
  limit,
  cursor: z
    .string()
    .transform((text, ctx) => {
      if (/^\d{1,9}$/.test(text)) return Number(text);
      ctx.addIssue({ code: "custom", message: "is no cursor of ours", params: { fault: "invalid_cursor" } });
      return z.NEVER;
    })
    .optional()
    .describe(cursorWords),
});
export type VersionsQuery = z.infer<typeof VersionsQuery>;

export const PlanQuery = z.object({
  version: numberText(z.number().int().min(1).max(999_999)).optional().describe("Default the newest."),
});
