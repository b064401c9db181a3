/** A new version of a plan beside the one before it: what stayed keeps its times. */
import { canonicalJson } from "../values/json.ts";
import type { Plan, PlanTask } from "./plan.ts";

/** The plan without the times that Errand sets: two versions with the same text are one. */
export function contentOf(plan: Plan): string {
  return canonicalJson({ ...plan, tasks: plan.tasks.map(timeless) });
}

function timeless({ createdAtMs: _created, updatedAtMs: _updated, subtasks, ...task }: PlanTask) {
  return { ...task, subtasks: subtasks.map(({ createdAtMs: _made, ...subtask }) => subtask) };
}

/** `plan` with the times of `before`: tasks and subtasks are told by their ids. */
export function revisionOf(before: Plan, plan: Plan): Plan {
  const tasks = new Map(before.tasks.map((task) => [task.id, task]));
  const made = new Map(
    before.tasks.flatMap(({ subtasks }) => subtasks.map(({ id, createdAtMs }) => [id, createdAtMs] as const)),
  );
  return { ...plan, tasks: plan.tasks.map((task) => revisedTask(tasks.get(task.id), task, made)) };
}

function revisedTask(before: PlanTask | undefined, task: PlanTask, made: ReadonlyMap<string, number>): PlanTask {
  const subtasks = task.subtasks.map((subtask) => ({
    ...subtask,
    createdAtMs: made.get(subtask.id) ?? subtask.createdAtMs,
  }));
  if (!before) return { ...task, subtasks };
  const isSame = canonicalJson(timeless(before)) === canonicalJson(timeless(task));
  const updatedAtMs = isSame ? before.updatedAtMs : task.updatedAtMs;
  return { ...task, subtasks, createdAtMs: before.createdAtMs, updatedAtMs };
}
