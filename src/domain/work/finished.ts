/** Subtasks that are complete in the execution that another one follows: it takes them over, and does not have them done again. */
import type { NewEvent } from "../execution/event.ts";
import type { Json } from "../values/json.ts";

interface FinishedSubtask {
  readonly subtask: string;
  /** Absent also where all outputs together are too large to go along: it is read from the execution that is followed. */
  readonly output?: Json;
  readonly message?: string;
}

export interface FinishedSubtasks {
  /** The execution in which they were done. */
  readonly from: string;
  /** Who restarted it. */
  readonly by: string;
  readonly subtasks: readonly FinishedSubtask[];
  /** Begun there, without a report of its end: it may have happened. */
  readonly doubted: readonly string[];
}

/** The events with which they stand in the log of the one that follows. */
export function takenOver(finished: FinishedSubtasks | undefined): NewEvent[] {
  if (!finished) return [];
  const { from, by, subtasks } = finished;
  return subtasks.map((one) => ({ type: "subtask.completed", data: { ...one, by, takenFrom: from } }));
}
