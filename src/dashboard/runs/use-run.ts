/** The executions of one run while its page is open: those that are there, then each change from the feed. */
import { useCallback, useMemo, useState } from "react";
import type { ExecutionSummary } from "../../client/transport/options.ts";
import { withRows } from "../executions/rows.ts";
import { useChanges } from "../live/feed.tsx";
import { upTo } from "../parts/up-to.ts";
import type { Read } from "../parts/use-read.ts";
import { useRead } from "../parts/use-read.ts";
import { useClient } from "../session/session.tsx";

/** More boxes than these are no picture any more: of a longer run the newest are shown. */
export const MOST = 2_000;

export interface Run {
  readonly rows: readonly ExecutionSummary[];
  /** True when there are more than are shown. */
  readonly more: boolean;
}

export function useRun(id: string): Read<Run> {
  const client = useClient();
  const [changed, setChanged] = useState<readonly ExecutionSummary[]>([]);
  useChanges((rows) =>
    setChanged((before) =>
      withRows(
        before,
        rows.filter((row) => row.run_id === id),
      ),
    ),
  );
  const { value, ...read } = useRead(
    useCallback((signal: AbortSignal) => upTo(MOST, client.list({ runId: id, signal })), [client, id]),
  );
  const run = useMemo(() => value && runOf(value, changed), [value, changed]);
  return { ...read, value: run };
}

function runOf({ items, more }: Awaited<ReturnType<typeof upTo<ExecutionSummary>>>, changed: Run["rows"]): Run {
  const rows = withRows(items, changed);
  return { rows: rows.slice(0, MOST), more: more || rows.length > MOST };
}
