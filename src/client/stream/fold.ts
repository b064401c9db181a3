import type { EventBody } from "../../contract/executions/event-body.ts";
import { fromWire } from "../../contract/executions/from-wire.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { fold as foldEvents } from "../../domain/fold/evolve.ts";

/**
 * The state an execution had after these events, by the very function the server folds with. The events of one log, in
 * order, from the first; or from any seq on, with the state before them as `from`. `undefined` for no events.
 */
export function fold(events: readonly EventBody[], from?: ExecutionState): ExecutionState | undefined {
  return foldEvents(events.map(fromWire), from);
}
