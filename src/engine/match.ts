import type { Entry } from "../domain/entry.ts";
import type { Json } from "../domain/json.ts";
import { canonicalJson } from "../domain/json.ts";
import type { Ask } from "./ask.ts";
import type { World } from "./ports.ts";

/** A short input stands for itself: comparing it costs nothing, and hashing it was a tenth of a replay. */
const LONGEST_BARE = 64;

/** What tells one input of an entry from another. */
export function fingerprint(world: Pick<World, "digest">, input: Json): string {
  const text = canonicalJson(input);
  return text.length <= LONGEST_BARE ? `=${text}` : world.digest(text);
}

/** Why a question does not fit the entry that the journal holds under its key (E3); `undefined` when it does. */
export function mismatch(
  ask: Pick<Ask, "key" | "kind" | "name" | "digest">,
  entry: Pick<Entry, "kind" | "name" | "digest">,
): string | undefined {
  if (ask.kind !== entry.kind) return `"${ask.key}" was a ${entry.kind} and is now a ${ask.kind}`;
  if (ask.name !== entry.name) return `"${ask.key}" was called "${entry.name}" and is now called "${ask.name}"`;
  if (ask.digest !== undefined && entry.digest !== undefined && ask.digest !== entry.digest)
    return ask.kind === "gate"
      ? `what "${ask.key}" shows for a decision is not what it showed`
      : `the input of "${ask.key}" is not what it was`;
  return undefined;
}

/** Of several questions; `undefined` when all of them fit what the journal holds. */
export function firstMismatch(
  asks: Iterable<Pick<Ask, "key" | "kind" | "name" | "digest">>,
  entries: ReadonlyMap<string, Entry>,
): string | undefined {
  for (const ask of asks) {
    const entry = entries.get(ask.key);
    const changed = entry && mismatch(ask, entry);
    if (changed !== undefined) return changed;
  }
  return undefined;
}

export function notAskedFor(key: string): string {
  return `the journal holds "${key}", which the program no longer asks for`;
}

/** Clock and dice where the log has none, or has older things that the program has not asked for yet. */
export function misplaced(key: string): string {
  return `"${key}" is asked for at a place where the journal has none`;
}
