import type { CatalogItem, CatalogItems } from "../../../src/examples/catalog/item.ts";

/** The catalog's rows in memory; every upsert is counted. */
export class MemoryCatalogItems implements CatalogItems {
  readonly rows = new Map<number, CatalogItem>();
  upserts = 0;

  async upsert(item: CatalogItem): Promise<void> {
    this.upserts += 1;
    this.rows.set(item.item, item);
  }

  async list({ after, limit }: Parameters<CatalogItems["list"]>[0]): Promise<readonly CatalogItem[]> {
    const later = [...this.rows.values()].filter(({ item }) => item > after);
    return later.toSorted((one, other) => one.item - other.item).slice(0, limit);
  }
}
