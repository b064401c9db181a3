/** The pieces of work of a plan, and what waits for what between them. Made once an execution is opened. */
import type { PlanGraph } from "../plan/graph.ts";
import { graphOf } from "../plan/graph.ts";
import type { Plan, PlanSubtask, PlanTask } from "../plan/plan.ts";

export interface Piece {
  /** Its place among all subtasks, as the plan lists them. */
  readonly at: number;
  readonly id: string;
  /** The place of its task. */
  readonly taskAt: number;
  readonly task: PlanTask;
  readonly subtask: PlanSubtask;
  /** Its place in the order in which ready subtasks are given out. */
  readonly rank: number;
}

export interface WorkOrder {
  readonly graph: PlanGraph;
  readonly pieces: readonly Piece[];
  /** Places of the pieces by rank. */
  readonly ranked: readonly number[];
}

/** Priority 1 goes first; of one priority the order of the plan. */
export function workOrderOf(plan: Plan): WorkOrder {
  const graph = graphOf(plan);
  const placeOf = new Map(graph.order.map((task, place) => [task, place]));
  const flat = plan.tasks.flatMap((task, taskAt) => task.subtasks.map((subtask) => ({ task, taskAt, subtask })));
  const placed = flat.map(({ task, taskAt }, at) => ({ at, priority: task.priority, place: placeOf.get(taskAt) ?? 0 }));
  const ranked = placed.sort((a, b) => a.priority - b.priority || a.place - b.place || a.at - b.at).map(({ at }) => at);
  const ranks = new Map(ranked.map((at, rank) => [at, rank]));
  const pieces = flat.map(({ task, taskAt, subtask }, at) => ({
    ...{ at, id: subtask.id, taskAt, task, subtask },
    rank: ranks.get(at) ?? 0,
  }));
  return { graph, pieces, ranked };
}

/** Of a node of the graph: the place of its subtask; `undefined` of another kind of node. */
export function pieceAt({ tasks: n, subtasks: m }: PlanGraph, node: number): number | undefined {
  return node >= 2 * n && node < 2 * n + m ? node - 2 * n : undefined;
}

/** The subtasks that can never run when this one does not end well: all that wait for it, at any distance. */
export function dependentsOf({ graph }: WorkOrder, at: number): number[] {
  const first = 2 * graph.tasks + at;
  const seen = new Set([first]);
  const queue = [first];
  for (const node of queue)
    for (const waiter of graph.waiting.subarray(graph.from[node], graph.from[node + 1]))
      if (!seen.has(waiter)) {
        seen.add(waiter);
        queue.push(waiter);
      }
  return queue.flatMap((node) => (node === first ? [] : (pieceAt(graph, node) ?? [])));
}
