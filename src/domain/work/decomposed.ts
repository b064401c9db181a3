/** The plan of an execution after one of its tasks was taken apart: the task has the subtasks that were found, in its own place. */
import * as z from "zod";
import { faultsOf } from "../plan/check.ts";
import { Decomposition, decomposedTask } from "../plan/decomposition.ts";
import type { Plan, PlanTask } from "../plan/plan.ts";

/** As it lies in a row beside the log. */
export const DecomposedRow = z.object({ found: Decomposition, atMs: z.number() });
export type DecomposedRow = z.infer<typeof DecomposedRow>;

/** With all of these in one pass. Those of tasks that the plan does not have change nothing. */
export function withDecomposed(plan: Plan, rows: Iterable<DecomposedRow>): Plan {
  const byTask = new Map([...rows].map((row) => [row.found.taskId, row]));
  const tasks = plan.tasks.map((task) => {
    const row = byTask.get(task.id);
    return row ? decomposedTask(task, row.found, row.atMs) : task;
  });
  return { ...plan, tasks };
}

/** A task without subtasks is one piece of work under its own id. */
export function isWhole({ id, subtasks }: PlanTask): boolean {
  // Asked of each ready subtask at each event: the others of its task are not read.
  return subtasks.length === 1 && subtasks[0]?.id === id;
}

/** Why the plan cannot have these subtasks; `undefined`: it can. */
export function faultOfDecomposed(plan: Plan, found: Decomposition): string | undefined {
  const { phases, tasks } = withDecomposed(plan, [{ found, atMs: 0 }]);
  const written = tasks.map((task) => (isWhole(task) ? { ...task, subtasks: [] } : task));
  return faultsOf({ phases, tasks: written })[0]?.message;
}
