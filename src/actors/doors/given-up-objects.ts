import { isGivenUp } from "../../domain/fault.ts";
import type { ExecutionDoor } from "../../operations/ports.ts";

/** What reads, and what finds itself done when it comes again, is asked once more: the next object reads the disk. */
async function onceMore<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isGivenUp(error)) throw error;
    return ask();
  }
}

/** The door whose reads and starts hear nothing of an object that is given up in the middle of them. */
export function withNextObject(door: ExecutionDoor): ExecutionDoor {
  return {
    ...door,
    start: (...asked) => onceMore(() => door.start(...asked)),
    view: (...asked) => onceMore(() => door.view(...asked)),
    events: (...asked) => onceMore(() => door.events(...asked)),
    effects: (...asked) => onceMore(() => door.effects(...asked)),
    approvals: (...asked) => onceMore(() => door.approvals(...asked)),
    member: (...asked) => onceMore(() => door.member(...asked)),
    invariants: (...asked) => onceMore(() => door.invariants(...asked)),
    archive: (...asked) => onceMore(() => door.archive(...asked)),
    stream: (...asked) => onceMore(() => door.stream(...asked)),
  };
}
