/**
 * Knows whose function is being called at this moment: a leaf, which may ask the program's context nothing (E4). After an
 * `await` inside it nobody can tell it from a parallel branch of the program; up to there it is noticed.
 */
export class Leaf {
  #name: string | undefined;

  get name(): string | undefined {
    return this.#name;
  }

  call<T>(name: string, fn: () => T): T {
    const outer = this.#name;
    this.#name = name;
    try {
      return fn();
    } finally {
      this.#name = outer;
    }
  }
}
