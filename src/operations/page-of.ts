import { cursorOf } from "../contract/cursors.ts";
import type { NamesQuery } from "../contract/query-values.ts";
import { firstPage } from "../domain/read-models/page-room.ts";
import type { ExecutionSummary, Listing } from "../domain/read-models/summary.ts";
import type { Result } from "../domain/values/fault.ts";
import { accept, refuse } from "../domain/values/fault.ts";

interface Page {
  readonly rows: readonly ExecutionSummary[];
  readonly nextCursor: string | null;
}

/**
 * A page out of `limit + 1` rows, bounded by bytes too: a row carries names and an error of its caller's. The one too many
 * only says that there is a next page.
 */
export function pageOf({ rows, resumeAfter }: Listing, limit: number): Page {
  const shown = firstPage(rows, { items: limit });
  const last = rows.length > shown.length ? shown.at(-1) : resumeAfter;
  return { rows: shown, nextCursor: last ? cursorOf(last) : null };
}

/** The same of any items, `limit + 1` of them at most, each of which says where the next page begins. */
export function pageOfItems<Item>(
  found: readonly Item[],
  limit: number,
  cursorAt: (last: Item) => string,
): { readonly items: readonly Item[]; readonly nextCursor: string | null } {
  const items = firstPage(found, { items: limit });
  const last = found.length > items.length ? items.at(-1) : undefined;
  return { items, nextCursor: last ? cursorAt(last) : null };
}

/** A page of what lies in memory and has names, in the order in which it lies there. */
export function pageByName<Item>(
  all: readonly (readonly [name: string, item: Item])[],
  { limit, cursor }: NamesQuery,
): Result<{ readonly items: readonly Item[]; readonly nextCursor: string | null }> {
  const before = cursor === undefined ? -1 : all.findIndex(([name]) => name === cursor);
  if (cursor !== undefined && before < 0) {
    return refuse("invalid_cursor", "cursor: nothing of this list has that name now");
  }
  const rest = all.slice(before + 1);
  const shown = firstPage(rest, { items: limit });
  const last = rest.length > shown.length ? shown.at(-1) : undefined;
  return accept({ items: shown.map(([, item]) => item), nextCursor: last?.[0] ?? null });
}
