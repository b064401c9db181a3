import type { Entry, EntryKind } from "../domain/entry.ts";
import { inputIn, valueIn, valueSeqOf } from "../domain/entry-value.ts";
import type { EffectView } from "../domain/view.ts";
import type { Journal } from "./journal.ts";

const OUTSIDE: readonly EntryKind[] = ["effect", "tool", "turn", "child"];

/** Every touch of the outside, in the order in which they began. */
export function effectsOf(journal: Journal): EffectView[] {
  const entries = [...journal.index().entries.values()].filter(({ kind }) => OUTSIDE.includes(kind));
  return entries.map((entry) => toView(journal, entry));
}

function toView(journal: Journal, entry: Entry): EffectView {
  const { key, kind, name, status, attempt, idempotent, gateId, childId, reusedFrom, startedSeq } = entry;
  const asked = journal.event(reusedFrom === undefined ? startedSeq : (entry.valueSeq ?? 0));
  const valueSeq = valueSeqOf(entry);
  const done = valueSeq === undefined ? undefined : journal.event(valueSeq);
  return {
    key,
    kind,
    name,
    status,
    attempts: attempt,
    input: asked && inputIn(asked, key),
    outcome: done && valueIn(done, key)?.outcome,
    idempotent: idempotent ?? false,
    gateId,
    childId,
    reusedFrom,
  };
}
