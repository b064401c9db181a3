/**
 * What an execution offers to those that follow it, a page at a time. The log is folded for the first page; between pages is
 * kept where the values stand, and no value. Each page then reads the rows that hold its own values, each of them once.
 */
import type { Event } from "../../domain/execution/event.ts";
import type { ReusablePage, ReusableQuery, ReusableResult } from "../../domain/execution/reusable-result.ts";
import { emptyIndex, foldEntry } from "../../domain/fold/entry-index.ts";
import type { ReusablePlace } from "../../domain/fold/reuse.ts";
import { filledResult, reusableOf } from "../../domain/fold/reuse.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import { LruCache } from "../../domain/values/lru-cache.ts";
import type { Journal } from "../journal/journal.ts";
import { holds } from "../journal/log-reader.ts";
import type { EventRow, World } from "../ports.ts";
import { parsedInputOf } from "../program/beginning.ts";

/** Characters of one page: a row of the follower's log, and one call between two actors. A larger offer goes alone. */
const PAGE_CHARACTERS = 400_000;
/** Characters of rows that are kept while one page is filled: what was asked stands apart from what came of it. */
const MOST_KEPT = 4_194_304;

type Which = Omit<ReusableQuery, "offset" | "upto">;

export class ReusablePages {
  readonly #journal: Journal;
  readonly #world: Pick<World, "digest">;
  #places: { readonly of: string; readonly all: readonly ReusablePlace[] } | undefined;

  constructor(journal: Journal, world: Pick<World, "digest">) {
    this.#journal = journal;
    this.#world = world;
  }

  /** All pages read the log up to the same event, not what comes later. Called by the follower, until a page is `done`. */
  page({ offset, upto, ...which }: ReusableQuery): ReusablePage {
    const last = upto ?? this.#journal.committed?.seq ?? 0;
    const all = this.#placesUpTo(last, which);
    const rows = new RowsRead(this.#journal);
    const offers: ReusableResult[] = [];
    let size = 0;
    for (let at = offset; at < all.length; at += 1) {
      const offer = filledResult(all[at] as ReusablePlace, (seq) => rows.event(seq));
      size += JSON.stringify(offer).length;
      if (offers.length > 0 && size > PAGE_CHARACTERS) break;
      offers.push(offer);
    }
    const done = offset + offers.length >= all.length;
    if (done) this.#places = undefined;
    const parsed = parsedInputOf(this.#journal);
    const input = parsed === undefined ? {} : { parsed: this.#world.digest(canonicalJson(parsed)) };
    return { offers, upto: last, done, ...input };
  }

  #placesUpTo(last: number, which: Which): readonly ReusablePlace[] {
    const of = JSON.stringify([last, which.reuse, which.inputChanged, which.from]);
    if (this.#places?.of !== of) this.#places = { of, all: this.#fold(last, which) };
    return this.#places.all;
  }

  #fold(last: number, which: Which): ReusablePlace[] {
    const index = emptyIndex();
    for (const event of this.#journal.eventsAfter(0)) {
      if (event.seq > last) break;
      foldEntry(index, event);
    }
    return reusableOf(index, { id: this.#journal.state?.origin.id ?? "", ...which });
  }
}

/** Rows of the log that a page has read, kept until there are too many characters of them. */
class RowsRead {
  readonly #journal: Journal;
  /** By the number of the event that they were read for. */
  readonly #rows = new LruCache<number, EventRow>(MOST_KEPT, ({ size }) => size);

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  event(seq: number): Event | undefined {
    const row = this.#rows.find(({ events }) => holds(events, seq)) ?? this.#read(seq);
    return row?.events[seq - (row.events[0]?.seq ?? 0)];
  }

  #read(seq: number): EventRow | undefined {
    for (const row of this.#journal.rowsAfter(seq - 1)) {
      this.#rows.set(seq, row);
      return row;
    }
    return undefined;
  }
}
