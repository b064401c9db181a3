/**
 * What the run loop does with an operation, by its kind. The one place where kinds are told apart: a new kind of entry does
 * not compile without its line.
 *
 * - `runsHere`: tries of it are made in this process. As many run as may run at once, and the next one is due when it says so.
 * - The others rest: their intent is written, and a command or a timer finishes their entry (a signal, a decision, the report of
 *   a child, the outside).
 */
import type { Entry, OpenEntry } from "../../domain/execution/entry.ts";
import type { StartThunk } from "../activities/activity.ts";
import type { Operation, OperationKind } from "./operation.ts";

interface Dispatch {
  readonly runsHere: boolean;
  /** Called when its entry is open and nothing in this process works on it. */
  readonly resume: (operation: Operation, entry: OpenEntry) => StartThunk | undefined;
}

const RUNS_HERE: Dispatch = { runsHere: true, resume: (operation, entry) => operation.resume(entry) };
const RESTS: Dispatch = { runsHere: false, resume: () => undefined };

const DISPATCH: Readonly<Record<OperationKind, Dispatch>> = {
  step: RUNS_HERE,
  effect: RUNS_HERE,
  tool: RUNS_HERE,
  turn: RUNS_HERE,
  sleep: RESTS,
  signal: RESTS,
  gate: RESTS,
  child: RESTS,
  external: RESTS,
};

export function runsHere({ kind }: Pick<Operation, "kind">): boolean {
  return DISPATCH[kind].runsHere;
}

/** Starts what the journal has no entry of, or takes up the open one; returns what makes the try once the intent is on disk. */
export function dispatched(operation: Operation, entry: Entry | undefined): StartThunk | undefined {
  if (!entry) return operation.start();
  return entry.status === "done" ? undefined : DISPATCH[operation.kind].resume(operation, entry);
}
