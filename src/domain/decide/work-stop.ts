import type { NewEvent } from "../execution/event.ts";
import type { LiveView } from "./decided.ts";

/** Agents that hold leases have to hear that the execution was paused or cancelled. */
export function stopping(view: LiveView, what: "pause" | "cancel"): NewEvent[] {
  const work = view.state.work === undefined ? undefined : view.work?.();
  const agents = [...new Set(work?.held.flatMap((piece) => work.state(piece).lease?.agent ?? []))];
  return agents.length === 0 ? [] : [{ type: "stop.requested", data: { what, agents } }];
}
