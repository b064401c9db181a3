/** Who has not confirmed a cancel yet, out of the log: children that were begun and whose end it has not. Pure. */
import { keptByEvents } from "./prefix.ts";

export interface Unconfirmed {
  readonly id: string;
  readonly target: string;
}

export const unconfirmedIn = keptByEvents((events): readonly Unconfirmed[] => {
  const open = new Map<string, Unconfirmed>();
  for (const event of events) {
    if (event.type === "child.started")
      open.set(event.data.childId, { id: event.data.childId, target: event.data.target });
    if (event.type === "child.finished") open.delete(event.data.childId);
  }
  return [...open.values()];
});
