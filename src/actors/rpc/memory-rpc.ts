/** What a `MemoryActor` answers over RPC. Every method takes the caller first, and the memory that is meant. */
import type { Principal } from "../../domain/execution/principal.ts";
import type { ActorPlace, ForwardedChanges } from "../../domain/memory/entry.ts";
import type { Result } from "../../domain/values/fault.ts";
import type { MemoryClient } from "../../operations/memory/ports.ts";

export interface MemoryRpc extends Omit<MemoryClient, "stream" | "chat"> {
  /** A memory tells its tenant's feed. Returns up to which of its changes the feed has them. */
  forward(caller: Principal, place: ActorPlace, forwarded: ForwardedChanges): Promise<Result<number>>;
}
