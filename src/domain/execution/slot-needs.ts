/** Which slots an execution needs now, and which it holds: read off its state. */
import type { QueueRef } from "./slot.ts";
import type { ExecutionState } from "./state.ts";

type Slotted = Pick<ExecutionState, "origin" | "slot">;

/** The queue whose slot it waits for; `undefined` when it holds all that it needs, is at rest, or is under no limit. */
export function awaitedQueue({ origin, slot }: Slotted): QueueRef | undefined {
  return slot && !slot.off ? origin.queues?.[slot.held] : undefined;
}

/** It is under a limit and may do nothing now: it waits for a slot, or is at rest and has given its slots back. */
export function lacksSlot({ origin, slot }: Slotted): boolean {
  return slot !== undefined && (slot.off === true || slot.held < (origin.queues?.length ?? 0));
}

/** Whether it holds, or is about to be told that it holds, the slot of a queue that it asked for under this epoch. */
export function wantsSlot({ origin, slot }: Slotted, queue: string, epoch: number): boolean {
  if (!slot || slot.off || slot.epoch !== epoch) return false;
  const at = origin.queues?.findIndex(({ name }) => name === queue) ?? -1;
  return at >= 0 && at <= slot.held;
}

/** Executions under limits that stand above a child, nearest last: it may share the slot of one of them. */
export function limitedAbove({ origin }: Pick<ExecutionState, "origin">): { readonly limitedAbove?: string[] } {
  const above = [...(origin.limitedAbove ?? []), ...(origin.queues ? [origin.id] : [])];
  return above.length === 0 ? {} : { limitedAbove: above };
}
