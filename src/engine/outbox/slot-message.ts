/** What an execution asks of a limiter, read off its state when the message leaves: a repetition says what is so now. */
import type { ExecutionState } from "../../domain/execution/state.ts";
import type { SlotMessage } from "../../domain/intake/slot-message.ts";

/** `undefined` when it holds the slot of that queue, or is under no such limit. */
export function slotMessage({ origin, slot, createdAtMs }: ExecutionState, place: number): SlotMessage | undefined {
  const queue = origin.queues?.[place];
  if (!queue || !slot) return undefined;
  const whose = { to: "limiter", tenant: origin.tenant, executionId: origin.id, queue } as const;
  if (slot.off) return { ...whose, verb: "give_back", upToEpoch: slot.epoch };
  if (place > slot.held) return { ...whose, verb: "give_back", upToEpoch: slot.epoch - 1 };
  if (place < slot.held) return undefined;
  return {
    ...whose,
    verb: "ask",
    epoch: slot.epoch,
    owner: origin.owner,
    sinceMs: createdAtMs,
    above: origin.limitedAbove ?? [],
    ...(origin.priority === undefined ? {} : { priority: origin.priority }),
  };
}
