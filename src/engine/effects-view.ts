import type { Entry, EntryKind } from "../domain/entry.ts";
import type { EntryIndex } from "../domain/entry-index.ts";
import type { EffectView } from "../domain/view.ts";

const OUTSIDE: readonly EntryKind[] = ["effect", "tool", "turn", "child"];

/** Every touch of the outside, in the order in which they began. */
export function effectsOf(index: EntryIndex): EffectView[] {
  return [...index.entries.values()].filter(({ kind }) => OUTSIDE.includes(kind)).map(toView);
}

function toView(entry: Entry): EffectView {
  const { key, kind, name, status, attempt, input, outcome, idempotent, gateId, childId, reusedFrom } = entry;
  return {
    key,
    kind,
    name,
    status,
    attempts: attempt,
    input,
    outcome,
    idempotent: idempotent ?? false,
    gateId,
    childId,
    reusedFrom,
  };
}
