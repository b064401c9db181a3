/**
 * How much each execution of one process has taken in since it was loaded: characters that it appended, and characters that
 * were read for its program. The process keeps one book for all its objects (`opening.ts`); an execution sees its own page
 * through the port `Growth`.
 *
 * An isolate has no other measure: what a program allocates by itself stands in no book.
 */

/** An eighth of what an isolate has. Less is no reason why one should die. */
export const LEAST_GROWTH = 16_777_216;
/** What was taken in before that is garbage, or its object is gone. */
const FORGOTTEN_MS = 600_000;

/** The page of one execution, as it sees it. */
export interface Growth {
  grew(characters: number): void;
  /** Another execution here has taken in twice as much as all others together. */
  isOutgrown(): boolean;
}

interface Page {
  readonly characters: number;
  readonly atMs: number;
}

export class Growths {
  /** By object; the one that grew last is last. */
  readonly #pages = new Map<string, Page>();
  #total = 0;
  /** The one with most characters. */
  #largest = "";

  /** An empty page: the object was loaded this moment. */
  pageOf(object: string, now: () => number): Growth {
    this.#forget(object);
    return {
      grew: (characters) => this.#grew(object, characters, now()),
      isOutgrown: () => {
        const characters = this.#of(this.#largest);
        return this.#largest !== object && characters >= LEAST_GROWTH && characters * 3 >= this.#total * 2;
      },
    };
  }

  #grew(object: string, more: number, atMs: number): void {
    const characters = this.#of(object) + more;
    this.#pages.delete(object);
    this.#pages.set(object, { characters, atMs });
    this.#total += more;
    if (characters > this.#of(this.#largest)) this.#largest = object;
    for (const [oldest, page] of this.#pages) {
      if (atMs - page.atMs < FORGOTTEN_MS) break;
      this.#forget(oldest);
    }
  }

  #of(object: string): number {
    return this.#pages.get(object)?.characters ?? 0;
  }

  #forget(object: string): void {
    this.#total -= this.#of(object);
    this.#pages.delete(object);
    if (object !== this.#largest) return;
    this.#largest = "";
    for (const [other, { characters }] of this.#pages) if (characters > this.#of(this.#largest)) this.#largest = other;
  }
}
