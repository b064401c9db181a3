/** From one execution's journal into another's: the source hands out pages, the follower writes them into its own log (P5). */
import { emptyIndex, foldEntry } from "../domain/entry-index.ts";
import type { Offer, OfferPage, OfferQuery } from "../domain/offer.ts";
import { offersOf } from "../domain/reuse.ts";
import { isTerminal } from "../domain/status.ts";
import type { Journal } from "./journal.ts";
import type { World } from "./ports.ts";

/** Characters of one page: a row of the follower's log, and one call between two actors. A larger offer goes alone. */
const PAGE_CHARACTERS = 400_000;

/** One page of what this journal offers. All pages read the log up to the same event, whatever comes late. */
export function offerPage(journal: Journal, { offset, upto, ...query }: OfferQuery): OfferPage {
  const last = upto ?? journal.committed?.seq ?? 0;
  const index = emptyIndex();
  for (const event of journal.eventsAfter(0)) {
    if (event.seq > last) break;
    foldEntry(index, event);
  }
  const all = offersOf(index, { id: journal.state?.origin.id ?? "", ...query });
  const offers: Offer[] = [];
  let size = 0;
  for (const offer of all.slice(offset)) {
    size += JSON.stringify(offer).length;
    if (offers.length > 0 && size > PAGE_CHARACTERS) break;
    offers.push(offer);
  }
  return { offers, upto: last, done: offset + offers.length === all.length };
}

/**
 * Takes over what the source offers, page by page, each on disk before the next. A crash goes on with the page that is
 * missing. Rejects when the source cannot be reached: then it is tried again.
 */
export async function inherit(journal: Journal, world: World): Promise<void> {
  for (;;) {
    const { state } = journal;
    if (!state?.inherits || isTerminal(state.status)) return;
    const { offset, upto } = state.inherits;
    const page = await world.offers(state.origin, { offset, upto });
    if (page.ok) journal.dispatch({ type: "inherit", offset, ...page.value }, "system");
    else {
      const message = `what it should take over is not to be had (${page.detail}); restart it with "reuse": "none"`;
      journal.dispatch({ type: "fail", code: "source_unavailable", message }, "system");
    }
    journal.flush();
  }
}
