import * as z from "zod";
import type { Principal } from "../../domain/execution/principal.ts";
import { CarriedCaller, carriedBy, upgradeWith } from "./carried.ts";

const Subscription = z.object({
  caller: CarriedCaller,
  after: z.number().int().min(0),
  /** Whether it wants the text of turns while it is written. */
  deltas: z.boolean(),
  /** Whether it takes several events in one frame. */
  batches: z.boolean().default(false),
});
export type Subscription = z.infer<typeof Subscription>;

export function subscriptionRequest(caller: Principal, wanted: Omit<Subscription, "caller">): Request {
  return upgradeWith("https://execution/watch", { caller, ...wanted });
}

export function subscriptionOf(request: Request): Subscription {
  return carriedBy(request, Subscription);
}
