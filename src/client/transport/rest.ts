import type { Status } from "../../domain/execution/status.ts";
import { isTerminal } from "../../domain/execution/status.ts";

export function hasEnded({ status }: { readonly status: Status }): boolean {
  return isTerminal(status);
}

/** Ended, or held until a person goes on. */
export function isAtRest({ status }: { readonly status: Status }): boolean {
  return isTerminal(status) || status === "waiting" || status === "blocked" || status === "paused";
}
