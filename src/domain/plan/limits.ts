/** What one plan may hold at most. What a plan takes in a body is bounded by `BODY_BYTES.start` beside this. */
export const PLAN_LIMITS = {
  phases: 500,
  tasks: 5_000,
  /** Of all tasks of a plan together. */
  subtasks: 10_000,
  /** That one task or subtask names. */
  prerequisites: 1_000,
  alternatives: 10,
  criteria: 50,
  goalLength: 2_000,
  textLength: 500,
  descriptionLength: 20_000,
  versions: 1_000,
} as const;
