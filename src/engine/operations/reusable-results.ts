/** Taking over what the followed execution did: which offer answers next, and where an unanswered one is taken up. */
import type { Entry, EntryKind } from "../../domain/execution/entry.ts";
import { inputIn } from "../../domain/execution/entry-value.ts";
import type { EntryIndex } from "../../domain/fold/entry-index.ts";
import type { ReusableMark } from "../../domain/fold/reusable-mark.ts";
import type { Journal } from "../journal/journal.ts";
import { nonDeterminism } from "./determinism.ts";
import type { Operation } from "./operation.ts";

type Asked = Pick<Operation, "key" | "name" | "digest"> & { readonly kind: EntryKind };

/** What is offered for just this question; an offer that does not fit stays untaken, and the work is done anew. */
export function reusableFor(operation: Asked, { entries, offers }: EntryIndex): ReusableMark | undefined {
  const offer = entries.has(operation.key) ? undefined : offers.get(operation.key);
  return offer && nonDeterminism(operation, offer) === undefined ? offer : undefined;
}

/**
 * The offer that answers next: of all that is asked now the one that was first there. One at a time, so that the program
 * sees the same order, and decides the same, as it did there (E1).
 */
function nextReusable(operations: Iterable<Asked>, index: EntryIndex): ReusableMark | undefined {
  if (index.offers.size === 0) return undefined;
  let first: ReusableMark | undefined;
  for (const operation of operations) {
    const offer = reusableFor(operation, index);
    if (offer?.answered && (!first || offer.rank < first.rank)) first = offer;
  }
  return first;
}

/** What the followed execution did already answers before anything new begins. True when it answered one of these. */
export function tookOver(operations: Iterable<Asked>, journal: Journal): boolean {
  const offer = nextReusable(operations, journal.index());
  return offer !== undefined && journal.dispatch({ type: "reuse_entry", key: offer.key }, "system").ok;
}

/** An effect that was begun there and never answered becomes an open entry here: as after a crash of our own (P2, E7). */
export function takeUp(operation: Asked, journal: Journal): Entry | undefined {
  const offer = reusableFor(operation, journal.index());
  if (!offer || offer.answered || offer.kind === "child") return undefined;
  const { key, kind, name, digest, idempotent, from, seq } = offer;
  const offered = journal.event(seq);
  const input = offered && inputIn(offered, key);
  journal.dispatch(
    {
      type: "start_entry",
      key,
      kind,
      name,
      attempt: 1,
      begunIn: from,
      ...(digest === undefined ? {} : { digest }),
      ...(input === undefined ? {} : { input }),
      ...(idempotent === undefined ? {} : { idempotent }),
    },
    "system",
  );
  return journal.index().entries.get(key);
}
