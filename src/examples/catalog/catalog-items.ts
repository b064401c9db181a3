import * as z from "zod";
import type { ServiceTexts } from "../../library/index.ts";
import type { CatalogItem, CatalogItems } from "./item.ts";

interface Shelf {
  readonly database: D1Database;
  readonly texts: ServiceTexts;
}

const Row = z.object({ item: z.int(), content: z.string() });
const Content = z.looseObject({});

const UPSERT = `INSERT INTO catalog_items (tenant, item, content) VALUES (?1, ?2, ?3)
  ON CONFLICT (tenant, item) DO UPDATE SET content = excluded.content`;
const PAGE = "SELECT item, content FROM catalog_items WHERE tenant = ?1 AND item > ?2 ORDER BY item LIMIT ?3";

/**
 * The enriched films of one tenant. Their content is sealed for its tenant and row; readable are the row numbers, because a
 * page is read off them in order.
 */
export function catalogItemsOf(tenant: string, { database, texts }: Shelf): CatalogItems {
  const placeOf = (item: number) => `catalog_items ${tenant} ${item}`;
  return {
    upsert: async ({ item, title, category, attributes }: CatalogItem): Promise<void> => {
      const content = texts.seal(JSON.stringify({ title, category, attributes }), placeOf(item));
      await database.prepare(UPSERT).bind(tenant, item, content).run();
    },
    list: async ({ after, limit }) => {
      const { results } = await database.prepare(PAGE).bind(tenant, after, limit).all();
      return results.map((row) => {
        const { item, content } = Row.parse(row);
        return { item, ...Content.parse(JSON.parse(texts.open(content, placeOf(item)))) };
      });
    },
  };
}
