import { z } from "zod";
import type { Caller } from "../domain/caller.ts";
import { KeyInForce, Scope } from "../domain/caller.ts";

const HEADER = "x-errand-watcher";
const Watcher = z.object({
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
export type Watcher = z.infer<typeof Watcher>;

/** An upgrade request carries no RPC arguments: the caller travels in a header that the router sets and nobody else can. */
export function watchRequest(caller: Caller, wanted: Omit<Watcher, "caller">): Request {
  const headers = { upgrade: "websocket", [HEADER]: JSON.stringify({ caller, ...wanted }) };
  return new Request("https://execution/watch", { headers });
}

export function watcherOf(request: Request): Watcher {
  return Watcher.parse(JSON.parse(request.headers.get(HEADER) ?? "null"));
}
