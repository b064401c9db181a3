import * as z from "zod";

export const CATEGORIES = [
  "Action",
  "Adventure",
  "Black Comedy",
  "Comedy",
  "Concert/Performance",
  "Documentary",
  "Drama",
  "Horror",
  "Musical",
  "Romantic Comedy",
  "Thriller/Suspense",
  "Western",
] as const;

const MAX_ATTRIBUTES = 20;

/** A film as the catalog offers it. */
export const CatalogItem = z.strictObject({
  item: z.int().min(1).describe("Its row in the source, counted from 1."),
  title: z.string().min(1).max(300),
  category: z.enum(CATEGORIES),
  attributes: z
    .record(z.string().min(1).max(50), z.string().min(1).max(500))
    .refine((named) => Object.keys(named).length <= MAX_ATTRIBUTES, `at most ${MAX_ATTRIBUTES} attributes`)
    .describe("What is worth knowing, by name: year, director, country, language, themes."),
});
export type CatalogItem = z.infer<typeof CatalogItem>;

/** Where enriched films are kept: those of one tenant, for any caller. */
export interface CatalogItems {
  /** Storing an item again replaces what was stored under its number. */
  upsert(item: CatalogItem): Promise<void>;
  /** By number, strictly after `after`; as they lie in the store, to be parsed as `CatalogItem`. */
  list(page: { readonly after: number; readonly limit: number }): Promise<readonly unknown[]>;
}
