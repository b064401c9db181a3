/** A task that an agent's model is to take apart, and what came of it. */
import * as z from "zod";
import { AGENT_ACTION, AGENT_LIMITS } from "../../domain/node/polling-agent.ts";
import type { Decomposition } from "../../domain/plan/decomposition.ts";
import { PLAN_LIMITS } from "../../domain/plan/limits.ts";
import { PLAN_ID } from "../../domain/plan/plan.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import { Json } from "../../domain/values/json.ts";
import { Budget } from "../executions/requests.ts";

const { textLength, descriptionLength, goalLength } = PLAN_LIMITS;
const Line = z.string().min(1).max(textLength);
/** Its subtasks are named after it. */
const LONGEST_TASK_ID = 120;
const Action = z.string().regex(AGENT_ACTION, `must match ${AGENT_ACTION.source}`);
const PlanId = z.string().regex(PLAN_ID, `must match ${PLAN_ID.source}`);

export const DecomposeRequest = z.object({
  task: z.object({
    task_id: PlanId.max(LONGEST_TASK_ID),
    title: Line,
    description: z.string().max(descriptionLength).nullish(),
    assignee_role: Line.nullish(),
  }),
  plan_context: z
    .object({
      goal: z.string().max(goalLength).nullish(),
      business_type: Line.nullish(),
      industry: Line.nullish(),
      target_customer: Line.nullish(),
    })
    .nullish()
    .describe("What the plan is for. With plan_id: default as the plan says."),
  agent_capabilities: z
    .array(z.unknown())
    .max(AGENT_LIMITS.capabilities)
    .pipe(z.array(Action))
    .nullish()
    .describe("Names of actions. They win over those that the agent is registered with."),
  plan_id: PlanId.nullish().describe("Stores the result as the next version of this plan."),
  budget: Budget.optional(),
});
export type DecomposeRequest = z.infer<typeof DecomposeRequest>;

const Subtask = z.object({
  subtask_id: z.string(),
  title: z.string(),
  action: z.string().nullable().describe("null: no action of the agent does it."),
  params: z.record(z.string(), Json),
  depends_on: z.array(z.string()),
  success_criteria: z.array(z.string()),
  failure_handling: z.string().optional(),
});

export const DecompositionBody = z.object({
  task_id: z.string(),
  decomposition_confidence: z
    .number()
    .describe("0 to 1: the model's own, times the share of subtasks with an action of the agent and criteria."),
  decomposed_subtasks: z.array(Subtask),
  execution_sequence: z.array(z.string()).describe("The subtasks in an order in which they can be done."),
  notes: z.string(),
  warnings: z.array(z.string()),
  execution_id: z.string(),
  plan_id: z.string().optional(),
  plan_version: z.number().int().optional().describe("The version in which it is stored."),
  simulated: z.literal(true).optional().describe("The scripted rule made it, which asks no model."),
});

export const DecomposingBody = z.object({
  task_id: z.string(),
  execution_id: z.string(),
  status: z.string(),
  execution: z.string().describe("Where to look."),
});

interface Told extends Decomposition {
  readonly planId: string | null;
  readonly planVersion: number | null;
}

export function decompositionBody(told: Told, { state }: ExecutionView): z.infer<typeof DecompositionBody> {
  const { taskId, confidence, subtasks, notes, warnings, planId, planVersion } = told;
  return {
    task_id: taskId,
    decomposition_confidence: confidence,
    decomposed_subtasks: subtasks.map((subtask) => ({
      subtask_id: subtask.id,
      title: subtask.title,
      action: subtask.action,
      params: subtask.params,
      depends_on: subtask.dependsOn,
      success_criteria: subtask.successCriteria,
      ...(subtask.failureHandling === null ? {} : { failure_handling: subtask.failureHandling }),
    })),
    execution_sequence: subtasks.map(({ id }) => id),
    notes,
    warnings,
    execution_id: state.origin.id,
    ...(planId === null ? {} : { plan_id: planId }),
    ...(planVersion === null ? {} : { plan_version: planVersion }),
    ...(state.simulated ? { simulated: true as const } : {}),
  };
}
