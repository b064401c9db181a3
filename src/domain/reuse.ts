/**
 * What of a journal another execution may take over: results with what they were asked, in the order in which they came,
 * so that whoever takes them over in this order sees what the first one saw.
 *
 * O1  Offered are results of work (steps, effects, tools, turns, children, clock and dice). Never offered are decisions of
 *     people, signals and sleeps: they belonged to that execution and its time.
 * O2  An effect that was begun and never answered is offered as such: whoever asks for it again does not begin it in
 *     silence (P2), and repeats it under the key that the outside may know.
 * O3  What this execution was offered itself and never asked for is offered on.
 */
import type { Entry, EntryKind } from "./entry.ts";
import type { EntryIndex } from "./entry-index.ts";
import type { Offer, RestartedFrom } from "./offer.ts";

const WORK: readonly EntryKind[] = ["step", "effect", "tool", "turn", "child"];

export function offersOf(
  index: EntryIndex,
  { id, reuse, inputChanged }: Pick<RestartedFrom, "id" | "reuse" | "inputChanged">,
): Offer[] {
  if (reuse === "none") return [];
  const cut = reuse === "succeeded-before" ? firstFailure(index) : Number.POSITIVE_INFINITY;
  // A step says nothing of what it computes from.
  const fits = ({ kind }: { kind: EntryKind }) => !inputChanged || kind !== "step";
  const own = [...index.entries.values()].filter((entry) => !entry.adopted && fits(entry));
  const done = own.filter((entry) => succeeded(entry) && (entry.doneSeq ?? 0) < cut).sort(byEnd);
  const untaken = [...index.offers.values()].filter((offer) => !index.entries.has(offer.key) && fits(offer));
  return [
    ...done.map((entry) => offerOf(entry, id)),
    ...untaken.map(({ rank: _rank, ...offer }) => offer),
    ...own.filter(isUnanswered).map((entry) => offerOf(entry, id)),
  ];
}

/** Work that failed, or an answer that was rejected: taken over, it would be rejected again. */
function firstFailure({ entries, rejectedSeq = Number.POSITIVE_INFINITY }: EntryIndex): number {
  const failed = [...entries.values()].filter(({ kind, outcome }) => outcome?.ok === false && WORK.includes(kind));
  return Math.min(rejectedSeq, ...failed.map(({ doneSeq = 0 }) => doneSeq));
}

function succeeded({ kind, outcome }: Entry): boolean {
  return outcome?.ok === true && (kind === "value" || WORK.includes(kind));
}

/** An effect whose last try nobody heard of, and a child that did not succeed. A computation or a turn simply runs again. */
function isUnanswered({ kind, status, outcome, childId }: Entry): boolean {
  if (kind === "child") return childId !== undefined && outcome?.ok !== true;
  return (kind === "effect" || kind === "tool") && status !== "done";
}

function byEnd(a: Entry, b: Entry): number {
  return (a.doneSeq ?? 0) - (b.doneSeq ?? 0);
}

function offerOf(entry: Entry, id: string): Offer {
  const { key, kind, name, digest, outcome, input, idempotent, scratch, childId } = entry;
  return {
    key,
    kind,
    name,
    from: entry.reusedFrom ?? entry.begunIn ?? id,
    ...(digest === undefined ? {} : { digest }),
    ...(outcome?.ok ? { output: outcome.value } : {}),
    ...(input === undefined ? {} : { input }),
    ...(idempotent === undefined ? {} : { idempotent }),
    ...(scratch === undefined ? {} : { scratch }),
    ...(kind === "child" && childId !== undefined && !outcome?.ok ? { childId } : {}),
  };
}
