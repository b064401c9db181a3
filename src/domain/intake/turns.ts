/** Whose turn it is: of the fairness keys that have something waiting, the one that was served, or came, longest ago. */
export class Turns {
  readonly #turns = new Map<string, { turn: number; waiting: number }>();
  #last = 0;

  /** The lower goes first. */
  of(fairness: string): number {
    return this.#turns.get(fairness)?.turn ?? Number.POSITIVE_INFINITY;
  }

  /** One more waits under this key: a key that had none stands behind all others. */
  came(fairness: string): void {
    const known = this.#turns.get(fairness);
    if (known) known.waiting += 1;
    else this.#turns.set(fairness, { turn: this.#next(), waiting: 1 });
  }

  /** One of them waits no longer. `served`: it had its turn. */
  left(fairness: string, { served }: { readonly served: boolean }): void {
    const known = this.#turns.get(fairness);
    if (!known) return;
    known.waiting -= 1;
    if (known.waiting === 0) this.#turns.delete(fairness);
    else if (served) known.turn = this.#next();
  }

  #next(): number {
    this.#last += 1;
    return this.#last;
  }
}
