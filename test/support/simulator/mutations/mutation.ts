/** One line of the engine changed on purpose: the sweep must find a schedule that fails with it. */
export interface Mutation {
  readonly name: string;
  /** The rule or promise that it breaks, as `ARCHITECTURE.md` and the heads of the files number them. */
  readonly breaks: string;
  /** From the root of the repository. */
  readonly path: string;
  /** Stands exactly once in the file. */
  readonly before: string;
  readonly after: string;
}

/** The source with the mutation in it. Throws when its line is not there, or not only once. */
export function mutated(source: string, { name, path, before, after }: Mutation): string {
  const times = source.split(before).length - 1;
  if (times !== 1) throw new Error(`the mutation "${name}": ${path} holds its line ${times} times, and not once`);
  return source.replace(before, () => after);
}
