/**
 * Where one subtask of an execution stands: a row beside the log, read by key. What the subtask asks for is in the plan; what an
 * agent brought is in a row of its own, because it may be large.
 *
 * - `queued`: it waits for its prerequisites, or is ready. `leased`: an agent has it and has not begun. `started`: it has.
 * - `awaiting`: begun, and waits for the outside. `delayed`: it failed and is ready again at `retryAtMs`.
 * - `decomposing`: it is a task without subtasks, and is taken apart.
 * - `blocked`: a person decides. `complete`, `skipped`, `error`: over.
 */
import * as z from "zod";
import { Json } from "../values/json.ts";

export const SubtaskStatus = z.enum([
  "queued",
  "leased",
  "started",
  "awaiting",
  "delayed",
  "decomposing",
  "blocked",
  "complete",
  "error",
  "skipped",
]);
export type SubtaskStatus = z.infer<typeof SubtaskStatus>;

export const Params = z.record(z.string(), Json);

const Lease = z.object({
  id: z.string(),
  agent: z.string(),
  grantedAtMs: z.number(),
  deadlineMs: z.number(),
  /** The subtask's own timeout: no renewal goes beyond it. */
  limitMs: z.number(),
  /** It may be done twice. */
  idempotent: z.boolean(),
});
const Block = z.object({
  gateId: z.string(),
  sinceMs: z.number(),
  /** It blocks the execution as a whole. */
  blocking: z.boolean(),
  why: z.string(),
  options: z.array(z.string()),
  suggestions: z.array(z.string()).optional(),
  /** The subject that is asked; absent: the owner. */
  assignee: z.string().optional(),
  /** How often a person had another one asked. */
  handedOn: z.number().int().optional(),
});

export const SubtaskState = z.object({
  id: z.string(),
  status: SubtaskStatus,
  /** Counts from 1; grows when it is tried again by its retry policy. */
  attempt: z.number().int(),
  /** Of its newest lease; 0 before the first. */
  epoch: z.number().int(),
  lease: Lease.optional(),
  blocked: Block.optional(),
  /** The execution that takes it apart. */
  childId: z.string().optional(),
  /** That execution waits for a person. */
  childWaits: z.literal(true).optional(),
  /** Why it was not taken apart. */
  undecomposed: z.string().optional(),
  startedAtMs: z.number().optional(),
  completedAtMs: z.number().optional(),
  retryAtMs: z.number().optional(),
  error: z.string().optional(),
  errorType: z.string().optional(),
  /** What a person chose instead of the plan's action. */
  instead: z.object({ action: z.string(), params: Params }).optional(),
  /** Agents whose lease ended without a word, the newest last. */
  lapses: z.array(z.string()).optional(),
  /** What its agent said last of how far it is. */
  progress: z.string().optional(),
  /** What was said of its end; for the context of those that follow. */
  outcome: z.string().optional(),
});
export type SubtaskState = z.infer<typeof SubtaskState>;

/** So much of a text is kept in a row. */
export const ROW_TEXT = 500;

export const NEW_SUBTASK = { status: "queued", attempt: 1, epoch: 0 } as const;

/** What waits for it may go on. */
export function isDone({ status }: Pick<SubtaskState, "status">): boolean {
  return status === "complete" || status === "skipped";
}

/** An agent works at it, or is about to. */
export function isHeld({ status }: Pick<SubtaskState, "status">): boolean {
  return status === "leased" || status === "started" || status === "awaiting";
}
