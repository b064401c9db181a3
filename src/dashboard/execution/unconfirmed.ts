/** Who has not confirmed a cancel yet, out of the log: children that were begun and whose end it has not. Pure. */
import { grownWithEvents } from "./prefix.ts";

export interface Unconfirmed {
  readonly id: string;
  readonly target: string;
}

export const unconfirmedIn = grownWithEvents({
  begin: () => new Map<string, Unconfirmed>(),
  read: (open, event) => {
    if (event.type === "child.started")
      open.set(event.data.childId, { id: event.data.childId, target: event.data.target });
    if (event.type === "child.finished") open.delete(event.data.childId);
  },
  give: (open): readonly Unconfirmed[] => [...open.values()],
});
