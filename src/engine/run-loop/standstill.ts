/** Whether a program may go on, asked by its loop at each step. */
import { isHeld } from "../../domain/execution/hold.ts";
import { lacksSlot } from "../../domain/execution/slot-needs.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import type { Journal } from "../journal/journal.ts";

/**
 * True while it is held (E6), or has no slot of a limit that it is under. One that gave its slots back at rest, and goes on by
 * itself (`hasWork`), asks for them anew.
 */
export function standsStill(
  journal: Journal,
  state: ExecutionState,
  { hasWork }: { readonly hasWork: boolean },
): boolean {
  const lacks = lacksSlot(state);
  if (lacks && hasWork) journal.dispatch({ type: "ask_for_slot", why: "goes on" }, "system");
  const still = lacks || isHeld(state);
  if (still && journal.hasStaged) void journal.flush();
  return still;
}
