import { z } from "zod";
import type { Principal } from "../domain/execution/principal.ts";
import { KeyInForce, Scope } from "../domain/execution/principal.ts";

const HEADER = "x-errand-watcher";
const Subscription = z.object({
  caller: z.object({
    tenant: z.string(),
    subject: z.string(),
    scopes: z.array(Scope),
    masked: z.boolean().optional(),
    expiresAtMs: z.number().optional(),
    key: KeyInForce.optional(),
  }),
  after: z.number().int().min(0),
  /** Whether it wants the text of turns while it is written. */
  deltas: z.boolean(),
  /** Whether it takes several events in one frame. */
  batches: z.boolean().default(false),
});
export type Subscription = z.infer<typeof Subscription>;

/** An upgrade request carries no RPC arguments: the caller travels in a header that only the router can set. */
export function subscriptionRequest(caller: Principal, wanted: Omit<Subscription, "caller">): Request {
  const headers = { upgrade: "websocket", [HEADER]: JSON.stringify({ caller, ...wanted }) };
  return new Request("https://execution/watch", { headers });
}

export function subscriptionOf(request: Request): Subscription {
  return Subscription.parse(JSON.parse(request.headers.get(HEADER) ?? "null"));
}
