/**
 * The goods of one tenant's shop, in tables of the examples' database. A price is set in one transaction with the row that
 * tells of it, once for each idempotency key, so a call that comes again changes nothing.
 */
import * as z from "zod";

export const Product = z.object({
  sku: z.string(),
  name: z.string(),
  category: z.string(),
  cents: z.int(),
  sold: z.boolean(),
});
export type Product = z.infer<typeof Product>;

export interface PriceChange {
  readonly sku: string;
  readonly before_cents: number;
  readonly after_cents: number;
}

export interface Products {
  /** Products whose name, category or sku contains the text; all of them for an empty one. */
  find(text: string): Promise<Product[]>;
  /** `undefined` where there is no such product. */
  setPrice(change: {
    readonly sku: string;
    readonly cents: number;
    readonly key: string;
  }): Promise<PriceChange | undefined>;
  /** Takes it out of the shop. Whether it was there. */
  discontinue(sku: string): Promise<boolean>;
}

const GOODS = [
  ["tea-green", "Green tea", "tea", 490],
  ["tea-black", "Black tea", "tea", 450],
  ["tea-white", "White tea", "tea", 690],
  ["pot-iron", "Iron pot", "pots", 3_900],
  ["mug", "Mug", "pots", 1_200],
] as const;
const MOST_FOUND = 50;

const STOCK =
  "INSERT OR IGNORE INTO shop_products (tenant, sku, name, category, cents, sold) VALUES (?1, ?2, ?3, ?4, ?5, 1)";
const FIND = `SELECT sku, name, category, cents, sold FROM shop_products
  WHERE tenant = ?1 AND (instr(lower(name), ?2) OR instr(category, ?2) OR instr(sku, ?2)) ORDER BY sku LIMIT ${MOST_FOUND}`;
const NOTE_CHANGE = `INSERT OR IGNORE INTO shop_price_changes (tenant, idempotency_key, sku, before_cents, after_cents)
  SELECT tenant, ?3, sku, cents, ?4 FROM shop_products WHERE tenant = ?1 AND sku = ?2`;
/** Right after the note: where that was there already nothing is set, though others may have changed the price since. */
const SET_PRICE = "UPDATE shop_products SET cents = ?3 WHERE tenant = ?1 AND sku = ?2 AND changes() = 1";
const CHANGE = `SELECT sku, before_cents, after_cents FROM shop_price_changes WHERE tenant = ?1 AND idempotency_key = ?2`;
const DISCONTINUE = "UPDATE shop_products SET sold = 0 WHERE tenant = ?1 AND sku = ?2";

const Change = z.object({ sku: z.string(), before_cents: z.int(), after_cents: z.int() });
const Row = z.object({ ...Product.shape, sold: z.number() });

export function productsOf(tenant: string, database: D1Database): Products {
  /** A tenant's shop begins with these goods. */
  const stock = () => GOODS.map((good) => database.prepare(STOCK).bind(tenant, ...good));
  return {
    find: async (text) => {
      const found = database.prepare(FIND).bind(tenant, text.toLowerCase());
      const results = await database.batch([...stock(), found]);
      return (results.at(-1)?.results ?? []).map((row) => {
        const { sold, ...product } = Row.parse(row);
        return { ...product, sold: sold === 1 };
      });
    },
    setPrice: async ({ sku, cents, key }) => {
      const results = await database.batch([
        ...stock(),
        database.prepare(NOTE_CHANGE).bind(tenant, sku, key, cents),
        database.prepare(SET_PRICE).bind(tenant, sku, cents),
        database.prepare(CHANGE).bind(tenant, key),
      ]);
      const [row] = results.at(-1)?.results ?? [];
      return row === undefined ? undefined : Change.parse(row);
    },
    discontinue: async (sku) => {
      const results = await database.batch([...stock(), database.prepare(DISCONTINUE).bind(tenant, sku)]);
      return (results.at(-1)?.meta.changes ?? 0) > 0;
    },
  };
}
