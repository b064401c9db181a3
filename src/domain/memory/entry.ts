/** What is asked of one memory, and what it answers. Values travel as JSON texts: no reader on the way changes them. */
import * as z from "zod";
import type { MemoryChange } from "./change.ts";
import { Writer } from "./change.ts";
import type { Metadata } from "./filters.ts";
import type { EntryPlace } from "./scope.ts";

/** Where the changes of all memories of a tenant come together. */
export interface TenantFeedPlace {
  readonly tenant: string;
  readonly scope: "feed";
  readonly owner: "";
  readonly scopeId: "";
}
export type ActorPlace = EntryPlace | TenantFeedPlace;

export function tenantFeed(tenant: string): TenantFeedPlace {
  return { tenant, scope: "feed", owner: "", scopeId: "" };
}

/** A key with its value, as it is stored. */
export const MemoryEntry = z.object({
  key: z.string(),
  /** JSON. */
  data: z.string(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  expiresAtMs: z.number().optional(),
  by: Writer,
});
export type MemoryEntry = z.infer<typeof MemoryEntry>;

/** Says that a write is one that may come again: the same id with the same content is done once. */
export interface WriteOnce {
  readonly id: string;
  readonly digest: string;
}

interface Written {
  readonly key: string;
  readonly by: Writer;
  readonly once?: WriteOnce | undefined;
}

export interface SetEntry extends Written {
  /** JSON. */
  readonly data: string;
  readonly ttlMs?: number | undefined;
  /** Written only where the value is this one, as canonical JSON; `null`: where there is none. */
  readonly expects?: string | null | undefined;
}
export type RemoveEntry = Written;

export interface EntryQuery {
  readonly limit: number;
  /** The cursor of the page before. */
  readonly after: string | undefined;
}
export interface EntryPage {
  readonly entries: readonly MemoryEntry[];
  readonly nextCursor: string | null;
}

export interface StoredVector {
  readonly key: string;
  readonly embedding: Float32Array;
  readonly metadata: Metadata;
}
export interface SetVector extends StoredVector {
  readonly once?: WriteOnce | undefined;
}
export interface VectorQuery {
  readonly embedding: Float32Array;
  readonly topK: number;
  readonly filters: Metadata;
}
export interface VectorMatch {
  readonly key: string;
  readonly score: number;
  readonly metadata: Metadata;
}

/** Which changes a reader of a feed wants, and may see. */
export interface ChangeFilter {
  readonly scope?: string | undefined;
  readonly scopeId?: string | undefined;
  readonly patterns: readonly string[];
  /** Only changes of this owner's memories and of the global one; without it of all. */
  readonly owner?: string | undefined;
}

/** From a place in the feed, from an instant, or, without either, the newest. */
export interface ChangeQuery extends ChangeFilter {
  readonly after?: number | undefined;
  readonly sinceMs?: number | undefined;
  readonly limit: number;
}

/** Changes of one memory on their way to the feed of its tenant; the first one's place in the memory's own feed. */
export interface ForwardedChanges {
  readonly source: string;
  readonly changes: readonly { readonly seq: number; readonly change: MemoryChange }[];
}
