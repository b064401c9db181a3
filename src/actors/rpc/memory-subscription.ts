import * as z from "zod";
import type { Principal } from "../../domain/execution/principal.ts";
import type { ActorPlace } from "../../domain/memory/entry.ts";
import { MemoryScope } from "../../domain/memory/scope.ts";
import { CarriedCaller, carriedBy, upgradeWith } from "./carried.ts";

/** What a reader of a feed wants: kept in its socket through hibernation. */
export const WantedChanges = z.object({
  scope: MemoryScope.optional(),
  scopeId: z.string().optional(),
  patterns: z.array(z.string()),
  owner: z.string().optional(),
  /** The caller of a conversation's client: messages on its socket are this caller's. */
  chat: CarriedCaller.optional(),
});
export type WantedChanges = z.infer<typeof WantedChanges>;

const Subscription = z.object({
  caller: CarriedCaller,
  place: z.object({
    tenant: z.string(),
    scope: z.union([MemoryScope, z.literal("thread"), z.literal("feed")]),
    owner: z.string(),
    scopeId: z.string(),
  }),
  wanted: WantedChanges,
  /** The last change that it has; absent: only what comes. */
  after: z.number().int().min(0).optional(),
  sinceMs: z.number().optional(),
  /** Whether it answers when it is asked how far it has read. */
  asks: z.boolean(),
});
export type MemorySubscription = z.infer<typeof Subscription>;

export function memorySubscriptionRequest(
  caller: Principal,
  place: ActorPlace,
  wanted: Omit<MemorySubscription, "caller" | "place">,
): Request {
  return upgradeWith("https://memory/watch", { caller, place, ...wanted });
}

export function memorySubscriptionOf(request: Request): MemorySubscription {
  return carriedBy(request, Subscription);
}
