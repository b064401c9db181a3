/** A whole list, page after page, for answers that are written while they are read: one page is in memory. */
import type { Item } from "../../contract/exports.ts";
import { EXPORT_PAGES } from "../../contract/exports.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { LeaveParts } from "../access/leave.ts";
import { keyInForce } from "../access/leave.ts";

export interface ExportedPage {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
  /** What the answer says beside it. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Exported {
  readonly first: ExportedPage;
  /** Returns the page after this cursor. */
  readonly next: (cursor: string) => Promise<ExportedPage>;
  /** At most so many items: what the caller asked for, else no limit but that of pages. */
  readonly most: number | undefined;
  readonly caller: Principal;
  readonly leave: LeaveParts;
}

/**
 * The items; the last one holds only `next_cursor` where the list goes on. Rejects when the caller's key was revoked
 * meanwhile: then what is written so far is cut.
 */
export async function* exportedItems({ first, next, most, caller, leave }: Exported): AsyncGenerator<Item> {
  let page = first;
  for (let pages = 1; ; pages += 1) {
    yield* page.items;
    const { nextCursor } = page;
    if (nextCursor === null) return;
    if (pages >= EXPORT_PAGES || most !== undefined) {
      yield { next_cursor: nextCursor };
      return;
    }
    const key = await keyInForce(leave, caller);
    if (!key.ok) throw new Error(`${key.code}: ${key.detail}`);
    page = await next(nextCursor);
  }
}
