/** The way to the actors of memories. */
import type { Principal } from "../domain/execution/principal.ts";
import type { PlacedChange } from "../domain/memory/change.ts";
import type {
  ActorPlace,
  ChangeFilter,
  ChangeQuery,
  EntryPage,
  EntryQuery,
  MemoryEntry,
  RemoveEntry,
  SetEntry,
  SetVector,
  StoredVector,
  VectorMatch,
  VectorQuery,
} from "../domain/memory/entry.ts";
import type { MemoryPlace } from "../domain/memory/scope.ts";
import type { Result } from "../domain/values/fault.ts";

/** Which vectors are removed. */
export type VectorsNamed = { readonly key: string } | { readonly prefix: string };

/** Changes that a reader of a socket wants. */
export interface WantedFeed {
  readonly wanted: ChangeFilter;
  /** The last change that it has, or an instant; neither: only what comes. */
  readonly after?: number | undefined;
  readonly sinceMs?: number | undefined;
  /** Whether it answers when it is asked how far it has read. */
  readonly asks: boolean;
}

export interface MemoryClient {
  set(caller: Principal, place: MemoryPlace, write: SetEntry): Promise<Result<MemoryEntry>>;
  /** `null` for a key that is not there. */
  get(caller: Principal, place: MemoryPlace, key: string): Promise<Result<MemoryEntry | null>>;
  /** Whether there was something to remove. */
  remove(caller: Principal, place: MemoryPlace, write: RemoveEntry): Promise<Result<boolean>>;
  list(caller: Principal, place: MemoryPlace, query: EntryQuery): Promise<Result<EntryPage>>;
  setVector(caller: Principal, place: MemoryPlace, write: SetVector): Promise<Result<null>>;
  getVector(caller: Principal, place: MemoryPlace, key: string): Promise<Result<StoredVector | null>>;
  /** How many were removed. */
  removeVectors(caller: Principal, place: MemoryPlace, which: VectorsNamed): Promise<Result<number>>;
  search(caller: Principal, place: MemoryPlace, query: VectorQuery): Promise<Result<VectorMatch[]>>;
  changes(caller: Principal, place: ActorPlace, query: ChangeQuery): Promise<Result<PlacedChange[]>>;
  /** The actor's own socket (101), or the refusal in its place. */
  stream(caller: Principal, place: ActorPlace, feed: WantedFeed): Promise<Response>;
}
