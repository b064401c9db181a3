import type { Refusal } from "../values/fault.ts";
import { refuse } from "../values/fault.ts";

/** Asked before an actor exists, so that nothing is opened in vain, and by `decide`, where a start is decided. */
export function refusedDeadline(deadlineMs: number | undefined, now: number): Refusal | undefined {
  if (deadlineMs === undefined || deadlineMs > now) return undefined;
  const message = "is in the past";
  return refuse("invalid_input", `deadline: ${message}`, [{ path: "deadline", message }]);
}
