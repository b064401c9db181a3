/**
 * What waits for what in a plan, as numbers. Made once a plan, in time linear in its tasks, subtasks and prerequisites.
 *
 * Nodes of `n` tasks and `m` subtasks: the begin of each task (0 to n-1), its end (n to 2n-1), each subtask in the order in which
 * they are listed (2n to 2n+m-1), and a gate before each place of the order (2n+m to 3n+m-1).
 *
 * - A task begins after its prerequisites have ended and its gate is open; a subtask is done after its task has begun and its
 *   own prerequisites are done; a task ends after its subtasks are done.
 * - The gate of a place opens when the gate before it is open and the task there, if it is blocking, has ended. So a blocking
 *   task costs one line, however many tasks stand behind it.
 * - A prerequisite that the plan does not have is left out: `check.ts` refuses it.
 */
import { orderOf } from "./order.ts";
import type { Plan } from "./plan.ts";

export interface PlanGraph {
  readonly tasks: number;
  readonly subtasks: number;
  /** Positions in `tasks`, in the order of the plan. */
  readonly order: readonly number[];
  /** The task of each subtask. */
  readonly taskOf: Int32Array;
  /** How many nodes each node waits for. */
  readonly waitsFor: Int32Array;
  /** The nodes that wait for a node lie in `waiting` from `from[node]` to `from[node + 1]`. */
  readonly from: Int32Array;
  readonly waiting: Int32Array;
}

/** A node by what it is; of a gate: the task that it stands before. */
export type GraphNode =
  | { readonly kind: "begin" | "end" | "gate"; readonly task: number }
  | { readonly kind: "subtask"; readonly subtask: number };

type Shape = Pick<Plan, "phases" | "tasks">;

/** Nodes one after the other: a node, and what it waits for. */
class Lines {
  readonly #ends: number[] = [];

  add(node: number, prerequisite: number): void {
    this.#ends.push(node, prerequisite);
  }

  /** As arrays that are read by what is waited for. */
  sorted(nodes: number): Pick<PlanGraph, "waitsFor" | "from" | "waiting"> {
    const ends = this.#ends;
    const [waitsFor, from, waiting] = [
      new Int32Array(nodes),
      new Int32Array(nodes + 1),
      new Int32Array(ends.length / 2),
    ];
    for (let at = 0; at < ends.length; at += 2) {
      const [node = 0, prerequisite = 0] = [ends[at], ends[at + 1]];
      waitsFor[node] = (waitsFor[node] ?? 0) + 1;
      from[prerequisite + 1] = (from[prerequisite + 1] ?? 0) + 1;
    }
    for (let node = 0; node < nodes; node += 1) from[node + 1] = (from[node + 1] ?? 0) + (from[node] ?? 0);
    const next = from.slice();
    for (let at = 0; at < ends.length; at += 2) {
      const [node = 0, prerequisite = 0] = [ends[at], ends[at + 1]];
      const place = next[prerequisite] ?? 0;
      waiting[place] = node;
      next[prerequisite] = place + 1;
    }
    return { waitsFor, from, waiting };
  }
}

export function graphOf(plan: Shape): PlanGraph {
  const { tasks } = plan;
  const n = tasks.length;
  const taskOf = Int32Array.from(tasks.flatMap(({ subtasks }, task) => subtasks.map(() => task)));
  const m = taskOf.length;
  const order = orderOf(plan);
  const lines = new Lines();
  addTasks(lines, tasks);
  for (const [place, task] of order.entries()) {
    const gate = 2 * n + m + place;
    lines.add(task, gate);
    const before = order[place - 1];
    if (before === undefined) continue;
    lines.add(gate, gate - 1);
    if (tasks[before]?.isBlocking) lines.add(gate, n + before);
  }
  return { tasks: n, subtasks: m, order, taskOf, ...lines.sorted(3 * n + m) };
}

function addTasks(lines: Lines, tasks: Shape["tasks"]): void {
  const n = tasks.length;
  const taskAt = new Map(tasks.map(({ id }, at) => [id, at]));
  const subtaskAt = new Map(tasks.flatMap(({ subtasks }) => subtasks).map(({ id }, at) => [id, at]));
  let subtask = 2 * n;
  for (const [task, { prerequisiteTaskIds, subtasks }] of tasks.entries()) {
    for (const id of prerequisiteTaskIds) {
      const prerequisite = taskAt.get(id);
      if (prerequisite !== undefined) lines.add(task, n + prerequisite);
    }
    lines.add(n + task, task);
    for (const { prerequisiteSubtaskIds } of subtasks) {
      lines.add(subtask, task);
      lines.add(n + task, subtask);
      for (const id of prerequisiteSubtaskIds) {
        const prerequisite = subtaskAt.get(id);
        if (prerequisite !== undefined) lines.add(subtask, 2 * n + prerequisite);
      }
      subtask += 1;
    }
  }
}

export function nodeOf({ tasks: n, subtasks: m, order }: PlanGraph, node: number): GraphNode {
  if (node < n) return { kind: "begin", task: node };
  if (node < 2 * n) return { kind: "end", task: node - n };
  if (node < 2 * n + m) return { kind: "subtask", subtask: node - 2 * n };
  return { kind: "gate", task: order[node - 2 * n - m] ?? 0 };
}

/** What can be done, one after the other; `left` counts what each node still waits for then. */
function walk(graph: PlanGraph): { readonly done: readonly number[]; readonly left: Int32Array } {
  const left = graph.waitsFor.slice();
  const done: number[] = [];
  for (const [node, count] of left.entries()) if (count === 0) done.push(node);
  for (let at = 0; at < done.length; at += 1) {
    for (const node of waitersOf(graph, done[at] ?? 0)) {
      const count = (left[node] ?? 0) - 1;
      left[node] = count;
      if (count === 0) done.push(node);
    }
  }
  return { done, left };
}

/** The tasks in an order in which they can be done: each begins when all that it waits for has ended. */
export function taskSequence(graph: PlanGraph): number[] {
  return walk(graph).done.filter((node) => node < graph.tasks);
}

/** Nodes that wait for each other, each for the next and the last for the first; `undefined` when there are none. */
export function circleIn(graph: PlanGraph): readonly number[] | undefined {
  const { done, left } = walk(graph);
  return done.length === left.length ? undefined : circleAmong(graph, left);
}

function waitersOf({ from, waiting }: PlanGraph, node: number): Int32Array {
  return waiting.subarray(from[node], from[node + 1]);
}

/** Every node that is left waits for another one that is left: following these leads back to a node that was passed. */
function circleAmong(graph: PlanGraph, left: Int32Array): number[] {
  const next = new Int32Array(left.length).fill(-1);
  for (const [node, count] of left.entries())
    if (count > 0) for (const waiter of waitersOf(graph, node)) if ((left[waiter] ?? 0) > 0) next[waiter] = node;
  const seen = new Map<number, number>();
  const path: number[] = [];
  for (let node = left.findIndex((count) => count > 0); !seen.has(node); node = next[node] ?? 0) {
    seen.set(node, path.length);
    path.push(node);
  }
  const last = next[path.at(-1) ?? 0] ?? 0;
  return path.slice(seen.get(last));
}
