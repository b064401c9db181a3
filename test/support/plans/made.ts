/** Plans in the form in which they are kept, for tests: what is not said has the value that it has when it is not sent. */
import type { Plan, PlanSubtask, PlanTask } from "../../../src/domain/plan/plan.ts";

export function subtask(id: string, rest: Partial<PlanSubtask> = {}): PlanSubtask {
  return {
    id,
    title: `Do ${id}`,
    action: "send_email",
    params: {},
    timeoutHours: 24,
    retryPolicy: { maxAttempts: 3, backoff: "exponential", backoffSeconds: null },
    prerequisiteSubtaskIds: [],
    alternatives: [],
    idempotent: null,
    successCriteria: [],
    failureHandling: null,
    createdAtMs: 0,
    ...rest,
  };
}

export function task(id: string, rest: Partial<PlanTask> = {}): PlanTask {
  return {
    id,
    phaseId: null,
    title: `Task ${id}`,
    description: "",
    assigneeRole: null,
    estimatedHours: null,
    priority: 1,
    decomposed: true,
    decompositionConfidence: null,
    decompositionNotes: null,
    prerequisiteTaskIds: [],
    isBlocking: false,
    subtasks: [],
    createdAtMs: 0,
    updatedAtMs: 0,
    ...rest,
  };
}

/** A person is asked about each task without subtasks. */
export function undivided(tasks: PlanTask[]): Plan {
  return { ...plan(tasks), decompose: "never" };
}

export function plan(tasks: PlanTask[], phases: readonly string[] = []): Plan {
  return {
    goal: "A goal",
    businessType: null,
    industry: null,
    targetCustomer: null,
    onExhausted: "block",
    decompose: "ready",
    phases: phases.map((id) => ({ id, title: id, description: null })),
    tasks,
  };
}
