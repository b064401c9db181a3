/** Scopes of memory: whose it is, and in which order a key is looked for. */
import * as z from "zod";

export const MemoryScope = z.enum(["workflow", "session", "actor", "global"]);
export type MemoryScope = z.infer<typeof MemoryScope>;

/** The nearest first: a key without a scope is read from the first that has it, and written to the first that is named. */
const SEARCH_ORDER: readonly MemoryScope[] = MemoryScope.options;

const GLOBAL_ID = "global";

/** One memory. The global one is its tenant's, any other belongs to one owner: two owners' sessions of one name are two. */
export interface MemoryPlace {
  readonly tenant: string;
  readonly scope: MemoryScope;
  /** Subject of its owner; empty for the global one. */
  readonly owner: string;
  readonly scopeId: string;
}

/**
 * What Errand keeps for agents with roles: plans, threads of conversations, references. No caller names such a place, no memory
 * lists it, and no feed tells of it.
 */
export const RecordScope = z.enum(["plan", "thread", "reference"]);
export type RecordScope = z.infer<typeof RecordScope>;

export interface RecordPlace {
  readonly tenant: string;
  readonly scope: RecordScope;
  readonly owner: string;
  readonly scopeId: string;
}

/** Where keys have values. */
export type EntryPlace = MemoryPlace | RecordPlace;

export function isRecordPlace(place: { readonly scope: string }): place is RecordPlace {
  return RecordScope.safeParse(place.scope).success;
}

/** Ids of the scopes that a caller named, by header or in another way. */
export type ScopeIds = Readonly<Partial<Record<MemoryScope, string | undefined>>>;

/** The memory of this scope, or `undefined` when the caller named none. */
export function placeIn(
  whose: Pick<MemoryPlace, "tenant" | "owner">,
  scope: MemoryScope,
  ids: ScopeIds,
): MemoryPlace | undefined {
  if (scope === "global") return { tenant: whose.tenant, scope, owner: "", scopeId: GLOBAL_ID };
  const scopeId = ids[scope];
  return scopeId === undefined ? undefined : { ...whose, scope, scopeId };
}

/** The memories that are named, the nearest first. The last one is the global one. */
export function placesOf(whose: Pick<MemoryPlace, "tenant" | "owner">, ids: ScopeIds): MemoryPlace[] {
  return SEARCH_ORDER.flatMap((scope) => placeIn(whose, scope, ids) ?? []);
}
