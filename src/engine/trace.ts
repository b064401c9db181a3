import { fieldOf, isA } from "../domain/thrown.ts";

/**
 * Where an error of a program came from, for the log: its name and its frames. Its message is the program's own words,
 * which may repeat an input: those stand in the execution's log, encrypted, and nowhere else. Total.
 */
export function traceOf(error: unknown): string {
  if (!isA(error, Error)) return `a thrown ${typeof error}`;
  const stack = fieldOf(error, "stack");
  const frames = typeof stack === "string" ? stack.split("\n").filter((line) => /^\s+at /.test(line)) : [];
  const name = fieldOf(error, "name");
  return [typeof name === "string" ? name : "Error", ...frames].join("\n");
}
