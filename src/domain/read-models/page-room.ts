/**
 * The room of one page, by count and by bytes of JSON: what reads logs, lists, the inbox or a batch asks it before it puts
 * in one more item. One item alone always fits, so every page goes on.
 */
import { utf8Bytes } from "../values/json-text.ts";

/** A page ends here, unless its first item alone is larger. */
export const PAGE_BYTES = 1_048_576;

export class PageRoom {
  readonly #most: number;
  readonly #mostBytes: number;
  #items = 0;
  #bytes = 0;

  constructor({ items = Number.POSITIVE_INFINITY, bytes = PAGE_BYTES }: { items?: number; bytes?: number } = {}) {
    this.#most = items;
    this.#mostBytes = bytes;
  }

  /** Takes an item of this JSON, and of `more` bytes beside it. False when the page is full: it begins the next one. */
  take(item: unknown, more = 0): boolean {
    const bytes = utf8Bytes(JSON.stringify(item) ?? "") + more;
    const isFull = this.#items >= this.#most || this.#bytes + bytes > this.#mostBytes;
    if (isFull && this.#items > 0) return false;
    this.#items += 1;
    this.#bytes += bytes;
    return true;
  }
}

/** The first of these, as many as one page holds. */
export function firstPage<Item>(items: readonly Item[], most?: { items?: number; bytes?: number }): Item[] {
  const room = new PageRoom(most);
  const end = items.findIndex((item) => !room.take(item));
  return items.slice(0, end < 0 ? items.length : end);
}
