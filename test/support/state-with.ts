import type { ExecutionState } from "../../src/domain/execution/state.ts";

/** Fields of a state, no matter of which status. */
export type StateFields = { readonly [Field in keyof ExecutionState]?: ExecutionState[Field] };

/** A state with other fields, for tests of readers that look at some fields only: no log need lead to it. */
export function stateWith(state: ExecutionState, fields: StateFields): ExecutionState {
  return { ...state, ...fields } as ExecutionState;
}
