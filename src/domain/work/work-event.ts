import type { Event } from "../execution/event.ts";
import { WORK_DATA } from "../execution/events/work.ts";

export type WorkEvent = Extract<Event, { type: keyof typeof WORK_DATA }>;

/** An event of an execution of a plan. */
export function isOfWork(event: Event): event is WorkEvent {
  return Object.hasOwn(WORK_DATA, event.type);
}
