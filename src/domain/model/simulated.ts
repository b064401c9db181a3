import type { Event } from "../execution/event.ts";

/** True for a turn that the scripted model answered, which calls no provider. Called by `evolve`. */
export function isSimulated(type: Event["type"], data: object): boolean {
  return saysSimulated(type === "turn.completed" && "output" in data ? data.output : data);
}

/** Whether a reply says so of itself. */
export function saysSimulated(reply: unknown): boolean {
  return typeof reply === "object" && reply !== null && "simulated" in reply && reply.simulated === true;
}
