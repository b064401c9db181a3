import * as z from "zod";

/** Where an execution stands. The table below is law: every other file asks it, none repeats it. */
export const Status = z.enum([
  "pending",
  "queued",
  "running",
  "waiting",
  "blocked",
  "paused",
  "succeeded",
  "failed",
  "cancelled",
  "timeout",
]);
export type Status = z.infer<typeof Status>;

export const LEGAL_MOVES: Readonly<Record<Status, readonly Status[]>> = {
  pending: ["queued", "cancelled"],
  queued: ["running", "cancelled"],
  running: ["waiting", "blocked", "paused", "succeeded", "failed", "cancelled", "timeout"],
  waiting: ["running", "paused", "cancelled"],
  blocked: ["running", "paused", "cancelled"],
  paused: ["running", "cancelled"],
  succeeded: [],
  failed: [],
  cancelled: [],
  timeout: [],
};

export function isTerminal(status: Status): boolean {
  return LEGAL_MOVES[status].length === 0;
}

export function mayMove(from: Status, to: Status): boolean {
  return LEGAL_MOVES[from].includes(to);
}

/** Words other systems use for the same statuses; compared case-insensitively. Anything else is refused. */
const ALIASES: ReadonlyMap<string, Status> = new Map([
  ["success", "succeeded"],
  ["successful", "succeeded"],
  ["completed", "succeeded"],
  ["complete", "succeeded"],
  ["done", "succeeded"],
  ["ok", "succeeded"],
  ["error", "failed"],
  ["failure", "failed"],
  ["errored", "failed"],
  ["canceled", "cancelled"],
  ["cancel", "cancelled"],
  ["timed_out", "timeout"],
  ["in_progress", "running"],
  ["processing", "running"],
  ["awaiting_approval", "waiting"],
  ["awaiting_human", "waiting"],
  ["approval_pending", "waiting"],
  ["hold", "paused"],
  ["on_hold", "paused"],
  ["suspended", "paused"],
  ["pause", "paused"],
  ["wait", "queued"],
  ["created", "pending"],
]);

/** Returns the status that a word means; `undefined` when the word means no status. */
export function parseStatus(word: string): Status | undefined {
  const lower = word.trim().toLowerCase();
  const own = Status.safeParse(lower);
  if (own.success) return own.data;
  return ALIASES.get(lower);
}
