/**
 * Reads of lists off the nearest copy of the index (D1 read replication). A reader that sends the bookmark of its last answer
 * reads nothing older than that answer; one that sends none reads whatever copy is nearest.
 *
 * - A bookmark belongs to one database: it is sent as `NUMBER.BOOKMARK`, and that of another database counts for nothing.
 * - Writes, and everything that is decided by what is read, go to the primary.
 */
import type { ReadSession } from "../domain/read-models/summary.ts";
import { answering } from "./answering.ts";
import type { Registries } from "./registries.ts";

/** As the platform writes them; what is none would be refused by it as a fault of ours. */
const BOOKMARK = /^(\d{1,4})\.([0-9a-f]{1,64}(?:-[0-9a-f]{1,64}){1,7})$/;

interface Reading {
  readonly database: D1Database;
  /** After the reads: what the next request is to bring. */
  readonly end: () => void;
}

/** Without a session, and where the platform has none, the database itself. */
export async function readingOf(
  registries: Pick<Registries, "of" | "all">,
  tenant: string,
  session: ReadSession | undefined,
): Promise<Reading> {
  const primary = await registries.of(tenant);
  const number = registries.all.find(([, database]) => database === primary)?.[0] ?? 0;
  if (!session || typeof primary.withSession !== "function") return { database: primary, end: () => {} };
  const [, of, bookmark] = BOOKMARK.exec(session.bookmark ?? "") ?? [];
  const begun = primary.withSession(bookmark !== undefined && Number(of) === number ? bookmark : "first-unconstrained");
  return {
    database: answering(begun as unknown as D1Database),
    end: () => {
      const next = begun.getBookmark();
      if (next) session.next = `${number}.${next}`;
    },
  };
}
