import { cursorOf } from "../contract/lists.ts";
import type { ExecutionSummary, Listing } from "../domain/summary.ts";

interface Page {
  readonly rows: readonly ExecutionSummary[];
  readonly nextCursor: string | null;
}

/** A page out of `limit + 1` rows: the one too many only says that there is a next page. */
export function pageOf({ rows, stoppedAt }: Listing, limit: number): Page {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : stoppedAt;
  return { rows: shown, nextCursor: last ? cursorOf(last) : null };
}
