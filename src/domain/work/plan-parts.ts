/** A plan as it lies in the log of its execution: in parts that fit into rows, put together again in the order of the log. */
import * as z from "zod";
import type { PlanSubtask } from "../plan/plan.ts";
import { Plan, PlanTask } from "../plan/plan.ts";

const PlanHead = Plan.omit({ tasks: true });

export const PlanPart = z.object({
  part: z.number().int(),
  parts: z.number().int(),
  /** In the first part, with what there is of the whole plan. */
  head: PlanHead.optional(),
  totals: z.object({ tasks: z.number().int(), subtasks: z.number().int() }).optional(),
  /** In the first part, of one that follows another: subtasks that were begun there without a report of their end. */
  doubted: z.array(z.string()).optional(),
  /** A task of many subtasks may go on in the next part. */
  tasks: z.array(PlanTask),
});
export type PlanPart = z.infer<typeof PlanPart>;

/** Characters of a part; one subtask always fits. */
const PART_CHARACTERS = 200_000;

/** A task without subtasks is one piece of work itself, under its own id. */
function wholeTask(task: PlanTask): PlanTask {
  if (task.subtasks.length > 0) return task;
  const own: PlanSubtask = {
    id: task.id,
    title: task.title,
    action: null,
    params: {},
    timeoutHours: 24,
    retryPolicy: { maxAttempts: 3, backoff: "exponential", backoffSeconds: null },
    prerequisiteSubtaskIds: [],
    alternatives: [],
    idempotent: null,
    successCriteria: [],
    failureHandling: null,
    createdAtMs: task.createdAtMs,
  };
  return { ...task, subtasks: [own] };
}

export function partsOf({ tasks, ...head }: Plan, doubted: readonly string[] = []): PlanPart[] {
  const whole = tasks.map(wholeTask);
  const cut: PlanTask[][] = [[]];
  let size = 0;
  for (const task of whole)
    for (const subtask of task.subtasks) {
      const characters = JSON.stringify(subtask).length;
      if (size > 0 && size + characters > PART_CHARACTERS) {
        cut.push([]);
        size = 0;
      }
      const part = cut.at(-1) ?? [];
      const last = part.at(-1);
      if (last?.id === task.id) last.subtasks.push(subtask);
      else part.push({ ...task, subtasks: [subtask] });
      size += characters + (last?.id === task.id ? 0 : task.description.length);
    }
  const totals = { tasks: tasks.length, subtasks: whole.reduce((sum, { subtasks }) => sum + subtasks.length, 0) };
  const doubts = doubted.length === 0 ? {} : { doubted: [...doubted] };
  const first = (at: number) => (at === 0 ? { head, totals, ...doubts } : {});
  return cut.map((part, at) => ({ part: at, parts: cut.length, ...first(at), tasks: part }));
}

/** `undefined` while parts are missing. */
export function planFrom(parts: readonly PlanPart[]): Plan | undefined {
  const [first] = parts;
  if (!first?.head || parts.length < first.parts) return undefined;
  const tasks: PlanTask[] = [];
  for (const task of parts.flatMap((part) => part.tasks)) {
    const last = tasks.at(-1);
    if (last?.id === task.id) tasks[tasks.length - 1] = { ...last, subtasks: [...last.subtasks, ...task.subtasks] };
    else tasks.push(task);
  }
  return { ...first.head, tasks };
}
