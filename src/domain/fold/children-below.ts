/** Who goes on beneath an execution, as its own log knows. */
import { childIdOf, isAdopted } from "../execution/entry.ts";
import type { EntryIndex } from "./entry-index.ts";

/** Children that have not reported their end. */
export function openChildren({ open, entries }: EntryIndex): { readonly childId: string; readonly adopted: boolean }[] {
  const keys = [
    ...open.of("child"),
    ...open.of("waiting_child"),
    ...open.of("adopted_child"),
    ...open.of("waiting_adopted"),
    ...open.of("withdrawn"),
  ];
  return keys.flatMap((key) => {
    const entry = entries.get(key);
    const childId = childIdOf(entry);
    return entry && childId !== undefined ? [{ childId, adopted: isAdopted(entry) }] : [];
  });
}

/** Children that go on, or beneath which others do. */
export function childrenBelow(index: EntryIndex): string[] {
  return [...openChildren(index).map(({ childId }) => childId), ...index.goingOn];
}
