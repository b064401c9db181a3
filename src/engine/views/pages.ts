/**
 * Pages of a log and of its effects. A page holds about 1 MiB at most, however large the log is, and reading one takes a
 * bounded time: a page of a rare type may end empty, and says where to go on.
 */
import { PAGE_BYTES, PageRoom } from "../../domain/read-models/page-room.ts";
import type { EffectPage, EffectQuery, EventPage, EventQuery } from "../../domain/read-models/pages.ts";
import type { Journal } from "../journal/journal.ts";
import type { Queued } from "./effects-view.ts";
import { effectsOf } from "./effects-view.ts";

/** Characters of rows that one page looks through. */
const MOST_EXAMINED = 16 * PAGE_BYTES;

export function eventPage(journal: Journal, { after, limit, type }: EventQuery): EventPage {
  const page = new Page<EventPage["events"][number]>(limit);
  let [last, examined] = [after, 0];
  for (const { events, size } of journal.rowsAfter(after)) {
    for (const event of events) {
      if (event.seq <= after) continue;
      if ((type === undefined || event.type === type) && !page.take(event)) return { events: page.items, next: last };
      last = event.seq;
    }
    examined += size;
    if (examined > MOST_EXAMINED) return { events: page.items, next: last };
  }
  return { events: page.items, next: null };
}

/** What waits to begin has no number yet: it is on the last page. */
export function effectPage(journal: Journal, waiting: readonly Queued[], { after, limit }: EffectQuery): EffectPage {
  const page = new Page<EffectPage["effects"][number]>(limit);
  let last = after;
  for (const { startedSeq, effect } of effectsOf(journal, { after, waiting })) {
    if (!page.take(effect)) return { effects: page.items, next: last };
    last = startedSeq ?? last;
  }
  return { effects: page.items, next: null };
}

class Page<Item> {
  readonly items: Item[] = [];
  readonly #room: PageRoom;

  constructor(limit: number) {
    this.#room = new PageRoom({ items: limit });
  }

  /** False when the page is full; one item always fits. */
  take(item: Item): boolean {
    const fits = this.#room.take(item);
    if (fits) this.items.push(item);
    return fits;
  }
}
