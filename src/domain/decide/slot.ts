/** Slots under concurrency limits: a limiter grants one, and an execution asks anew. Called only by `decide`. */
import type { AskForSlot, GrantSlot } from "../execution/command.ts";
import { ASK_AGAIN_MS } from "../execution/slot.ts";
import { awaitedQueue, wantsSlot } from "../execution/slot-needs.ts";
import type { ExecutionState } from "../execution/state.ts";
import { refuse } from "../values/fault.ts";
import type { Decided } from "./decided.ts";
import { accepted } from "./decided.ts";

/** A limiter hears of a refusal that nothing waits for its slot: it gives the slot to another execution. */
export function grantSlot(state: ExecutionState, { queue, epoch }: GrantSlot): Decided {
  if (!wantsSlot(state, queue, epoch)) return refuse("invalid_state", `no slot of the queue "${queue}" is waited for`);
  if (awaitedQueue(state)?.name !== queue) return accepted();
  return accepted({ type: "slot.granted", data: { queue, epoch } });
}

/** `goes on`: its program, at rest, has something to do by itself. `again`: a limiter may have lost what it was asked. */
export function askForSlot(state: ExecutionState, { why }: AskForSlot, now: number): Decided {
  const isOld = now - state.updatedAtMs >= ASK_AGAIN_MS;
  if (why === "again")
    return isOld && awaitedQueue(state) ? accepted({ type: "slot.requested", data: {} }) : accepted();
  const rests = state.suspended !== undefined || state.status === "waiting";
  return rests && state.slot?.off ? accepted({ type: "execution.resumed", data: { reason: "went_on" } }) : accepted();
}
