/**
 * What programs ask of a memory, and what callers over HTTP ask of it with more beside. A refusal is a value; a call rejects
 * when the memory cannot be reached.
 */

import type { Result } from "../values/fault.ts";
import type {
  EntryPage,
  EntryQuery,
  MemoryEntry,
  RemoveEntry,
  SetEntry,
  SetVector,
  VectorMatch,
  VectorQuery,
} from "./entry.ts";
import type { EntryPlace, MemoryPlace } from "./scope.ts";

export interface MemoryVerbs {
  set(place: EntryPlace, write: SetEntry): Promise<Result<MemoryEntry>>;
  /** `null` for a key that is not there. */
  get(place: EntryPlace, key: string): Promise<Result<MemoryEntry | null>>;
  /** Whether there was something to remove. */
  remove(place: EntryPlace, write: RemoveEntry): Promise<Result<boolean>>;
  list(place: EntryPlace, query: EntryQuery): Promise<Result<EntryPage>>;
  setVector(place: MemoryPlace, write: SetVector): Promise<Result<null>>;
  /** How many were removed. */
  removeVectors(place: MemoryPlace, which: { readonly key: string }): Promise<Result<number>>;
  search(place: MemoryPlace, query: VectorQuery): Promise<Result<VectorMatch[]>>;
}
