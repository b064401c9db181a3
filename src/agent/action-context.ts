/** What an action is told of its subtask. */
import type { ActionContext } from "./action.ts";
import type { Work } from "./wire.ts";

export function contextOf(
  { execution_id, plan_id, next_task }: Work,
  own: Pick<ActionContext, "signal" | "isInterrupted" | "progress" | "say">,
): ActionContext {
  const { context } = next_task;
  return {
    executionId: execution_id,
    planId: plan_id ?? "",
    taskId: next_task.task_id,
    title: next_task.title,
    idempotencyKey: next_task.idempotency_key,
    attempt: next_task.attempt,
    plan: {
      goal: context.plan_goal ?? "",
      previous: context.previous_tasks,
      upcoming: context.upcoming_tasks,
    },
    successCriteria: next_task.success_criteria,
    lastProgress: next_task.last_progress ?? null,
    ...own,
  };
}
