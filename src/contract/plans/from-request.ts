/** From a plan as it was sent to a plan as it is kept, or to the refusal that names each place that is wrong. */
import type { z } from "zod";
import { faultsOf } from "../../domain/plan/check.ts";
import type { Plan, PlanPhase, PlanSubtask, PlanTask, RetryPolicy } from "../../domain/plan/plan.ts";
import type { FieldError, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { inOneLine } from "../../domain/values/field-errors.ts";
import { nearest } from "../../domain/values/nearest.ts";
import { PhaseRequest, PlanRequest, SubtaskRequest, TaskRequest } from "./requests.ts";

/** Of so many unknown fields the answer tells. */
const MOST_WARNINGS = 20;

/** Fields that Errand sets itself: a client that sends an answer back is not warned of them. */
const ANSWERED = ["plan_id", "task_id", "version", "created_at", "updated_at", "updated_by", "warnings", "created"];
const COUNTED = ["tasks_total", "subtasks_total"];

const known = (schema: z.ZodObject) => new Set([...Object.keys(schema.shape), ...ANSWERED, ...COUNTED]);
const KNOWN = {
  plan: known(PlanRequest),
  phase: known(PhaseRequest),
  task: known(TaskRequest),
  subtask: known(SubtaskRequest),
} as const;

/** `nowMs`: when the tasks are made, for those that the plan did not have before. */
export function planOf(request: PlanRequest, nowMs: number): Result<Plan> {
  const missing = idsThatAreMissing(request);
  if (missing.length > 0) return refused(missing);
  const tasks = request.tasks.map((task) => taskOf(task, nowMs));
  const plan: Plan = {
    goal: request.goal,
    businessType: request.business_type ?? null,
    industry: request.industry ?? null,
    targetCustomer: request.target_customer ?? null,
    onExhausted: request.on_exhausted ?? "block",
    decompose: request.decompose ?? "ready",
    ...escalation(request),
    phases: phasesOf(request.phases, tasks),
    tasks,
  };
  const faults = faultsOf(plan).map(({ path, message }) => ({ path: path.map(wireName).join("."), message }));
  return faults.length > 0 ? refused(faults) : accept(plan);
}

function refused(errors: readonly FieldError[]) {
  return refuse("invalid_input", inOneLine(errors), errors);
}

function wireName(part: string | number): string {
  return String(part).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const WANTED = "is missing: send a text that names it within the plan";

function idsThatAreMissing({ phases, tasks }: PlanRequest): FieldError[] {
  const missing = (phases ?? []).flatMap((phase, at) =>
    typeof phase === "string" || (phase.id ?? phase.phase_id) !== undefined ? [] : [`phases.${at}.id`],
  );
  for (const [at, task] of tasks.entries()) {
    if ((task.id ?? task.task_id) === undefined) missing.push(`tasks.${at}.id`);
    for (const [index, subtask] of (task.subtasks ?? []).entries())
      if ((subtask.id ?? subtask.subtask_id) === undefined) missing.push(`tasks.${at}.subtasks.${index}.id`);
  }
  return missing.slice(0, MOST_WARNINGS).map((path) => ({ path, message: WANTED }));
}

function phasesOf(sent: PlanRequest["phases"], tasks: readonly PlanTask[]): PlanPhase[] {
  if (sent && sent.length > 0) {
    return sent.map((phase) => {
      if (typeof phase === "string") return { id: phase, title: phase, description: null };
      const id = phase.id ?? phase.phase_id ?? "";
      return { id, title: phase.title ?? id, description: phase.description ?? null };
    });
  }
  const named = new Set(tasks.flatMap(({ phaseId }) => (phaseId === null ? [] : [phaseId])));
  return [...named].map((id) => ({ id, title: id, description: null }));
}

function taskOf(task: TaskRequest, nowMs: number): PlanTask {
  const subtasks = (task.subtasks ?? []).map((subtask) => subtaskOf(subtask, nowMs));
  return {
    id: task.id ?? task.task_id ?? "",
    phaseId: task.phase_id ?? null,
    title: task.title,
    description: task.description ?? "",
    assigneeRole: task.assignee_role ?? null,
    ...escalation(task),
    estimatedHours: task.estimated_hours ?? null,
    priority: task.priority ?? 1,
    decomposed: task.decomposed ?? subtasks.length > 0,
    decompositionConfidence: task.decomposition_confidence ?? null,
    decompositionNotes: task.decomposition_notes ?? null,
    prerequisiteTaskIds: [...new Set(task.prerequisite_task_ids ?? [])],
    isBlocking: task.is_blocking ?? false,
    subtasks,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}

function escalation({ escalate_to: to }: Pick<TaskRequest, "escalate_to">): Pick<PlanTask, "escalateTo"> {
  return to == null ? {} : { escalateTo: to };
}

function subtaskOf(subtask: SubtaskRequest, nowMs: number): PlanSubtask {
  const { prerequisite_subtask_ids, depends_on } = subtask;
  return {
    id: subtask.id ?? subtask.subtask_id ?? "",
    title: subtask.title,
    action: subtask.action ?? null,
    params: subtask.params ?? {},
    timeoutHours: subtask.timeout_hours ?? 24,
    retryPolicy: retryPolicyOf(subtask.retry_policy),
    prerequisiteSubtaskIds: [...new Set([...(prerequisite_subtask_ids ?? []), ...(depends_on ?? [])])],
    alternatives: (subtask.alternatives ?? []).map(({ params, ...rest }) => ({ ...rest, params: params ?? {} })),
    idempotent: subtask.idempotent ?? null,
    successCriteria: subtask.success_criteria ?? [],
    failureHandling: subtask.failure_handling ?? null,
    createdAtMs: nowMs,
  };
}

function retryPolicyOf(policy: SubtaskRequest["retry_policy"]): RetryPolicy {
  const { max_attempts, backoff, backoff_seconds } = policy ?? {};
  const usual = typeof backoff_seconds === "number" ? "fixed" : "exponential";
  return { maxAttempts: max_attempts ?? 3, backoff: backoff ?? usual, backoffSeconds: backoff_seconds ?? null };
}

/** Fields that no part of a plan has: they are ignored, which their sender should hear. `sent` fits `PlanRequest`. */
export function warningsOf(sent: unknown): string[] {
  const warnings: string[] = [];
  const look = (value: unknown, path: string, names: ReadonlySet<string>) => {
    if (value === null || typeof value !== "object") return;
    for (const name of Object.keys(value)) {
      if (names.has(name) || warnings.length >= MOST_WARNINGS) continue;
      const meant = nearest(name, names);
      const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
      warnings.push(`${path}${name.slice(0, 100)}: is no field of it and was ignored${hint}`);
    }
  };
  const plan = sent as { readonly phases?: unknown[] | null; readonly tasks?: { readonly subtasks?: unknown[] }[] };
  look(plan, "", KNOWN.plan);
  for (const [at, phase] of (plan.phases ?? []).entries()) look(phase, `phases.${at}.`, KNOWN.phase);
  for (const [at, task] of (plan.tasks ?? []).entries()) {
    look(task, `tasks.${at}.`, KNOWN.task);
    for (const [index, subtask] of (task.subtasks ?? []).entries())
      look(subtask, `tasks.${at}.subtasks.${index}.`, KNOWN.subtask);
  }
  return warnings;
}
