/**
 * What the losers of races had asked: taken from the run loop, and withdrawn in the log. While a replay has not matched the
 * whole log nothing is written: a program that changed may decide a race otherwise, and touches nothing.
 */
import type { Ask, Loop } from "./ask.ts";

export class Withdrawals {
  /** The log may hold answers to them: the program is not given them. */
  readonly #keys = new Set<string>();
  #unwritten: string[] = [];

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Those that are still questions; what lost its race is taken from `asks` too. */
  without(fresh: readonly Ask[], asks: Map<string, Ask>): Ask[] {
    for (const ask of [...asks.values()]) if (this.#takes(ask)) asks.delete(ask.key);
    return fresh.filter((ask) => !this.#takes(ask));
  }

  #takes(ask: Ask): boolean {
    if (!ask.isWithdrawn()) return false;
    this.add([ask.key]);
    return true;
  }

  add(keys: readonly string[]): void {
    for (const key of keys) this.#keys.add(key);
    this.#unwritten.push(...keys);
  }

  /** In the log first; then what runs is told to stop. */
  write({ journal, works }: Pick<Loop, "journal" | "works">): void {
    const keys = this.#unwritten.splice(0);
    if (keys.length === 0) return;
    journal.dispatch({ type: "withdraw", keys }, "program");
    works.withdraw(keys);
  }
}
