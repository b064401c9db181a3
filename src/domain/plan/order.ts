/** The order of a plan: the phases as they are listed, in each the tasks as they are listed. */
import type { Plan } from "./plan.ts";

/** Positions in `tasks`. A task without a phase comes after all phases. */
export function orderOf({ phases, tasks }: Pick<Plan, "phases" | "tasks">): number[] {
  const places = new Map(phases.map(({ id }, at) => [id, at]));
  const placeOf = (at: number) => places.get(tasks[at]?.phaseId ?? "") ?? phases.length;
  const positions = tasks.map((_task, at) => at);
  return positions.sort((a, b) => placeOf(a) - placeOf(b) || a - b);
}
