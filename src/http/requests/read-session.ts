/** Which copy of the index a list is read off: the header that a reader brings, and gets. */
import type { ReadSession } from "../../domain/read-models/summary.ts";
import type { C } from "./app.ts";

const BOOKMARK_HEADER = "X-Errand-Bookmark";
const LONGEST = 600;

/** What the reader is told for its next request. */
export function bookmarkOf(session: ReadSession | undefined): Record<string, string> {
  return session?.next === undefined ? {} : { [BOOKMARK_HEADER]: session.next };
}

/** Undefined where the deployment reads its primary alone. */
export function readSessionOf(c: C): ReadSession | undefined {
  if (!c.get("services").readsReplicas) return undefined;
  const bookmark = c.req.header(BOOKMARK_HEADER);
  return { bookmark: bookmark !== undefined && bookmark.length <= LONGEST ? bookmark : undefined };
}
