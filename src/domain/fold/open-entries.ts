/**
 * The entries of a log that are not done, by what they wait for. What a program at rest waits for is read off the counts, and
 * each kind is found without a look at the others, however many are open. Kept by `entry-index.ts`.
 */
import type { Entry } from "../execution/entry.ts";
import { unreachable } from "../values/json.ts";

/** What an open entry waits for: the end of its own try (`work`), a person, time, a signal, another execution. An entry that lost a race waits for nothing. */
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
  "withdrawn",
];

export function waitOf({ status, kind, adopted, childWaiting, withdrawn }: Entry): Wait {
  if (withdrawn) return "withdrawn";
  if (status === "in_doubt") return "doubt";
  if (status === "backing_off") return "backing_off";
  switch (kind) {
    case "sleep":
    case "signal":
    case "gate":
      return kind;
    case "child":
      if (adopted) return "adopted_child";
      return childWaiting ? "waiting_child" : "child";
    case "step":
    case "effect":
    case "tool":
    case "turn":
    case "value":
      return "work";
  }
  return unreachable(kind);
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
    const { key, status } = entry;
    const before = this.#waits.get(key);
    const after = status === "done" ? undefined : waitOf(entry);
    if (before === after) return;
    if (before) this.#keys.get(before)?.delete(key);
    if (!after) return void this.#waits.delete(key);
    this.#waits.set(key, after);
    this.#keys.get(after)?.add(key);
  }
}

/** Writes an entry into the index. */
export function put(index: { readonly entries: Map<string, Entry>; readonly open: OpenEntries }, entry: Entry): void {
  index.entries.set(entry.key, entry);
  index.open.put(entry);
}
