import type { ExecutionState } from "../../../../src/domain/execution/state.ts";
import { isTerminal } from "../../../../src/domain/execution/status.ts";

/** Of an execution that a world knows, or of one that it does not. */
export function hasEnded(
  store: { readonly view: { readonly state: ExecutionState | undefined } } | undefined,
): boolean {
  const state = store?.view.state;
  return state === undefined || isTerminal(state.status);
}
