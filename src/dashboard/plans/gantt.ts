/**
 * When each task of a plan was to be done, and when it was. Pure.
 *
 * - Estimated: a task begins when what it waits for is done as estimated, the first ones with the execution, and lasts as many
 *   hours as the plan says. A task without an estimate lasts no time, and has no bar.
 * - Actual: from its first subtask's start to its end, or to now.
 */
import type { Plan } from "../../client/plans.ts";
import { phasesOf } from "./phases.ts";

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface GanttRow {
  readonly id: string;
  readonly title: string;
  readonly estimated: Stretch | undefined;
  readonly actual: Stretch | undefined;
}

type Planned = Pick<
  Plan["tasks"][number],
  "id" | "title" | "phase_id" | "estimated_hours" | "prerequisite_task_ids" | "is_blocking"
>;

interface Done {
  readonly id: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
}

interface Given {
  readonly plan: { readonly phases: Plan["phases"]; readonly tasks: readonly Planned[] };
  readonly tasks: readonly Done[];
  readonly startMs: number;
  readonly nowMs: number;
}

const HOUR_MS = 3_600_000;

/** In the order of the plan. */
export function ganttOf({ plan, tasks, startMs, nowMs }: Given): readonly GanttRow[] {
  const done = new Map(tasks.map((task) => [task.id, task]));
  const ordered = phasesOf(plan).flatMap((phase) => phase.tasks);
  const ends = estimatedEnds(ordered, startMs);
  return ordered.map(({ id, title, estimated_hours: hours }) => {
    const toMs = ends.get(id);
    const { started_at: began, completed_at: ended } = done.get(id) ?? { started_at: null, completed_at: null };
    return {
      ...{ id, title },
      estimated: hours === null || toMs === undefined ? undefined : { fromMs: toMs - hours * HOUR_MS, toMs },
      actual:
        began === null ? undefined : { fromMs: Date.parse(began), toMs: ended === null ? nowMs : Date.parse(ended) },
    };
  });
}

/**
 * Returns when each task ends by its estimate, by its id. A task may have a prerequisite that stands behind it in the plan: each
 * round takes the tasks whose prerequisites were taken before.
 */
function estimatedEnds(tasks: readonly Planned[], startMs: number): ReadonlyMap<string, number> {
  const ends = new Map<string, number>();
  const known = new Set(tasks.map(({ id }) => id));
  let open = [...tasks];
  while (open.length > 0) {
    const later: Planned[] = [];
    for (const task of open) {
      const waits = waitsFor(task, tasks).filter((id) => known.has(id));
      if (waits.every((id) => ends.has(id))) {
        const begins = Math.max(startMs, ...waits.map((id) => ends.get(id) ?? startMs));
        ends.set(task.id, begins + (task.estimated_hours ?? 0) * HOUR_MS);
      } else later.push(task);
    }
    // A circle has no estimate; a stored plan has none.
    if (later.length === open.length) return ends;
    open = later;
  }
  return ends;
}

/** Its prerequisites, and the last of the earlier tasks that block what follows. */
function waitsFor(task: Planned, tasks: readonly Planned[]): readonly string[] {
  const earlier = tasks.slice(0, tasks.indexOf(task));
  const blocking = earlier.filter(({ is_blocking: blocks }) => blocks).map(({ id }) => id);
  return [...task.prerequisite_task_ids, ...blocking];
}

/** From the first bar to the last. */
export function spanOf(rows: readonly GanttRow[], startMs: number): Stretch {
  const bars = rows.flatMap(({ estimated, actual }) => [estimated, actual].filter((bar) => bar !== undefined));
  const toMs = bars.reduce((most, bar) => Math.max(most, bar.toMs), startMs + 1);
  const fromMs = bars.reduce((least, bar) => Math.min(least, bar.fromMs), startMs);
  return { fromMs, toMs: fromMs + (toMs - fromMs) * 1.02 };
}
