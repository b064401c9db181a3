import type { ExecutionState } from "../../../../src/domain/execution/state.ts";

/** An operator or the outside is awaited (E6). In words of its own: the engine's are what is being asked about. */
export function standsStill({ status, gates }: Pick<ExecutionState, "status" | "gates">): boolean {
  return status === "paused" || status === "blocked" || gates.requested !== undefined;
}
