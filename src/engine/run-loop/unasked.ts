/**
 * The entries of the log that this run of the program has not asked for yet (E3). A program that never asks for one of
 * them, or asks for clock and dice at another place than before, is not the program that wrote the log.
 *
 * - An entry is written down after it was asked for, so what was asked before it stands in the log before it or together
 *   with it; clock and dice are written down at once. So a value is asked too early when something older is unasked.
 */
import type { Entry } from "../../domain/execution/entry.ts";
import { isAdopted } from "../../domain/execution/entry.ts";
import { isPatch } from "../program/patches.ts";

export class Unasked {
  /** In the order of the log. */
  readonly #entries = new Map<string, Entry>();
  /** The clock and dice among them. */
  readonly #values = new Map<string, Entry>();
  /** Made once, for the races of a replay: each of them would else look through the whole log. */
  #byBranch: ReadonlyMap<string, readonly string[]> | undefined;

  /** What the log holds when the program begins. */
  expect(entries: ReadonlyMap<string, Entry>): void {
    for (const [key, entry] of entries) {
      // Those are the outside's: no program asks for them.
      if (isAdopted(entry)) continue;
      // The code of a change may go once no execution is of before it.
      if (isPatch(key)) continue;
      this.#entries.set(key, entry);
      if (entry.kind === "value") this.#values.set(key, entry);
    }
  }

  /** The program asks for it. */
  take(key: string): void {
    this.#entries.delete(key);
    this.#values.delete(key);
  }

  /** Drops entries of the losers of a race: their code may be at something of its own, and asks nothing any more. Returns their keys. */
  drop(branches: readonly string[]): string[] {
    if (this.#entries.size === 0) return [];
    this.#byBranch ??= byBranch(this.#entries.keys());
    const lost = branches
      .flatMap((prefix) => this.#byBranch?.get(prefix) ?? [])
      .filter((key) => this.#entries.has(key));
    for (const key of lost) this.take(key);
    return lost;
  }

  /** The oldest of them. */
  get first(): Entry | undefined {
    return firstOf(this.#entries);
  }

  /** The oldest value that stands before this event: what is delivered now came after it. */
  valueBefore(seq: number): Entry | undefined {
    const value = firstOf(this.#values);
    return value && value.startedSeq < seq ? value : undefined;
  }
}

function firstOf(entries: ReadonlyMap<string, Entry>): Entry | undefined {
  for (const entry of entries.values()) return entry;
  return undefined;
}

/** Keys by the prefix of each branch that they were asked in. */
function byBranch(keys: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const key of keys) {
    for (let at = key.indexOf("/"); at >= 0; at = key.indexOf("/", at + 1)) {
      const prefix = key.slice(0, at + 1);
      const held = found.get(prefix);
      if (held) held.push(key);
      else found.set(prefix, [key]);
    }
  }
  return found;
}
