import type { Entry, EntryKind } from "../domain/entry.ts";
import { inputIn, valueIn, valueSeqOf } from "../domain/entry-value.ts";
import type { EffectView } from "../domain/view.ts";
import type { Ask } from "./ask.ts";
import type { Journal } from "./journal.ts";

const OUTSIDE: readonly EntryKind[] = ["effect", "tool", "turn", "child"];

/** Asked for and not begun: as many tries run as may run at once. */
export type Queued = Pick<Ask, "key" | "kind" | "name">;

/** Every touch of the outside, in the order in which they began; what waits to begin comes last. */
export function effectsOf(journal: Journal, waiting: readonly Queued[]): EffectView[] {
  const { entries } = journal.index();
  const known = [...entries.values()].filter(({ kind }) => OUTSIDE.includes(kind));
  const queued = waiting.filter(({ key, kind }) => OUTSIDE.includes(kind) && !entries.has(key));
  return [...known.map((entry) => toView(journal, entry)), ...queued.map(toQueued)];
}

function toQueued({ key, kind, name }: Queued): EffectView {
  return {
    key,
    kind,
    name,
    status: "queued",
    reason: "as many tries run as may run at once: it begins when one of them has ended",
    attempts: 0,
    input: undefined,
    outcome: undefined,
    idempotent: false,
    gateId: undefined,
    childId: undefined,
    reusedFrom: undefined,
  };
}

function toView(journal: Journal, entry: Entry): EffectView {
  const { key, kind, name, status, attempt, idempotent, gateId, childId, reusedFrom, startedSeq, probing } = entry;
  const asked = journal.event(reusedFrom === undefined ? startedSeq : (entry.valueSeq ?? 0));
  const valueSeq = valueSeqOf(entry);
  const done = valueSeq === undefined ? undefined : journal.event(valueSeq);
  return {
    key,
    kind,
    name,
    status,
    reason: probing ? "nobody saw the end of its last try: its probe is asked what became of it" : undefined,
    attempts: attempt,
    input: asked && inputIn(asked, key),
    outcome: done && valueIn(done, key)?.outcome,
    idempotent: idempotent ?? false,
    gateId,
    childId,
    reusedFrom,
  };
}
