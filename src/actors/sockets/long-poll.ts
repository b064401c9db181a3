/** How long a call is kept waiting inside the object, which it holds in memory meanwhile: never for long. */
import { isTerminal } from "../../domain/execution/status.ts";
import type { DurableExecution } from "../../engine/execution/durable-execution.ts";

/** A cancel waits this long for children to confirm, then names those that have not. */
const CANCEL_HOLD_MS = 2_000;
const DELIVERY_HOLD_MS = 2_000;
export const LONGEST_HOLD_MS = 1_000;

/** Holds a caller while the program runs; a person's decision is not waited for. */
export async function untilAtRest(execution: DurableExecution, holdMs: number): Promise<void> {
  const until = Date.now() + Math.min(holdMs, LONGEST_HOLD_MS);
  const going = () => {
    const status = execution.state?.status ?? "pending";
    return !isTerminal(status) && status !== "waiting";
  };
  while (going() && Date.now() < until) await execution.nextCommit(until - Date.now());
}

/** Holds what hands a start over while its program runs: what ends at once is one commit. */
export async function untilStored(execution: DurableExecution, holdMs: number): Promise<void> {
  if (!execution.journal.committed) await execution.nextCommit(Math.min(holdMs, LONGEST_HOLD_MS));
}

/** A follower is there when its start is acknowledged; until then only the log of this one knows of it. */
export async function untilDelivered(execution: DurableExecution): Promise<void> {
  const patience = new Promise((resolve) => setTimeout(resolve, DELIVERY_HOLD_MS));
  await Promise.race([execution.deliver(), patience]);
}

export async function untilQuiesced(execution: DurableExecution): Promise<void> {
  const until = Date.now() + CANCEL_HOLD_MS;
  while (execution.pendingAfterCancel().length > 0 && Date.now() < until)
    await execution.nextCommit(until - Date.now());
}
