import type { Event } from "../../domain/execution/event.ts";
import { has } from "../../domain/execution/event-traits.ts";
import { unreachable } from "../../domain/values/json.ts";

/** True for events that a crash may lose: they are computed again, and no person or system outside has heard of them. */
export function mayBeLost(event: Event): boolean {
  if (!has(event, "lost")) return false;
  switch (event.type) {
    case "execution.created":
    case "input.parsed":
    case "execution.queued":
    case "execution.started":
    case "note.added":
    case "progress.reported":
    case "attributes.set":
    case "attempt.started":
    case "attempt.completed":
    case "attempt.rejected":
      return true;
    case "step.completed":
      return event.data.kind === "step" || event.data.kind === "value" || isReused(event);
    case "tool.completed":
    case "turn.completed":
      return isReused(event);
  }
  return unreachable(event);
}

/** What it was offered is in the log already. */
function isReused({ data }: { readonly data: { readonly reusedFrom?: string | undefined } }): boolean {
  return data.reusedFrom !== undefined;
}
