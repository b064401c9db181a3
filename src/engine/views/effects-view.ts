import type { Entry, EntryKind } from "../../domain/execution/entry.ts";
import { approvalIdOf, asWork, childIdOf, isOpenWork, reusedFromOf } from "../../domain/execution/entry.ts";
import { inputIn, valueIn, valueSeqOf } from "../../domain/execution/entry-value.ts";
import type { EffectView } from "../../domain/read-models/view.ts";
import type { Journal } from "../journal/journal.ts";
import type { Operation } from "../operations/operation.ts";

const OUTSIDE: readonly EntryKind[] = ["effect", "tool", "turn", "child", "external"];

/** Asked for and not begun: as many tries run as may run at once. */
export type Queued = Pick<Operation, "key" | "kind" | "name">;

interface Numbered {
  /** Absent for what waits to begin. */
  readonly startedSeq?: number;
  readonly effect: EffectView;
}

/**
 * Every touch of the outside that began behind `after`, in the order in which they began; what waits to begin comes last.
 * One by one: their values are read when they are asked for.
 */
export function* effectsOf(
  journal: Journal,
  { after, waiting }: { readonly after: number; readonly waiting: readonly Queued[] },
): Generator<Numbered> {
  const { entries } = journal.index();
  for (const entry of entries.values()) {
    const { kind, startedSeq } = entry;
    if (startedSeq > after && OUTSIDE.includes(kind)) yield { startedSeq, effect: toView(journal, entry) };
  }
  for (const operation of waiting)
    if (OUTSIDE.includes(operation.kind) && !entries.has(operation.key)) yield { effect: toQueued(operation) };
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
  const { key, kind, name, status, attempt, startedSeq } = entry;
  const reusedFrom = reusedFromOf(entry);
  const valueSeq = valueSeqOf(entry);
  const started = journal.event(reusedFrom === undefined ? startedSeq : (valueSeq ?? 0));
  const isProbing = isOpenWork(entry) && entry.status === "open" && entry.probing;
  const done = valueSeq === undefined ? undefined : journal.event(valueSeq);
  return {
    key,
    kind,
    name,
    status,
    reason: isProbing ? "no process saw the end of its last try: its outcome check asks what became of it" : undefined,
    attempts: attempt,
    input: started && inputIn(started, key),
    outcome: done && valueIn(done, key)?.outcome,
    idempotent: asWork(entry)?.idempotent ?? false,
    ...(entry.withdrawn ? { withdrawn: true } : {}),
    gateId: approvalIdOf(entry),
    childId: childIdOf(entry),
    reusedFrom,
  };
}
