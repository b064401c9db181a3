/** Who goes on beneath an execution, as its own log knows. */
import type { EntryIndex } from "./entry-index.ts";

/** Children that have not reported their end. */
export function openChildren({ open, entries }: EntryIndex): { readonly childId: string; readonly adopted: boolean }[] {
  const keys = [...open.of("child"), ...open.of("waiting_child"), ...open.of("adopted_child"), ...open.of("withdrawn")];
  return keys.flatMap((key) => {
    const { childId, adopted = false } = entries.get(key) ?? {};
    return childId === undefined ? [] : [{ childId, adopted }];
  });
}

/** Children that go on, or beneath which others do. */
export function childrenBelow(index: EntryIndex): string[] {
  return [...openChildren(index).map(({ childId }) => childId), ...index.goingOn];
}
