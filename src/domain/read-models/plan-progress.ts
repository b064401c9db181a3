/**
 * How far an execution of a plan was when its row of the index was written: after each change of its status, and each task that
 * is done. Lists are made of it, so that no execution is asked.
 */
import * as z from "zod";
import type { PlanExecutionView } from "./plan-view.ts";
import type { ExecutionSummary } from "./summary.ts";

export const PlanProgress = z.object({
  planId: z.string(),
  version: z.number().int(),
  agentId: z.string().optional(),
  tasks: z.number().int(),
  tasksCompleted: z.number().int(),
  subtasks: z.number().int(),
  subtasksCompleted: z.number().int(),
  currentId: z.string().optional(),
  /** What its agents have not all heard of yet. */
  stop: z.enum(["pause", "cancel"]).optional(),
  dismissed: z.literal(true).optional(),
  /** Why it had not ended. */
  sentence: z.string().optional(),
});
export type PlanProgress = z.infer<typeof PlanProgress>;

/** As a list shows it. */
export interface PlanRow {
  readonly row: ExecutionSummary;
  readonly progress: PlanProgress;
}

export function planProgressOf({ state, current, why, ...done }: PlanExecutionView): PlanProgress {
  const { origin, work } = state;
  return {
    planId: origin.plan?.id ?? "",
    version: origin.plan?.version ?? 0,
    ...(origin.plan?.agentId === undefined ? {} : { agentId: origin.plan.agentId }),
    tasks: work?.tasks ?? 0,
    tasksCompleted: done.tasksCompleted,
    subtasks: work?.subtasks ?? 0,
    subtasksCompleted: done.subtasksCompleted,
    ...(current === undefined ? {} : { currentId: current.id }),
    ...(work?.stop === undefined ? {} : { stop: work.stop.what }),
    ...(work?.dismissed ? { dismissed: true as const } : {}),
    ...(why === undefined ? {} : { sentence: why.sentence }),
  };
}

/** Of a row; `undefined` of one that is older than this column, or sealed with a key that is not there. */
export function planProgressFrom(text: string | null | undefined): PlanProgress | undefined {
  try {
    const parsed = PlanProgress.safeParse(JSON.parse(text ?? "null"));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
