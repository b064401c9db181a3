import type { EventBody } from "../contract/event-body.ts";
import { fromWire } from "../contract/from-wire.ts";
import { fold as foldEvents } from "../domain/evolve.ts";
import type { ExecutionState } from "../domain/state.ts";

/**
 * The state an execution had after these events, by the very function the server folds with. The events of one log, in
 * order, from the first; or from any seq on, with the state before them as `from`. `undefined` for no events.
 */
export function fold(events: readonly EventBody[], from?: ExecutionState): ExecutionState | undefined {
  return foldEvents(events.map(fromWire), from);
}
