import type { ExecutionState } from "../../domain/execution/state.ts";
import { childrenBelow } from "../../domain/fold/children-below.ts";
import type { Journal } from "../journal/journal.ts";

/** Children that have not said that they ended. The journal is read only where there are any. */
export function openBelow(journal: Journal, { openChildren, goingOn = 0 }: ExecutionState): string[] {
  return openChildren + goingOn > 0 ? childrenBelow(journal.index()) : [];
}
