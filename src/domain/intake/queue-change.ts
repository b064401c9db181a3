/** What an operator changes of a queue's rule: one part, so that two who change it at once both count. */
import type { QueueRule } from "./slot-book.ts";

export interface QueueChange {
  /** `null`: as the definition says. */
  readonly limit?: number | null;
  readonly paused?: boolean;
}

/** The rule after the change; nothing where it says nothing any more. */
export function changedRule(rule: QueueRule | undefined, change: QueueChange): QueueRule | undefined {
  const limit = change.limit === undefined ? rule?.limit : (change.limit ?? undefined);
  const paused = change.paused ?? rule?.paused;
  if (limit === undefined && paused !== true) return undefined;
  return { ...(limit === undefined ? {} : { limit }), ...(paused === true ? { paused } : {}) };
}
