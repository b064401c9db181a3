/**
 * Places for the executions of a run in its graph. Each depth of calls has a column and each leaf a line; a parent stands in the
 * middle between its first and its last child. A child that comes later stands below its siblings: a graph that grows keeps its
 * order. Pure.
 */
import type { ExecutionSummary } from "../../client/transport/options.ts";

export const BOX = { width: 232, height: 46 } as const;
const GAP = { x: 40, y: 12 } as const;

export interface Place {
  readonly row: ExecutionSummary;
  readonly x: number;
  readonly y: number;
}

export interface Edge {
  readonly id: string;
  readonly from: Place;
  readonly to: Place;
}

export interface Layout {
  /** Depth first: each caller before those it called. */
  readonly places: readonly Place[];
  readonly edges: readonly Edge[];
  readonly width: number;
  readonly height: number;
}

/** Rows in any order. One whose parent is not among them is a root. */
export function layoutOf(rows: readonly ExecutionSummary[]): Layout {
  const ordered = depthFirst(rows);
  const places = placed(ordered);
  const byId = new Map(places.map((place) => [place.row.execution_id, place]));
  const edges = places.flatMap((to): Edge[] => {
    const from = byId.get(to.row.parent_execution_id ?? "");
    return from ? [{ id: to.row.execution_id, from, to }] : [];
  });
  const right = places.reduce((most, { x }) => Math.max(most, x), 0);
  const bottom = places.reduce((most, { y }) => Math.max(most, y), 0);
  return { places, edges, width: right + BOX.width, height: bottom + BOX.height };
}

interface Ordered {
  readonly row: ExecutionSummary;
  readonly depth: number;
  /** Index in the order. */
  readonly at: number;
  /** Index of the caller; -1 for a root. */
  readonly parent: number;
}

/** Rows in the order of a walk from caller to called. It is a loop: a chain of calls may be deeper than the stack. */
function depthFirst(rows: readonly ExecutionSummary[]): Ordered[] {
  const known = new Set(rows.map((row) => row.execution_id));
  const children = new Map<string, ExecutionSummary[]>();
  for (const row of [...rows].sort(earliestFirst)) {
    const parent = row.parent_execution_id ?? "";
    const key = known.has(parent) ? parent : "";
    const siblings = children.get(key) ?? [];
    siblings.push(row);
    children.set(key, siblings);
  }
  const ordered: Ordered[] = [];
  const open = (children.get("") ?? []).map((row) => ({ row, depth: 0, parent: -1 })).reverse();
  for (let next = open.pop(); next; next = open.pop()) {
    const at = ordered.length;
    const { row, depth } = next;
    ordered.push({ ...next, at });
    const below = children.get(row.execution_id) ?? [];
    open.push(...below.map((child) => ({ row: child, depth: depth + 1, parent: at })).reverse());
  }
  return ordered;
}

/** Places of the rows. It goes from the last to the first: a parent needs the lines of its children. */
function placed(ordered: readonly Ordered[]): Place[] {
  const top = new Map<number, number>();
  const bottom = new Map<number, number>();
  const isParent = new Set(ordered.map(({ parent }) => parent));
  let line = 0;
  const lines = ordered.map(({ at }) => (isParent.has(at) ? undefined : line++));
  const places: Place[] = [];
  for (const { row, depth, at, parent } of [...ordered].reverse()) {
    const own = lines[at] ?? ((top.get(at) ?? 0) + (bottom.get(at) ?? 0)) / 2;
    top.set(parent, own);
    if (!bottom.has(parent)) bottom.set(parent, own);
    places.push({ row, x: depth * (BOX.width + GAP.x), y: own * (BOX.height + GAP.y) });
  }
  return places.reverse();
}

function earliestFirst(a: ExecutionSummary, b: ExecutionSummary): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? -1 : 1;
  return a.execution_id < b.execution_id ? -1 : 1;
}
