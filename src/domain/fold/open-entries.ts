/**
 * The entries of a log that are not done, by what they wait for. What a program at rest waits for is read off the counts, and
 * each kind is found without a look at the others, however many are open. Kept by `entry-index.ts`.
 */
import type { Entry, OpenEntry } from "../execution/entry.ts";
import { unreachable } from "../values/json.ts";

/** What an open entry waits for: the end of its own try (`work`), a person, time, a signal, another execution, the outside. An entry that lost a race waits for nothing. */
export type Wait =
  | "work"
  | "doubt"
  | "backing_off"
  | "sleep"
  | "signal"
  | "gate"
  | "child"
  | "waiting_child"
  | "adopted_child"
  | "waiting_adopted"
  | "external"
  | "waiting_external"
  | "withdrawn";

export type WaitCounts = Readonly<Record<Wait, number>>;

const WAITS: readonly Wait[] = [
  "work",
  "doubt",
  "backing_off",
  "sleep",
  "signal",
  "gate",
  "child",
  "waiting_child",
  "adopted_child",
  "waiting_adopted",
  "external",
  "waiting_external",
  "withdrawn",
];

export function waitOf(entry: OpenEntry): Wait {
  if (entry.withdrawn) return "withdrawn";
  if (entry.status === "in_doubt") return "doubt";
  if (entry.status === "backing_off") return "backing_off";
  switch (entry.kind) {
    case "sleep":
    case "signal":
    case "gate":
      return entry.kind;
    case "child":
      if (entry.adopted) return entry.childWaiting ? "waiting_adopted" : "adopted_child";
      return entry.childWaiting ? "waiting_child" : "child";
    case "external":
      return entry.waits ? "waiting_external" : "external";
    case "step":
    case "effect":
    case "tool":
    case "turn":
      return "work";
  }
  return unreachable(entry);
}

export class OpenEntries implements Iterable<string> {
  readonly #waits = new Map<string, Wait>();
  readonly #keys = new Map<Wait, Set<string>>(WAITS.map((wait) => [wait, new Set()]));

  get size(): number {
    return this.#waits.size;
  }

  /** Keys in the order in which they opened. */
  [Symbol.iterator](): Iterator<string> {
    return this.#waits.keys();
  }

  /** Keys of those that wait for this. */
  of(wait: Wait): Iterable<string> {
    return this.#keys.get(wait) ?? [];
  }

  get counts(): WaitCounts {
    const counts = [...this.#keys].map(([wait, keys]) => [wait, keys.size]);
    return Object.fromEntries(counts) as WaitCounts;
  }

  /** The entry is now so. */
  put(entry: Entry): void {
    const { key } = entry;
    const before = this.#waits.get(key);
    const after = entry.status === "done" ? undefined : waitOf(entry);
    if (before === after) return;
    if (before) this.#keys.get(before)?.delete(key);
    if (!after) return void this.#waits.delete(key);
    this.#waits.set(key, after);
    this.#keys.get(after)?.add(key);
  }
}
