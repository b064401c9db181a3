/** What one version of a plan has that another has not: tasks and subtasks that came, went or changed. Pure. */
import type { Plan } from "../../client/plans.ts";
import { isSame } from "../compare/difference.ts";

type Task = Plan["tasks"][number];
type Subtask = Task["subtasks"][number];

export interface Changed {
  readonly id: string;
  readonly title: string;
  readonly how: "added" | "removed" | "changed";
  /** Fields that differ, of what changed. */
  readonly fields: readonly string[];
}

export interface PlanDifference {
  /** Fields of the plan itself. */
  readonly fields: readonly string[];
  readonly tasks: readonly Changed[];
  readonly subtasks: readonly Changed[];
}

/** Times of the plan itself are another's in each version. */
const UNSAID = new Set([
  "version",
  "created_at",
  "updated_at",
  "updated_by",
  "tasks",
  "subtasks",
  "tasks_total",
  "subtasks_total",
]);

export function planDifference(before: Plan, after: Plan): PlanDifference {
  return {
    fields: fieldsOf(before, after),
    tasks: changesIn(before.tasks, after.tasks),
    subtasks: changesIn(subtasksOf(before), subtasksOf(after)),
  };
}

const subtasksOf = (plan: Plan): readonly Subtask[] => plan.tasks.flatMap(({ subtasks }) => subtasks);

function changesIn(before: readonly (Task | Subtask)[], after: readonly (Task | Subtask)[]): readonly Changed[] {
  const old = new Map(before.map((one) => [one.id, one]));
  const now = new Set(after.map(({ id }) => id));
  const kept = after.flatMap((one): Changed[] => {
    const known = old.get(one.id);
    const about = { id: one.id, title: one.title };
    if (!known) return [{ ...about, how: "added", fields: [] }];
    const fields = fieldsOf(known, one);
    return fields.length === 0 ? [] : [{ ...about, how: "changed", fields }];
  });
  const gone = before.filter(({ id }) => !now.has(id));
  return [...kept, ...gone.map(({ id, title }): Changed => ({ id, title, how: "removed", fields: [] }))];
}

function fieldsOf(before: object, after: object): string[] {
  const now = new Map<string, unknown>(Object.entries(after));
  return Object.entries(before).flatMap(([name, value]) =>
    UNSAID.has(name) || isSame(value, now.get(name)) ? [] : [name],
  );
}
