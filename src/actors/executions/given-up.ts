import { LruCache } from "../../domain/values/lru-cache.ts";
import { givenUpNow } from "../../engine/journal/storage-trouble.ts";

/** More would be a broken machine and not broken objects. */
const MOST_KEPT = 10_000;

interface GivenUp {
  readonly count: number;
  readonly atMs: number;
}

/** How often in a row this process gave each object up, by the object's id. */
export class GivenUps {
  readonly #objects = new LruCache<string, GivenUp>(MOST_KEPT);

  countOf(object: string): number {
    const known = this.#objects.get(object);
    return known ? givenUpNow(known, Date.now()) : 0;
  }

  note(object: string): void {
    this.#objects.set(object, { count: this.countOf(object) + 1, atMs: Date.now() });
  }

  /** Forgets the count of an object that has written something. */
  clear(object: string): void {
    this.#objects.delete(object);
  }
}
