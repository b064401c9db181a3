/** The executions of one run while its page is open: those that are there, then each change from the feed. */
import { useEffect, useState } from "react";
import type { ExecutionSummary } from "../../client/options.ts";
import { withRows } from "../executions/rows.ts";
import { useChanges, useFeed } from "../live/feed.tsx";
import { useSession } from "../session/session.tsx";

/** More boxes than these are no picture any more. */
const MOST = 2_000;

interface Run {
  /** Undefined until they have been read. */
  readonly rows: readonly ExecutionSummary[] | undefined;
  readonly fault: string | undefined;
  /** There are more than are shown. */
  readonly more: boolean;
}

export function useRun(id: string): Run {
  const { client, heard } = useSession();
  const { connection } = useFeed();
  const [run, setRun] = useState<Run>({ rows: undefined, fault: undefined, more: false });
  useEffect(() => {
    // What is read while no connection stands would miss what comes until one does.
    if (connection === "lost") return undefined;
    const leaving = new AbortController();
    const { signal } = leaving;
    const load = async () => {
      const read: ExecutionSummary[] = [];
      for await (const row of client.list({ runId: id, signal })) {
        if (read.length === MOST) break;
        read.push(row);
      }
      const more = read.length === MOST;
      setRun((before) => ({ rows: withRows(before.rows ?? [], read), fault: undefined, more }));
    };
    load().catch((error: unknown) => {
      if (!signal.aborted) setRun((before) => ({ ...before, fault: heard(error) }));
    });
    return () => leaving.abort();
  }, [client, heard, id, connection]);
  useChanges((changed) => {
    const own = changed.filter((row) => row.run_id === id);
    if (own.length === 0) return;
    setRun((before) => {
      const rows = withRows(before.rows ?? [], own);
      return before.more || rows.length > MOST ? { ...before, more: true } : { ...before, rows };
    });
  });
  return run;
}
