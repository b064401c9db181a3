/** What happened to a key, as it is stored and as readers of the feed get it. */
import * as z from "zod";
import { Json } from "../values/json.ts";
import type { EntryPlace } from "./scope.ts";
import { isRecordPlace, MemoryScope } from "./scope.ts";

/** Who wrote: what the caller said of itself. */
export const Writer = z.object({
  agentId: z.string().optional(),
  actorId: z.string().optional(),
  workflowId: z.string().optional(),
  executionId: z.string().optional(),
  /** Subject of the key. */
  subject: z.string().optional(),
});
export type Writer = z.infer<typeof Writer>;

export const MemoryChange = z.object({
  scope: MemoryScope,
  scopeId: z.string(),
  owner: z.string(),
  key: z.string(),
  action: z.enum(["set", "delete"]),
  data: Json.optional(),
  previous: Json.optional(),
  /** Values that are too large for the feed: read them from the memory. */
  omitted: z.array(z.enum(["data", "previous"])).optional(),
  /** Its time was over. */
  expired: z.boolean().optional(),
  by: Writer,
  atMs: z.number(),
});
export type MemoryChange = z.infer<typeof MemoryChange>;

/** A change at its place in one feed. */
export interface PlacedChange {
  readonly seq: number;
  readonly change: MemoryChange;
}

/** In UTF-16 units of JSON: one row holds both values, and the platform takes 2 MB a row. */
const MOST_IN_FEED = 200_000;

interface Values {
  readonly data?: string | undefined;
  readonly previous?: string | undefined;
}

/** Values of a change as JSON, those left out that are too large. */
export function valuesInFeed(values: Values): Pick<MemoryChange, "data" | "previous" | "omitted"> {
  const names = (["data", "previous"] as const).filter((name) => values[name] !== undefined);
  const omitted = names.filter((name) => (values[name] ?? "").length > MOST_IN_FEED);
  const kept = names.filter((name) => !omitted.includes(name));
  return {
    ...Object.fromEntries(kept.map((name) => [name, JSON.parse(values[name] ?? "null") as Json])),
    ...(omitted.length > 0 ? { omitted } : {}),
  };
}

type Said = Pick<MemoryChange, "key" | "by" | "atMs"> & { readonly data: string | undefined };

/** That a key has this value. Nothing is told of records. */
export function assignment(
  place: EntryPlace,
  { key, data, previous, by, atMs }: Said & { readonly previous: string | undefined },
): MemoryChange[] {
  if (isRecordPlace(place)) return [];
  const { scope, scopeId, owner } = place;
  return [{ scope, scopeId, owner, key, action: "set", ...valuesInFeed({ data, previous }), by, atMs }];
}

/** That a key with this value, as JSON, is there no longer. */
export function removal(place: EntryPlace, { key, data, by, atMs }: Said): MemoryChange[] {
  if (isRecordPlace(place)) return [];
  const { scope, scopeId, owner } = place;
  return [{ scope, scopeId, owner, key, action: "delete", ...valuesInFeed({ previous: data }), by, atMs }];
}
