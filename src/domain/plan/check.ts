/**
 * What makes a plan unsound although its shape is right: an id that two things have, a prerequisite or a phase that is not there,
 * tasks that wait for each other, an option that means something else already. Pure; linear in the plan.
 */
import { nearest } from "../values/nearest.ts";
import type { GraphNode, PlanGraph } from "./graph.ts";
import { circleIn, graphOf, nodeOf } from "./graph.ts";
import { PLAN_LIMITS } from "./limits.ts";
import type { Plan, PlanSubtask, PlanTask } from "./plan.ts";
import { subtasksOf } from "./plan.ts";

/** Names and positions from the plan down to the field. */
type PlanPath = readonly (string | number)[];

export interface PlanFault {
  readonly path: PlanPath;
  readonly message: string;
}

/** So many faults are told at once. */
const MOST_FAULTS = 50;
/** For so many the nearest name is looked for: each looks through all names. */
const MOST_HINTS = 5;
/** So many of a circle are named. */
const MOST_NAMED = 10;

/** What a person may choose for each blocked subtask: no alternative may have such a name. */
const STANDING_OPTIONS = ["retry_task", "complete_by_hand", "skip_task", "cancel_execution"] as const;

type Shape = Pick<Plan, "phases" | "tasks">;

/** The first faults in the order of the plan; none: it can be done. */
export function faultsOf(plan: Shape): readonly PlanFault[] {
  const faults = new Faults(plan);
  faults.ofSize();
  faults.ofPhases();
  for (const [at, task] of plan.tasks.entries()) {
    if (faults.isFull) break;
    faults.ofTask(at, task);
  }
  // The order of a plan is not known while its names are wrong.
  if (faults.all.length > 0) return faults.all;
  const graph = graphOf(plan);
  const circle = circleIn(graph);
  return circle ? [faultOfCircle(plan, graph, circle)] : [];
}

class Faults {
  readonly all: PlanFault[] = [];
  readonly #plan: Shape;
  /** Where each id stands first. */
  readonly #places = new Map<string, PlanPath>();
  /** The first places again: an id that is found elsewhere is there twice. */
  readonly #tasks = new Set<string>();
  /** The task of each subtask. */
  readonly #subtasks = new Map<string, string>();
  readonly #phases: ReadonlySet<string>;
  #hints = 0;

  constructor(plan: Shape) {
    this.#plan = plan;
    this.#phases = new Set(plan.phases.map(({ id }) => id));
    for (const { id, subtasks } of plan.tasks) {
      this.#tasks.add(id);
      for (const subtask of subtasks) this.#subtasks.set(subtask.id, id);
    }
  }

  get isFull(): boolean {
    return this.all.length >= MOST_FAULTS;
  }

  ofSize(): void {
    const count = subtasksOf(this.#plan);
    const { subtasks } = PLAN_LIMITS;
    if (count > subtasks)
      this.#add(["tasks"], `has ${count} subtasks, and a plan at most ${subtasks}: make several plans of it`);
  }

  ofPhases(): void {
    const seen = new Map<string, number>();
    for (const [at, { id }] of this.#plan.phases.entries()) {
      const first = seen.get(id);
      if (first !== undefined) this.#add(["phases", at, "id"], `"${id}" is the id of phases.${first} already`);
      else seen.set(id, at);
    }
  }

  ofTask(at: number, task: PlanTask): void {
    const path: PlanPath = ["tasks", at];
    this.#ofId([...path, "id"], task.id);
    if (task.phaseId !== null && !this.#phases.has(task.phaseId))
      this.#unknown([...path, "phaseId"], task.phaseId, { what: "phase", known: this.#phases });
    for (const [index, id] of task.prerequisiteTaskIds.entries())
      this.#ofPrerequisite([...path, "prerequisiteTaskIds", index], id, "task");
    for (const [index, subtask] of task.subtasks.entries()) this.#ofSubtask([...path, "subtasks", index], subtask);
  }

  #ofSubtask(path: PlanPath, { id, prerequisiteSubtaskIds, alternatives }: PlanSubtask): void {
    this.#ofId([...path, "id"], id);
    for (const [index, prerequisite] of prerequisiteSubtaskIds.entries())
      this.#ofPrerequisite([...path, "prerequisiteSubtaskIds", index], prerequisite, "subtask");
    const options = new Set<string>(STANDING_OPTIONS);
    for (const [index, { option }] of alternatives.entries()) {
      if (options.has(option)) {
        const message = `"${option}" is an option of this subtask already: choose another name`;
        this.#add([...path, "alternatives", index, "option"], message);
      }
      options.add(option);
    }
  }

  #ofId(path: PlanPath, id: string): void {
    const first = this.#places.get(id);
    if (first === undefined) this.#places.set(id, path);
    else
      this.#add(
        path,
        `"${id}" is the id at ${first.slice(0, -1).join(".")} already: task and subtask ids are unique in a plan`,
      );
  }

  #ofPrerequisite(path: PlanPath, id: string, what: "task" | "subtask"): void {
    const [known, others] = what === "task" ? [this.#tasks, this.#subtasks] : [this.#subtasks, this.#tasks];
    if (known.has(id)) return;
    if (!others.has(id)) return this.#unknown(path, id, { what, known: known.keys() });
    const message =
      what === "task"
        ? `"${id}" is a subtask of "${this.#subtasks.get(id)}": name that task here, or let a subtask wait for it`
        : `"${id}" is a task: name it in the prerequisite_task_ids of the task, or one of its subtasks here`;
    this.#add(path, message);
  }

  #unknown(
    path: PlanPath,
    id: string,
    { what, known }: { readonly what: string; readonly known: Iterable<string> },
  ): void {
    this.#hints += 1;
    const meant = this.#hints > MOST_HINTS ? undefined : nearest(id, known);
    const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
    this.#add(path, `"${id}" is no ${what} of this plan${hint || ": add it, or take this name out"}`);
  }

  #add(path: PlanPath, message: string): void {
    if (!this.isFull) this.all.push({ path, message });
  }
}

/** At a prerequisite of the circle; each circle has one, as phases and subtasks alone make none. */
function faultOfCircle(plan: Shape, graph: PlanGraph, circle: readonly number[]): PlanFault {
  const nodes = circle.map((node) => nodeOf(graph, node));
  const { names, blocking } = namesOfCircle(plan, nodes);
  const ring = names.filter((name, at) => at === 0 || name !== names[at - 1]);
  if (ring.length > 1 && ring.at(-1) === ring[0]) ring.pop();
  const shown = [...ring.slice(0, MOST_NAMED), ...(ring.length > MOST_NAMED ? ["…"] : []), ring[0]].join(" → ");
  const why = blocking === undefined ? "" : ` ("${blocking}" is blocking: every later task waits for it)`;
  const message = `is part of a circle in which each waits for the next: ${shown}${why}; take one prerequisite out`;
  return { path: placeOfCircle(plan, graph, nodes), message };
}

/** Returns the names in the circle, in their order, and the blocking task that closes it, where one does. */
function namesOfCircle(plan: Shape, nodes: readonly GraphNode[]) {
  const subtasks = plan.tasks.flatMap((task) => task.subtasks);
  const nameOf = (node: GraphNode) =>
    (node.kind === "subtask" ? subtasks[node.subtask]?.id : plan.tasks[node.task]?.id) ?? "";
  const names: string[] = [];
  let blocking: string | undefined;
  for (const [at, node] of nodes.entries()) {
    const next = nodes[(at + 1) % nodes.length];
    if (!next) continue;
    const isNamed = node.kind === "begin" ? next.kind !== "subtask" : node.kind === next.kind && node.kind !== "gate";
    if (isNamed) names.push(nameOf(node));
    if ((isNamed || node.kind === "gate") && next.kind !== "gate") names.push(nameOf(next));
    if (node.kind === "gate" && next.kind === "end") blocking ??= nameOf(next);
  }
  return { names, blocking };
}

function placeOfCircle(plan: Shape, graph: PlanGraph, nodes: readonly GraphNode[]): PlanPath {
  const subtasks = plan.tasks.flatMap((task) => task.subtasks);
  for (const [at, node] of nodes.entries()) {
    const next = nodes[(at + 1) % nodes.length];
    if (node.kind === "begin" && next?.kind === "end") {
      const index = plan.tasks[node.task]?.prerequisiteTaskIds.indexOf(plan.tasks[next.task]?.id ?? "") ?? 0;
      return ["tasks", node.task, "prerequisiteTaskIds", index];
    }
    if (node.kind === "subtask" && next?.kind === "subtask") {
      const task = graph.taskOf[node.subtask] ?? 0;
      const index = node.subtask - graph.taskOf.indexOf(task);
      const prerequisites = subtasks[node.subtask]?.prerequisiteSubtaskIds;
      const id = subtasks[next.subtask]?.id ?? "";
      return ["tasks", task, "subtasks", index, "prerequisiteSubtaskIds", prerequisites?.indexOf(id) ?? 0];
    }
  }
  return ["tasks"];
}
