/**
 * When a log gets a page. The row that a snapshot is taken beside is one: it repeats the events of the rows since the last
 * page. A long log is then read a page at a time, so that one cipher opens sixteen commits; what a page repeats is skipped.
 * No row is written or removed for it.
 */
import type { LogRow, SeqText } from "./log-rows.ts";
import { eventRows } from "./log-rows.ts";

/** A snapshot costs a row and a seal; opening this many rows costs a wake less than a millisecond. */
const MOST_ROWS = 16;
/** Characters that wait in memory for the next page, and that a page repeats, at most. */
const MOST_REPEATED = 65_536;

/** What came since the last page. */
export interface Tail {
  readonly events: readonly SeqText[];
  readonly rows: number;
  /** Characters of these rows. */
  readonly size: number;
}

export const NO_TAIL: Tail = { events: [], rows: 0, size: 0 };

interface NextRows {
  readonly rows: readonly LogRow[];
  readonly tail: Tail;
  /** Whether the rows are pages: one that repeats the tail, or else each the page of its own, as the tail's rows become. */
  readonly pages: "repeating" | "apart" | undefined;
}

/** What a commit after this tail writes. */
export function nextRows(tail: Tail, events: readonly SeqText[], forgetLog: boolean): NextRows {
  const rows = eventRows(events);
  const size = rows.reduce((sum, { text }) => sum + text.length, 0);
  const longer = { events: [...tail.events, ...events], rows: tail.rows + rows.length, size: tail.size + size };
  if (!forgetLog && longer.rows <= MOST_ROWS && longer.size <= MOST_REPEATED)
    return { rows, tail: longer, pages: undefined };
  // A page is one row, far below the limit of a row.
  if (forgetLog || longer.size > 2 * MOST_REPEATED) return { rows, tail: NO_TAIL, pages: "apart" };
  return { rows: eventRows(longer.events), tail: NO_TAIL, pages: "repeating" };
}
