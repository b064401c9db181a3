/**
 * Reads of lists off the nearest copy of the index (D1 read replication). A reader that sends the bookmark of its last answer
 * reads nothing older than that answer; one that sends none reads whatever copy is nearest.
 *
 * - A bookmark belongs to one database: it is sent as `NUMBER.BOOKMARK`, and that of another database counts for nothing.
 * - Writes, and everything that is decided by what is read, go to the primary; for keys see `operations/access/api-key-authenticator.ts`.
 */
import type { ReadSession } from "../../domain/read-models/summary.ts";
import { answering } from "./answering.ts";
import type { Registries } from "./registries.ts";

/** As the platform writes them; what is none would be refused by it as a fault of ours. */
const BOOKMARK = /^(\d{1,4})\.([0-9a-f]{1,64}(?:-[0-9a-f]{1,64}){1,7})$/;

export type ReadableRegistries = Pick<Registries, "of" | "all">;

interface Reading {
  readonly database: D1Database;
  /** After the reads: what the next request is to bring. */
  readonly end: () => void;
}

/** Without a session, and where the platform has none, the database itself. */
export async function readingOf(
  registries: ReadableRegistries,
  tenant: string,
  session: ReadSession | undefined,
): Promise<Reading> {
  const primary = await registries.of(tenant);
  const number = registries.all.find(([, database]) => database === primary)?.[0] ?? 0;
  if (!session || typeof primary.withSession !== "function") return { database: primary, end: () => {} };
  // Of several reads for one answer each one stands behind the one before.
  const [, of, bookmark] = BOOKMARK.exec(session.next ?? session.bookmark ?? "") ?? [];
  const begun = primary.withSession(bookmark !== undefined && Number(of) === number ? bookmark : "first-unconstrained");
  return {
    database: answering(begun as unknown as D1Database),
    end: () => {
      const next = begun.getBookmark();
      if (next) session.next = `${number}.${next}`;
    },
  };
}

/** One question of a reader, in the database of the tenant that it asks about. */
export async function readIn<Found>(
  registries: ReadableRegistries,
  { tenant, session }: { readonly tenant: string; readonly session?: ReadSession | undefined },
  query: (database: D1Database) => Promise<Found>,
): Promise<Found> {
  const { database, end } = await readingOf(registries, tenant, session);
  const found = await query(database);
  end();
  return found;
}

/** The nearest copy of one database, whatever it knows; undefined where the platform has no sessions. Anew for each question. */
export function nearestCopyOf(database: D1Database): (() => D1Database) | undefined {
  if (typeof database.withSession !== "function") return undefined;
  return () => database.withSession("first-unconstrained") as unknown as D1Database;
}
