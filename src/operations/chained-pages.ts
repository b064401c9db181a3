/** One list made of several: each is read to its end before the next begins, and a cursor says in which of them it stands. */
import type { NamesQuery } from "../contract/query-values.ts";
import type { Result } from "../domain/values/fault.ts";
import { accept } from "../domain/values/fault.ts";

interface Page {
  readonly items: readonly object[];
  readonly nextCursor: string | null;
}

interface Source {
  /** The name that a cursor of this list holds; `undefined` for a cursor of another one. */
  readonly holds: (cursor: string) => string | undefined;
  readonly cursorOf: (lastName: string) => string;
  /** Its items behind a name. `nextCursor` is a name. */
  readonly page: (asked: { readonly limit: number; readonly after: string | undefined }) => Promise<Result<Page>>;
}

export async function chained({ limit, cursor }: NamesQuery, sources: readonly Source[]): Promise<Result<Page>> {
  const begin = cursor === undefined ? 0 : sources.findIndex(({ holds }) => holds(cursor) !== undefined);
  const items: object[] = [];
  let full: string | undefined;
  for (const [at, source] of sources.entries()) {
    if (at < begin) continue;
    const after = at === begin && cursor !== undefined ? source.holds(cursor) : undefined;
    const room = limit - items.length;
    const page = await source.page({ limit: Math.max(1, room), after });
    if (!page.ok) return page;
    // The page is full: its last name leads on, where there is anything behind it.
    if (room === 0 && page.value.items.length > 0) return accept({ items, nextCursor: full ?? null });
    if (room === 0) continue;
    items.push(...page.value.items);
    const { nextCursor } = page.value;
    if (nextCursor !== null) return accept({ items, nextCursor: source.cursorOf(nextCursor) });
    const last = page.value.items.at(-1) as { readonly agent_id?: string } | undefined;
    if (last?.agent_id !== undefined) full = source.cursorOf(last.agent_id);
  }
  return accept({ items, nextCursor: null });
}
