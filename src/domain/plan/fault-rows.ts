/** Refusals that only the decomposition of tasks knows; a part of the table `FAULTS`. */
import { row } from "../values/fault-row.ts";

export const DECOMPOSITION_FAULTS = {
  task_has_subtasks: row(
    409,
    "The task has subtasks that were written",
    "Store a version of the plan in which the task has no subtasks, then decompose it.",
  ),
  decomposition_failed: row(
    502,
    "The task could not be decomposed",
    "Read the execution that is named, or say more about the task and its plan, and send it again.",
  ),
} as const;
