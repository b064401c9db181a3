/** The tasks of a plan below their phases, in the order of the plan; those without a phase come last. Pure. */
interface InPhase {
  readonly phase_id: string | null;
}

interface Planned<T extends InPhase> {
  readonly phases: readonly { readonly phase_id: string; readonly title: string }[];
  readonly tasks: readonly T[];
}

export interface Phase<T> {
  readonly id: string;
  /** Undefined: these have no phase. */
  readonly title: string | undefined;
  readonly tasks: readonly T[];
}

export function phasesOf<T extends InPhase>({ phases, tasks }: Planned<T>): readonly Phase<T>[] {
  const known = new Set(phases.map(({ phase_id: id }) => id));
  const named = phases.map(({ phase_id: id, title }) => ({
    id,
    title: title === "" ? id : title,
    tasks: tasks.filter((task) => task.phase_id === id),
  }));
  const loose = tasks.filter((task) => task.phase_id === null || !known.has(task.phase_id));
  return loose.length === 0 ? named : [...named, { id: "", title: undefined, tasks: loose }];
}
