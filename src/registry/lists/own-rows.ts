/**
 * A user's own rows among those of others, off an index that something else drives (a session, a run, a status).
 *
 * - What is not the user's is passed over in the index, where the owner stands last: it is never read.
 * - At most `CROWD` of them are passed over for one page, however many others have put there.
 * - A cursor never names another user's row: where a page stops among such rows, the cursor gives only the instant.
 */
import type { SQL } from "drizzle-orm";
import { sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { Cursor, ListScope } from "../../domain/read-models/summary.ts";
import type { PlaceColumns, Source } from "./sources.ts";
import { placeOf } from "./sources.ts";

/** Entries of an index: some milliseconds. */
const CROWD = 10_000;
/** No id comes after it: ids have at most 128 of the characters up to `z`. */
const AFTER_ALL_IDS = "z".repeat(128);

/** The plus says that the owner's own index is not meant. */
function ownedBy({ owner }: ListScope, columns: PlaceColumns): SQL {
  return sql`+${columns.owner} = ${owner}`;
}

export interface Driving {
  readonly source: Source;
  readonly conditions: readonly (SQL | undefined)[];
  /** Where the crowd was too large to look through. */
  readonly resumeAfter: Cursor | undefined;
}

/** Rows without those of others; for an administrator, all of them. */
export async function ownRows(
  db: DrizzleD1Database,
  scope: ListScope,
  { source, conditions }: Pick<Driving, "source" | "conditions">,
): Promise<Driving> {
  if (scope.owner === undefined) return { source, conditions, resumeAfter: undefined };
  const { createdAtMs, id } = source.table;
  const [end] = await placeOf(db, source, { conditions, nth: CROWD });
  const own = [...conditions, ownedBy(scope, source.table)];
  if (!end) return { source, conditions: own, resumeAfter: undefined };
  const near = sql`(${createdAtMs}, ${id}) >= (${end.createdAtMs}, ${AFTER_ALL_IDS})`;
  const resumeAfter = { createdAtMs: end.createdAtMs, id: AFTER_ALL_IDS };
  return { source, conditions: [...own, near], resumeAfter };
}
