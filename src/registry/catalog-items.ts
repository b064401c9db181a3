/**
 * The enriched films of one tenant. Their content is sealed for its tenant and row; readable are the row numbers, because
 * a page is read off them in order.
 */
import { and, asc, eq, gt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { z } from "zod";
import { catalogItems } from "./schema.ts";
import type { TextSealer } from "./sealed-rows.ts";

const Content = z.object({
  title: z.string(),
  category: z.string(),
  attributes: z.record(z.string(), z.string()),
});
interface Item extends z.infer<typeof Content> {
  readonly item: number;
}

interface Shelf {
  readonly database: D1Database;
  /** Asked when it is needed: it throws while the keys are not in order. */
  readonly sealer: () => TextSealer;
}

export function catalogItemsOf(tenant: string, { database, sealer }: Shelf) {
  const placeOf = (item: number) => `catalog_items ${tenant} ${item}`;
  return {
    /** Storing an item again replaces what was stored under its number. */
    upsert: async ({ item, title, category, attributes }: Item): Promise<void> => {
      const content = sealer().sealText(JSON.stringify({ title, category, attributes }), placeOf(item));
      await drizzle(database)
        .insert(catalogItems)
        .values({ tenant, item, content })
        .onConflictDoUpdate({ target: [catalogItems.tenant, catalogItems.item], set: { content } });
    },
    /** By number, strictly after `after`. */
    list: async ({ after, limit }: { readonly after: number; readonly limit: number }): Promise<Item[]> => {
      const rows = await drizzle(database)
        .select({ item: catalogItems.item, content: catalogItems.content })
        .from(catalogItems)
        .where(and(eq(catalogItems.tenant, tenant), gt(catalogItems.item, after)))
        .orderBy(asc(catalogItems.item))
        .limit(limit);
      return rows.map(({ item, content }) => ({
        item,
        ...Content.parse(JSON.parse(sealer().openText(content, placeOf(item)))),
      }));
    },
  };
}
