/** The way to the actors of memories. */
import type { Principal } from "../../domain/execution/principal.ts";
import type { PlacedChange } from "../../domain/memory/change.ts";
import type { ActorPlace, ChangeFilter, ChangeQuery, StoredVector } from "../../domain/memory/entry.ts";
import type { MemoryVerbs } from "../../domain/memory/memory-verbs.ts";
import type { MemoryPlace, RecordPlace } from "../../domain/memory/scope.ts";
import type { Result } from "../../domain/values/fault.ts";

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

/** What a client of a conversation wants: what comes after this event, or the thread first. */
interface WantedChat {
  readonly after?: number | undefined;
  readonly asks: boolean;
}

/** Each verb with its caller first. */
type OnBehalf<Verbs> = {
  [V in keyof Verbs]: Verbs[V] extends (...given: infer Given) => infer Answer
    ? (caller: Principal, ...given: Given) => Answer
    : never;
};

export interface MemoryClient extends OnBehalf<MemoryVerbs> {
  getVector(caller: Principal, place: MemoryPlace, key: string): Promise<Result<StoredVector | null>>;
  removeVectors(caller: Principal, place: MemoryPlace, which: VectorsNamed): Promise<Result<number>>;
  changes(caller: Principal, place: ActorPlace, query: ChangeQuery): Promise<Result<PlacedChange[]>>;
  /** A socket of the conversation whose thread this is (101), or the refusal in its place. */
  chat(caller: Principal, place: RecordPlace, wanted: WantedChat): Promise<Response>;
  /** The actor's own socket (101), or the refusal in its place. */
  stream(caller: Principal, place: ActorPlace, feed: WantedFeed): Promise<Response>;
}
