/** The feed of a memory, read from its journal; and that of a tenant, into which memories put their changes. */
import type { PlacedChange } from "../../domain/memory/change.ts";
import { changeMatcher } from "../../domain/memory/change-filter.ts";
import type { ActorPlace, ChangeQuery, ForwardedChanges } from "../../domain/memory/entry.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Statement } from "../storage/stored-rows.ts";
import type { MemoryJournal } from "./memory-journal.ts";

/** UTF-16 units of values in one answer, beyond the first change. */
const PAGE_SIZE = 4 * 1_048_576;

/** Where to go on from: after a place, or since an instant. Without either only what comes. */
export interface From {
  readonly after?: number | undefined;
  readonly sinceMs?: number | undefined;
}

/** Everything from there on; a refusal when the feed no longer has all of it. */
export function changesFrom(journal: MemoryJournal, { after, sinceMs }: From): Result<Iterable<PlacedChange>> {
  if (after === undefined) return accept(sinceMs === undefined ? [] : journal.changesSince(sinceMs));
  const { newest, oldest } = journal;
  if (after > newest)
    return refuse("invalid_cursor", `since: ${after} is no change of this feed, whose newest is ${newest}`);
  if (after < oldest - 1)
    return refuse("changes_gone", `this feed has the changes from ${oldest} on, and you have those up to ${after}`);
  return accept(journal.changesAfter(after));
}

/** A page, in order: from where the query says, or else the newest. */
export function changePage(journal: MemoryJournal, query: ChangeQuery): Result<PlacedChange[]> {
  const newest = query.after === undefined && query.sinceMs === undefined;
  const from = newest ? accept(journal.newestChanges()) : changesFrom(journal, query);
  if (!from.ok) return from;
  const wants = changeMatcher(query);
  const page: PlacedChange[] = [];
  let size = 0;
  for (const placed of from.value) {
    if (page.length === query.limit) break;
    if (!wants(placed.change)) continue;
    size += JSON.stringify(placed.change).length;
    if (page.length > 0 && size > PAGE_SIZE) break;
    page.push(placed);
  }
  return accept(newest ? page.reverse() : page);
}

/** Takes what this feed does not have yet of a memory's changes, and returns how they are placed here. */
export function takeForwarded(
  journal: MemoryJournal,
  place: ActorPlace,
  { source, changes }: ForwardedChanges,
): PlacedChange[] {
  const heard = journal.store.has("sources")
    ? journal.store.sql.exec<{ seq: number }>("SELECT seq FROM sources WHERE id = ?", source).toArray()[0]?.seq
    : undefined;
  const fresh = changes.filter(({ seq }) => seq > (heard ?? 0));
  const last = fresh.at(-1);
  if (!last) return [];
  const heardNow: Statement = ["INSERT OR REPLACE INTO sources (id, seq) VALUES (?, ?)", source, last.seq];
  return journal.commit(place, {
    statements: [heardNow],
    needs: ["sources"],
    changes: fresh.map(({ change }) => change),
  });
}

/** UTF-16 units of changes that go to the tenant's feed in one call, and how many. */
const FORWARD_SIZE = 1_048_576;
const FORWARD_COUNT = 100;

/** The next of what the tenant's feed lacks. */
export function owedChanges(journal: MemoryJournal): PlacedChange[] {
  const owed: PlacedChange[] = [];
  let size = 0;
  for (const placed of journal.changesAfter(journal.fed)) {
    owed.push(placed);
    size += JSON.stringify(placed.change).length;
    if (owed.length === FORWARD_COUNT || size > FORWARD_SIZE) break;
  }
  return owed;
}
