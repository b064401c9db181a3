/** What waits for a person at one instant of an execution, read out of its events: approvals, and effects in doubt. Pure. */
import type { EventData } from "../../domain/execution/event.ts";
import { grownWithEvents } from "./prefix.ts";

export interface Question {
  readonly opened: EventData<"gate.opened">;
  readonly seq: number;
  readonly askedAtMs: number;
}

const ENDS: ReadonlySet<string> = new Set([
  "execution.succeeded",
  "execution.failed",
  "execution.cancelled",
  "execution.timed_out",
]);

/** The open ones in the order in which they were asked. */
export const openQuestions = grownWithEvents({
  begin: () => new Map<string, Question>(),
  read: (open, event) => {
    if (event.type === "gate.opened")
      open.set(event.data.gateId, { opened: event.data, seq: event.seq, askedAtMs: event.atMs });
    if (event.type === "gate.decided" || event.type === "gate.expired") open.delete(event.data.gateId);
    if (event.type === "entry.withdrawn" && event.data.gateId !== undefined) open.delete(event.data.gateId);
    if (event.type === "effect.resolved")
      for (const [id, { opened }] of open)
        if (opened.kind === "review" && opened.key === event.data.key) open.delete(id);
    if (ENDS.has(event.type)) open.clear();
  },
  give: (open): readonly Question[] => [...open.values()],
});
