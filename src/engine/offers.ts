/** Taking over what the followed execution did: which offer answers next, and where an unanswered one is taken up. */
import type { Entry } from "../domain/entry.ts";
import type { EntryIndex } from "../domain/entry-index.ts";
import { inputIn } from "../domain/entry-value.ts";
import type { OfferMark } from "../domain/offer-mark.ts";
import type { Ask } from "./ask.ts";
import type { Journal } from "./journal.ts";
import { mismatch } from "./match.ts";

type Asked = Pick<Ask, "key" | "kind" | "name" | "digest">;

/** What is offered for just this question; an offer that does not fit stays untaken, and the work is done anew. */
export function offerFor(ask: Asked, { entries, offers }: EntryIndex): OfferMark | undefined {
  const offer = entries.has(ask.key) ? undefined : offers.get(ask.key);
  return offer && mismatch(ask, offer) === undefined ? offer : undefined;
}

/**
 * The offer that answers next: of all that is asked now the one that was first there. One at a time, so that the program
 * sees the same order, and decides the same, as it did there (E1).
 */
function nextOffer(asks: Iterable<Asked>, index: EntryIndex): OfferMark | undefined {
  if (index.offers.size === 0) return undefined;
  let first: OfferMark | undefined;
  for (const ask of asks) {
    const offer = offerFor(ask, index);
    if (offer?.answered && (!first || offer.rank < first.rank)) first = offer;
  }
  return first;
}

/** What the followed execution did already answers before anything new begins. True when it answered one of these. */
export function tookOver(asks: Iterable<Asked>, journal: Journal): boolean {
  const offer = nextOffer(asks, journal.index());
  return offer !== undefined && journal.dispatch({ type: "reuse_entry", key: offer.key }, "system").ok;
}

/** An effect that was begun there and never answered becomes an open entry here: as after a crash of our own (P2, E7). */
export function takeUp(ask: Asked, journal: Journal): Entry | undefined {
  const offer = offerFor(ask, journal.index());
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
