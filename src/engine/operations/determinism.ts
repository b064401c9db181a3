import type { Entry, EntryKind } from "../../domain/execution/entry.ts";
import type { Json } from "../../domain/values/json.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import type { World } from "../ports.ts";
import type { Operation } from "./operation.ts";

/** A short input stands for itself: comparing it costs nothing, and hashing it was a tenth of a replay. */
const LONGEST_BARE = 64;

/** What tells one input of an entry from another. */
export function fingerprint(world: Pick<World, "digest">, input: Json): string {
  const text = canonicalJson(input);
  return text.length <= LONGEST_BARE ? `=${text}` : world.digest(text);
}

/** Why a question does not fit the entry that the journal holds under its key (E3); `undefined` when it does. */
export function nonDeterminism(
  operation: Pick<Operation, "key" | "name" | "digest"> & { readonly kind: EntryKind },
  entry: Pick<Entry, "kind" | "name" | "digest">,
): string | undefined {
  if (operation.kind !== entry.kind) return `"${operation.key}" was a ${entry.kind} and is now a ${operation.kind}`;
  if (operation.name !== entry.name)
    return `"${operation.key}" was called "${entry.name}" and is now called "${operation.name}"`;
  if (operation.digest !== undefined && entry.digest !== undefined && operation.digest !== entry.digest)
    return operation.kind === "gate"
      ? `what "${operation.key}" shows for a decision is not what it showed`
      : `the input of "${operation.key}" is not what it was`;
  return undefined;
}

/** Of several questions; `undefined` when all of them fit what the journal holds. */
export function firstNonDeterminism(
  operations: Iterable<Pick<Operation, "key" | "kind" | "name" | "digest">>,
  entries: ReadonlyMap<string, Entry>,
): string | undefined {
  for (const operation of operations) {
    const entry = entries.get(operation.key);
    const changed = entry && nonDeterminism(operation, entry);
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
