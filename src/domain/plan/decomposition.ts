/**
 * A task that is taken apart: what a model answers, what is wrong with that, and what is made of it.
 *
 * - Subtasks are named `TASK_a`, `TASK_b`, … in an order in which they can be done, whatever the model called them.
 * - The confidence is the model's, times the share of subtasks that an agent can do and of which it is said when they are done.
 */
import * as z from "zod";
import { AGENT_ACTION } from "../node/polling-agent.ts";
import type { Result } from "../values/fault.ts";
import { accept, refuse } from "../values/fault.ts";
import { Json } from "../values/json.ts";
import { nearest } from "../values/nearest.ts";
import { faultsOf } from "./check.ts";
import { PLAN_LIMITS } from "./limits.ts";
import type { Plan, PlanSubtask, PlanTask } from "./plan.ts";

/** Below this a person confirms before anything is stored. */
export const CONFIRMED_BELOW = 0.7;
/** Most subtasks of one task that is decomposed. */
const MOST_SUBTASKS = 50;

const { textLength, criteria, goalLength, prerequisites } = PLAN_LIMITS;
const Line = z.string().min(1).max(textLength);

const AnsweredSubtask = z.object({
  subtask_id: z.string().min(1).max(128).describe("Names it within this answer."),
  title: Line,
  action: z
    .string()
    .regex(AGENT_ACTION, `must match ${AGENT_ACTION.source}`)
    .nullish()
    .describe("One of the actions, exactly as it is listed; null where none of them does it."),
  params: z.record(z.string(), Json).default({}).describe("What the action needs."),
  depends_on: z.array(z.string()).max(prerequisites).default([]).describe("The subtask_id of each that comes first."),
  success_criteria: z.array(Line).max(criteria).default([]).describe("By what one sees that it is done."),
  failure_handling: z.string().min(1).max(goalLength).nullish().describe("What to do when it fails, in one sentence."),
});

/** What the model answers. */
export const DecompositionAnswer = z.object({
  decomposition_confidence: z.number().min(0).max(1).describe("How sure you are that the task is done so."),
  decomposed_subtasks: z.array(AnsweredSubtask).min(1).max(MOST_SUBTASKS),
  notes: z.string().max(goalLength).default("").describe("For people."),
  warnings: z.array(z.string().max(textLength)).max(criteria).default([]).describe("What may go wrong."),
});
export type DecompositionAnswer = z.infer<typeof DecompositionAnswer>;
type AnsweredSubtask = z.infer<typeof AnsweredSubtask>;

const DecomposedSubtask = z.object({
  id: z.string(),
  title: z.string(),
  action: z.string().nullable(),
  params: z.record(z.string(), Json),
  dependsOn: z.array(z.string()),
  successCriteria: z.array(z.string()),
  failureHandling: z.string().nullable(),
});

export const Decomposition = z.object({
  taskId: z.string(),
  confidence: z.number(),
  /** In an order in which they can be done. */
  subtasks: z.array(DecomposedSubtask),
  notes: z.string(),
  warnings: z.array(z.string()),
});
export type Decomposition = z.infer<typeof Decomposition>;

interface Fault {
  readonly path: string;
  readonly message: string;
}

/** What is wrong with an answer beyond its shape; none: `decompositionOf` takes it. */
export function faultsOfAnswer({ decomposed_subtasks: subtasks }: DecompositionAnswer): readonly Fault[] {
  const ids = subtasks.map(({ subtask_id }) => subtask_id);
  const faults: Fault[] = [];
  for (const [at, { subtask_id: id, depends_on: before }] of subtasks.entries()) {
    const path = `decomposed_subtasks.${at}`;
    if (ids.indexOf(id) !== at)
      faults.push({ path: `${path}.subtask_id`, message: `"${id}" names another subtask too` });
    for (const name of before.filter((each) => !ids.includes(each))) {
      const meant = nearest(name, ids);
      const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
      faults.push({
        path: `${path}.depends_on`,
        message: `"${name.slice(0, 100)}" is no subtask of this answer${hint}`,
      });
    }
  }
  if (faults.length > 0) return faults;
  const { waiting } = ordered(subtasks);
  if (waiting.length === 0) return [];
  const names = waiting.map(({ subtask_id }) => `"${subtask_id}"`).join(", ");
  return [{ path: "decomposed_subtasks", message: `${names} wait for each other: no order of them can be done` }];
}

/** Each after those that it depends on, else as they are listed. `waiting`: those that wait for each other. */
function ordered(subtasks: readonly AnsweredSubtask[]): {
  readonly done: readonly AnsweredSubtask[];
  readonly waiting: readonly AnsweredSubtask[];
} {
  const done: AnsweredSubtask[] = [];
  const ids = new Set<string>();
  let waiting = [...subtasks];
  for (;;) {
    const next = waiting.find(({ depends_on: before }) => before.every((id) => ids.has(id)));
    if (!next) return { done, waiting };
    done.push(next);
    ids.add(next.subtask_id);
    waiting = waiting.filter((subtask) => subtask !== next);
  }
}

interface Asked {
  readonly taskId: string;
  /** What the agent can do. */
  readonly actions: readonly string[];
}

/** Of an answer without faults. */
export function decompositionOf(answer: DecompositionAnswer, { taskId, actions }: Asked): Decomposition {
  const { done } = ordered(answer.decomposed_subtasks);
  const names = new Map(done.map(({ subtask_id }, at) => [subtask_id, `${taskId}_${letters(at)}`]));
  const nameOf = (id: string) => names.get(id) ?? id;
  const subtasks = done.map((subtask) => ({
    id: nameOf(subtask.subtask_id),
    title: subtask.title,
    action: subtask.action ?? null,
    params: subtask.params,
    dependsOn: [...new Set(subtask.depends_on)].map(nameOf),
    successCriteria: subtask.success_criteria,
    failureHandling: subtask.failure_handling ?? null,
  }));
  const can = new Set(actions);
  const isKnown = ({ action }: { action: string | null }) => action !== null && can.has(action);
  const sound = subtasks.filter((subtask) => isKnown(subtask) && subtask.successCriteria.length > 0);
  const confidence = (answer.decomposition_confidence * sound.length) / subtasks.length;
  const doubts = subtasks.flatMap((subtask) => [
    ...(isKnown(subtask) ? [] : [unknownAction(subtask)]),
    ...(subtask.successCriteria.length > 0 ? [] : [`${subtask.id} has no success criteria`]),
  ]);
  return {
    taskId,
    confidence: Math.round(confidence * 10_000) / 10_000,
    subtasks,
    notes: answer.notes,
    warnings: [...answer.warnings, ...doubts],
  };
}

function unknownAction({ id, action }: { readonly id: string; readonly action: string | null }): string {
  return action === null ? `${id} has no action: no agent can do it` : `${id}: no action of the agent is "${action}"`;
}

/** a to z, then aa to az, ba, …: 26 letters a place, none of them a zero. */
function letters(at: number): string {
  const last = String.fromCharCode(97 + (at % 26));
  return at < 26 ? last : letters(Math.floor(at / 26) - 1) + last;
}

/** The plan with the subtasks that were found for one of its tasks; refused where the task does not take them. */
export function withDecomposition(plan: Plan, found: Decomposition, nowMs: number): Result<Plan> {
  const task = decomposable(plan, found.taskId);
  if (!task.ok) return task;
  const decomposed = decomposedTask(task.value, found, nowMs);
  const changed = { ...plan, tasks: plan.tasks.map((each) => (each === task.value ? decomposed : each)) };
  const [fault] = faultsOf(changed);
  return fault ? refuse("invalid_input", `the plan with these subtasks: ${fault.message}`) : accept(changed);
}

/** The task, where its subtasks may be made: those that a person wrote are not replaced. */
export function decomposable({ tasks }: Pick<Plan, "tasks">, taskId: string): Result<PlanTask> {
  const task = tasks.find(({ id }) => id === taskId);
  if (!task) {
    const meant = nearest(
      taskId,
      tasks.map(({ id }) => id),
    );
    const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
    const message = `"${taskId}" is no task of this plan${hint}`;
    return refuse("invalid_input", `task.task_id: ${message}`, [{ path: "task.task_id", message }]);
  }
  if (task.subtasks.length === 0 || task.decompositionConfidence !== null) return accept(task);
  return refuse("task_has_subtasks", `task.task_id: "${taskId}" has subtasks that no decomposition has made`);
}

/** The task with what was found. */
export function decomposedTask(task: PlanTask, found: Decomposition, nowMs: number): PlanTask {
  return {
    ...task,
    decomposed: true,
    decompositionConfidence: found.confidence,
    decompositionNotes: found.notes === "" ? null : found.notes,
    subtasks: found.subtasks.map((subtask) => plannedSubtask(subtask, nowMs)),
    updatedAtMs: nowMs,
  };
}

function plannedSubtask(subtask: z.infer<typeof DecomposedSubtask>, nowMs: number): PlanSubtask {
  const { dependsOn, ...rest } = subtask;
  return {
    ...rest,
    timeoutHours: 24,
    retryPolicy: { maxAttempts: 3, backoff: "exponential", backoffSeconds: null },
    prerequisiteSubtaskIds: dependsOn,
    alternatives: [],
    idempotent: null,
    createdAtMs: nowMs,
  };
}
