/**
 * Where an error of a program came from, for the log: its name and its frames. Its message is the program's own words,
 * which may repeat an input: those stand in the execution's log, encrypted, and nowhere else.
 */
export function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [error.name, ...frames].join("\n");
}
