/**
 * What the losers of races had asked: taken from the run loop, and withdrawn in the log. While a replay has not matched the
 * whole log nothing is written: a program that changed may decide a race otherwise, and touches nothing.
 */
import type { Loop, Operation } from "../operations/operation.ts";

export class Withdrawals {
  /** The log may hold answers to them: the program is not given them. */
  readonly #keys = new Set<string>();
  #unwritten: string[] = [];

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Returns those that are still open; what lost its race is taken from `operations` too. */
  without(fresh: readonly Operation[], operations: Map<string, Operation>): Operation[] {
    for (const operation of [...operations.values()]) if (this.#takes(operation)) operations.delete(operation.key);
    return fresh.filter((operation) => !this.#takes(operation));
  }

  #takes(operation: Operation): boolean {
    if (!operation.isWithdrawn()) return false;
    this.add([operation.key]);
    return true;
  }

  add(keys: readonly string[]): void {
    for (const key of keys) this.#keys.add(key);
    this.#unwritten.push(...keys);
  }

  /** In the log first; then what runs is told to stop. */
  write({ journal, activities }: Pick<Loop, "journal" | "activities">): void {
    const keys = this.#unwritten.splice(0);
    if (keys.length === 0) return;
    journal.dispatch({ type: "withdraw", keys }, "program");
    activities.withdraw(keys);
  }
}
