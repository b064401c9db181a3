/**
 * A run as a tree: executions that share a run id, joined by their parents. Pure: rows in, tree out.
 *
 * - The order of the rows does not matter: siblings, roots and timeline are sorted by creation, then id.
 * - Every execution is in the tree once. Of two rows of one execution the newer (higher seq) counts.
 * - A node whose parent is not in the run is a root. In a cycle (bad data) the earliest node of the cycle is one.
 */
import type { Status } from "../execution/status.ts";
import { isTerminal } from "../execution/status.ts";
import type { ExecutionSummary } from "./summary.ts";

/** An execution at its place in the run. `depth` is 0 for a root. */
export interface RunNode {
  readonly summary: ExecutionSummary;
  readonly depth: number;
  readonly children: readonly RunNode[];
}

export interface RunTree {
  /** Earliest first; never empty when there is a node at all. */
  readonly roots: readonly RunNode[];
  /** Every node, earliest first. */
  readonly timeline: readonly RunNode[];
  readonly maxDepth: number;
}

interface Growing extends RunNode {
  depth: number;
  readonly children: Growing[];
}

export function buildRunTree(rows: Iterable<ExecutionSummary>): RunTree {
  const timeline: Growing[] = [...newest(rows)].sort(byAge).map((summary) => ({ summary, depth: 0, children: [] }));
  const nodes = new Map(timeline.map((node) => [node.summary.id, node]));
  const offspring = new Map<string, Growing[]>();
  for (const node of timeline) {
    const parent = parentOf(node, nodes);
    if (!parent) continue;
    const siblings = offspring.get(parent.summary.id);
    if (siblings) siblings.push(node);
    else offspring.set(parent.summary.id, [node]);
  }
  const placed = new Set<Growing>();
  const place = (root: Growing) => {
    placed.add(root);
    const waiting = [root];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      for (const child of offspring.get(node.summary.id) ?? []) {
        if (placed.has(child)) continue;
        placed.add(child);
        child.depth = node.depth + 1;
        node.children.push(child);
        waiting.push(child);
      }
    }
    return root;
  };
  const roots = timeline.filter((node) => parentOf(node, nodes) === undefined).map(place);
  // What no root reaches hangs on a cycle.
  for (const node of timeline) if (!placed.has(node)) roots.push(place(earliestOfCycle(node, nodes)));
  return {
    roots: roots.sort((a, b) => byAge(a.summary, b.summary)),
    timeline,
    maxDepth: timeline.reduce((deepest, { depth }) => Math.max(deepest, depth), 0),
  };
}

/** Returns the status of all nodes at once: paused > running (not ended) > failed > timeout > cancelled > succeeded. */
export function statusOfRun(statuses: Iterable<Status>): Status {
  const seen = new Set(statuses);
  if (seen.has("paused")) return "paused";
  if ([...seen].some((status) => !isTerminal(status))) return "running";
  return (["failed", "timeout", "cancelled"] as const).find((status) => seen.has(status)) ?? "succeeded";
}

/** A run as the index counts it. `root` is its earliest execution. */
export interface RunDigest {
  readonly runId: string;
  readonly root: ExecutionSummary;
  readonly counts: StatusCounts;
  readonly latestAtMs: number;
}

export type StatusCounts = { readonly [S in Status]?: number };

export function countStatuses(statuses: Iterable<Status>): StatusCounts {
  const counts: { [S in Status]?: number } = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function newest(rows: Iterable<ExecutionSummary>): Iterable<ExecutionSummary> {
  const found = new Map<string, ExecutionSummary>();
  for (const row of rows) {
    const known = found.get(row.id);
    if (!known || known.seq < row.seq) found.set(row.id, row);
  }
  return found.values();
}

function byAge(a: ExecutionSummary, b: ExecutionSummary): number {
  return a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function parentOf({ summary }: Growing, nodes: ReadonlyMap<string, Growing>): Growing | undefined {
  return summary.parentId === null ? undefined : nodes.get(summary.parentId);
}

/** Up from a node that no root reaches until a node comes again; from there once round. */
function earliestOfCycle(start: Growing, nodes: ReadonlyMap<string, Growing>): Growing {
  const passed = new Set<Growing>();
  let node = start;
  for (let up: Growing | undefined = start; up && !passed.has(up); up = parentOf(up, nodes)) {
    passed.add(up);
    node = parentOf(up, nodes) ?? up;
  }
  let earliest = node;
  for (let up = parentOf(node, nodes); up && up !== node; up = parentOf(up, nodes)) {
    if (byAge(up.summary, earliest.summary) < 0) earliest = up;
  }
  return earliest;
}
