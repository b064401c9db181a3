/** The way from a program to memory. A refusal is a value; a call rejects when the memory cannot be reached. */
import type {
  EntryPage,
  EntryQuery,
  MemoryEntry,
  RemoveEntry,
  SetEntry,
  SetVector,
  VectorMatch,
  VectorQuery,
} from "../domain/memory/entry.ts";
import type { MemoryPlace } from "../domain/memory/scope.ts";
import type { Result } from "../domain/values/fault.ts";

export interface MemoryPort {
  set(place: MemoryPlace, write: SetEntry): Promise<Result<MemoryEntry>>;
  get(place: MemoryPlace, key: string): Promise<Result<MemoryEntry | null>>;
  remove(place: MemoryPlace, write: RemoveEntry): Promise<Result<boolean>>;
  list(place: MemoryPlace, query: EntryQuery): Promise<Result<EntryPage>>;
  setVector(place: MemoryPlace, write: SetVector): Promise<Result<null>>;
  removeVectors(place: MemoryPlace, which: { readonly key: string }): Promise<Result<number>>;
  search(place: MemoryPlace, query: VectorQuery): Promise<Result<VectorMatch[]>>;
}
