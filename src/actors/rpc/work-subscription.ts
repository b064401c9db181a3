import * as z from "zod";
import type { Principal } from "../../domain/execution/principal.ts";
import { CarriedCaller, carriedBy, upgradeWith } from "./carried.ts";

const Wait = z.object({
  caller: CarriedCaller,
  agentId: z.string(),
  /** The actions that it does now; absent: all that it registered. */
  actions: z.array(z.string()).optional(),
});
export type WorkSubscription = z.infer<typeof Wait>;

/** A poll that waits for work asks the directory for a socket on which it is woken. */
export function workSubscriptionRequest(caller: Principal, wanted: Omit<WorkSubscription, "caller">): Request {
  return upgradeWith("https://nodes/work", { caller, ...wanted });
}

export function workSubscriptionOf(request: Request): WorkSubscription {
  return carriedBy(request, Wait);
}
