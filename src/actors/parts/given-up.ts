import { givenUpNow } from "../../engine/storage-trouble.ts";

/** More would be a broken machine and not broken objects. */
const MOST_KEPT = 10_000;

interface GivenUp {
  readonly count: number;
  readonly atMs: number;
}

/** How often in a row this process gave each object up, by the object's id. */
export class GivenUps {
  readonly #objects = new Map<string, GivenUp>();

  countOf(object: string): number {
    const known = this.#objects.get(object);
    return known ? givenUpNow(known, Date.now()) : 0;
  }

  note(object: string): void {
    const count = this.countOf(object) + 1;
    this.#objects.delete(object);
    this.#objects.set(object, { count, atMs: Date.now() });
    const [oldest] = this.#objects.keys();
    if (this.#objects.size > MOST_KEPT && oldest !== undefined) this.#objects.delete(oldest);
  }

  /** It has written something. */
  clear(object: string): void {
    this.#objects.delete(object);
  }
}
