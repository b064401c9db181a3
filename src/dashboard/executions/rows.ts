/** Rows of a list that changes while it is read: pages from below, changes from the feed. Pure. */
import type { ExecutionSummary } from "../../client/transport/options.ts";

/** Newest first: by creation, then by id, as the server lists them. */
function compare(a: ExecutionSummary, b: ExecutionSummary): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1;
  return a.execution_id < b.execution_id ? 1 : a.execution_id > b.execution_id ? -1 : 0;
}

/** The list with these rows in their places; an older version of a row changes nothing. */
export function withRows(
  list: readonly ExecutionSummary[],
  rows: readonly ExecutionSummary[],
): readonly ExecutionSummary[] {
  const byId = new Map(list.map((row) => [row.execution_id, row]));
  let changed = false;
  for (const row of rows) {
    const known = byId.get(row.execution_id);
    if (known && known.updated_at >= row.updated_at) continue;
    byId.set(row.execution_id, row);
    changed = true;
  }
  return changed ? [...byId.values()].sort(compare) : list;
}

export function withoutRows(list: readonly ExecutionSummary[], ids: ReadonlySet<string>): readonly ExecutionSummary[] {
  return list.some((row) => ids.has(row.execution_id)) ? list.filter((row) => !ids.has(row.execution_id)) : list;
}

/** What is beneath the last loaded row is not known: a row from there comes with its page. */
export function isWithinPages(list: readonly ExecutionSummary[], row: ExecutionSummary, isWhole: boolean): boolean {
  const last = list.at(-1);
  return isWhole || last === undefined || compare(row, last) <= 0;
}
