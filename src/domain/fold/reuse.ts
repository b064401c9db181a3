/**
 * What of a journal another execution may take over: results with what they were asked, in the order in which they came,
 * so that an execution that takes them over in this order sees what the first one saw.
 *
 * - Offered are results of work (steps, effects, tools, turns, children, clock and dice). Never offered are decisions of
 *   people, signals and sleeps: they belonged to that execution and its time.
 * - An effect that was begun and never answered is offered as such: the program that asks for it again does not begin it
 *   in silence (P2), and repeats it under the key that the outside may know.
 * - What this execution was offered itself and never asked for is offered on.
 */
import type { Entry, EntryKind } from "../execution/entry.ts";
import { childIdOf, doneSeqOf, isAdopted, reusedFromOf } from "../execution/entry.ts";
import { inputIn, valueIn, valueSeqOf } from "../execution/entry-value.ts";
import type { Event } from "../execution/event.ts";
import type { RestartedFrom, ReusableResult } from "../execution/reusable-result.ts";
import type { EntryIndex } from "./entry-index.ts";
import type { ReusableMark } from "./reusable-mark.ts";
import { isOfInputUnsaid } from "./reusable-mark.ts";

const OFFERED: readonly EntryKind[] = ["step", "effect", "tool", "turn", "child", "external"];

/** What is offered, and where in our log its values stand: a page of offers reads only its own. */
export interface ReusablePlace {
  readonly offer: Omit<ReusableResult, "output" | "input" | "scratch">;
  /** The event that holds what it was asked, where there is one. */
  readonly askedSeq?: number;
  /** The event that holds what it succeeded with; absent when that is not known. */
  readonly valueSeq?: number;
}

export function reusableOf(
  index: EntryIndex,
  { id, reuse, inputChanged, from }: Pick<RestartedFrom, "id" | "reuse" | "inputChanged" | "from">,
): ReusablePlace[] {
  if (reuse === "none") return [];
  const failed = reuse === "succeeded-before" ? firstFailure(index) : Number.POSITIVE_INFINITY;
  const cut = Math.min(failed, from === undefined ? Number.POSITIVE_INFINITY : beginOf(index, from));
  const fits = (entry: Parameters<typeof isOfInputUnsaid>[0]) => !inputChanged || !isOfInputUnsaid(entry);
  const own = [...index.entries.values()].filter((entry) => !isAdopted(entry) && fits(entry));
  const done = own.filter((entry) => succeeded(entry) && endSeq(entry) < cut).sort(byEnd);
  const untaken = [...index.offers.values()].filter((offer) => !index.entries.has(offer.key) && fits(offer));
  return [
    ...done.map((entry) => placeOf(entry, id)),
    // What its program never asked for comes behind every entry. What may have happened is said nevertheless.
    ...untaken.filter(({ answered }) => from === undefined || !answered).map(passedOn),
    ...own.filter(isUnanswered).map((entry) => placeOf(entry, id)),
  ];
}

/** Work that failed, or an answer that was rejected: taken over, it would be rejected again. */
function firstFailure({ entries, rejectedSeq = Number.POSITIVE_INFINITY }: EntryIndex): number {
  const failed = [...entries.values()].filter(
    (entry) => entry.status === "done" && entry.ok === false && !isAdopted(entry) && OFFERED.includes(entry.kind),
  );
  return Math.min(rejectedSeq, ...failed.map(endSeq));
}

/** What ended before this event was there when the entry began. */
function beginOf({ entries }: EntryIndex, key: string): number {
  const entry = entries.get(key);
  return entry ? Math.min(entry.startedSeq, doneSeqOf(entry) ?? entry.startedSeq) : Number.POSITIVE_INFINITY;
}

function succeeded(entry: Entry): boolean {
  // What lies in the file store is its execution's alone.
  if (entry.kind === "external" && entry.storing !== undefined) return false;
  return isSuccess(entry) && (entry.kind === "value" || OFFERED.includes(entry.kind));
}

/**
 * True for an effect whose last try brought no process an answer, and for a child that did not succeed. A computation or a
 * turn simply runs again.
 */
function isUnanswered(entry: Entry): boolean {
  if (entry.kind === "child") return entry.childId !== undefined && !isSuccess(entry);
  return (entry.kind === "effect" || entry.kind === "tool") && entry.status !== "done";
}

function byEnd(a: Entry, b: Entry): number {
  return endSeq(a) - endSeq(b);
}

const endSeq = (entry: Entry) => doneSeqOf(entry) ?? 0;
const isSuccess = (entry: Entry) => entry.status === "done" && entry.ok === true;

function placeOf(entry: Entry, id: string): ReusablePlace {
  const { key, kind, name, digest, startedSeq } = entry;
  const ok = isSuccess(entry);
  const valueSeq = ok ? valueSeqOf(entry) : undefined;
  const reusedFrom = reusedFromOf(entry);
  const childId = childIdOf(entry);
  const offer = {
    key,
    kind,
    name,
    from: reusedFrom ?? ("begunIn" in entry ? entry.begunIn : undefined) ?? id,
    ...(digest === undefined ? {} : { digest }),
    ...("idempotent" in entry && entry.idempotent !== undefined ? { idempotent: entry.idempotent } : {}),
    ...(kind === "child" && childId !== undefined && !ok ? { childId } : {}),
  };
  // One that was taken over stands with all its values in the event that offered it.
  const askedSeq = reusedFrom === undefined ? startedSeq : valueSeq;
  return { offer, ...(askedSeq === undefined ? {} : { askedSeq }), ...(valueSeq === undefined ? {} : { valueSeq }) };
}

function passedOn({ rank: _r, seq, answered, value: _v, simulated: _s, ...offer }: ReusableMark): ReusablePlace {
  return { offer, askedSeq: seq, ...(answered ? { valueSeq: seq } : {}) };
}

/** The offer with its values; `read` gives events of our log. */
export function filledResult(
  { offer, askedSeq, valueSeq }: ReusablePlace,
  read: (seq: number) => Event | undefined,
): ReusableResult {
  const asked = askedSeq === undefined ? undefined : read(askedSeq);
  const input = asked && inputIn(asked, offer.key);
  const done = valueSeq === undefined ? undefined : read(valueSeq);
  const value = done && valueIn(done, offer.key);
  return {
    ...offer,
    ...(value?.outcome.ok ? { output: value.outcome.value } : {}),
    ...(input === undefined ? {} : { input }),
    ...(value?.scratch === undefined ? {} : { scratch: value.scratch }),
  };
}
