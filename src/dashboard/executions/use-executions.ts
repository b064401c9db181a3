/** The rows of the list: the first page, more as they are scrolled to, and changes from the feed in their places. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { ExecutionSummary } from "../../client/transport/options.ts";
import { useChanges, useFeed } from "../live/feed.tsx";
import { useSession } from "../session/session.tsx";
import type { Filters } from "./filters.ts";
import { fits, listFilterOf } from "./filters.ts";
import { isWithinPages, withoutRows, withRows } from "./rows.ts";

const PAGE = 100;

export interface Listed {
  /** Undefined until the first page is there. */
  readonly rows: readonly ExecutionSummary[] | undefined;
  readonly fault: string | undefined;
  /** All that there are. */
  readonly isWhole: boolean;
  readonly loadMore: () => void;
}

interface Known {
  readonly filters: Filters;
  readonly rows: readonly ExecutionSummary[] | undefined;
  readonly cursor: string | undefined;
  readonly fault: string | undefined;
}

export function useExecutions(filters: Filters): Listed {
  const { client, heard } = useSession();
  const { connection } = useFeed();
  const [known, setKnown] = useState<Known>({ filters, rows: undefined, cursor: undefined, fault: undefined });
  const loading = useRef(false);
  useEffect(() => {
    // A list that is read while no connection stands would miss what comes until one does.
    if (connection === "lost") return undefined;
    const leaving = new AbortController();
    const { signal } = leaving;
    const load = async () => {
      const page = await client.listPage({ ...listFilterOf(filters, Date.now()), limit: PAGE, signal });
      setKnown({ filters, rows: page.items, cursor: page.next_cursor ?? undefined, fault: undefined });
    };
    load().catch((error: unknown) => {
      if (!signal.aborted) setKnown((before) => ({ ...before, filters, fault: heard(error) }));
    });
    return () => leaving.abort();
  }, [client, heard, filters, connection]);
  const { rows, cursor } = known;
  const loadMore = useCallback(() => {
    if (cursor === undefined || loading.current) return;
    loading.current = true;
    client
      .listPage({ ...listFilterOf(filters, Date.now()), limit: PAGE, cursor })
      .then((page) =>
        setKnown((before) => ({
          ...before,
          rows: withRows(before.rows ?? [], page.items),
          cursor: page.next_cursor ?? undefined,
        })),
      )
      .catch(heard)
      .finally(() => {
        loading.current = false;
      });
  }, [client, heard, filters, cursor]);
  useChanges((changed) => setKnown((before) => (before.rows ? { ...before, rows: merged(before, changed) } : before)));
  return { rows, fault: known.fault, isWhole: cursor === undefined, loadMore };
}

function merged({ filters, rows = [], cursor }: Known, changed: readonly ExecutionSummary[]) {
  const now = Date.now();
  const isWhole = cursor === undefined;
  const known = new Set(rows.map((row) => row.execution_id));
  const fitting = changed.filter((row) => fits(filters, row, now));
  const here = fitting.filter((row) => known.has(row.execution_id) || isWithinPages(rows, row, isWhole));
  const fit = new Set(fitting.map((row) => row.execution_id));
  const gone = new Set(changed.flatMap(({ execution_id: id }) => (fit.has(id) ? [] : [id])));
  return withRows(withoutRows(rows, gone), here);
}
