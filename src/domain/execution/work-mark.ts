/** What the state of an execution of a plan says of it. A part of `state.ts`. */
import * as z from "zod";

export const Lapse = z.object({ agent: z.string(), subtask: z.string(), atMs: z.number() });
export type Lapse = z.infer<typeof Lapse>;

export const WorkMark = z.object({
  /** Parts of the plan in the log, and how many are there. */
  parts: z.number().int(),
  loaded: z.number().int(),
  tasks: z.number().int(),
  subtasks: z.number().int(),
  tasksCompleted: z.number().int(),
  subtasksCompleted: z.number().int(),
  /** Agents that have not heard yet that it was paused or cancelled. */
  stop: z.object({ what: z.enum(["pause", "cancel"]), agents: z.array(z.string()) }).optional(),
  /** Leases that ended without a word of their agent, which was not heard of since; the newest last. */
  lapses: z.array(Lapse).optional(),
  /** Subtasks that were begun in the execution that this one follows; a person is asked about them before anything is given out. */
  doubted: z.array(z.string()).optional(),
  /** It failed, and a person is done with that. */
  dismissed: z.literal(true).optional(),
});
export type WorkMark = z.infer<typeof WorkMark>;
