/** What an execution says to the limiter of one of its queues. It may come twice, and late. */
import type { QueueRef } from "../execution/slot.ts";
import type { Priority } from "./queued-start.ts";

interface Whose {
  readonly to: "limiter";
  readonly tenant: string;
  readonly executionId: string;
  readonly queue: QueueRef;
}

interface AskSlot extends Whose {
  readonly verb: "ask";
  readonly epoch: number;
  readonly owner: string;
  readonly priority?: Priority;
  /** Since when it is queued: its acceptance, also when it goes on after a rest. */
  readonly sinceMs: number;
  /** Executions under limits that stand above it. */
  readonly above: readonly string[];
}

/** It holds and waits for nothing that it asked for under this epoch, or under an earlier one. */
interface GiveSlotBack extends Whose {
  readonly verb: "give_back";
  readonly upToEpoch: number;
}

export type SlotMessage = AskSlot | GiveSlotBack;
