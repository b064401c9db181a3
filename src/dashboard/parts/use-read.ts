/** What a page reads of the server when it opens, again when the connection has come back, and when it is asked to. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { ExecutionSummary } from "../../client/transport/options.ts";
import { useChanges, useFeed } from "../live/feed.tsx";
import { useSession } from "../session/session.tsx";

export interface Read<T> {
  /** Undefined until it was read once; the one before while it is read again. */
  readonly value: T | undefined;
  /** Why the last try was refused. */
  readonly fault: string | undefined;
  readonly reload: () => void;
}

/** `read` must be stable: a new one empties the page and reads anew. Who asks while it reads has it read once more afterwards. */
export function useRead<T>(read: (signal: AbortSignal) => Promise<T>): Read<T> {
  const { heard } = useSession();
  const { connection } = useFeed();
  const [state, setState] = useState<{ of?: unknown; value?: T; fault?: string }>({});
  const ask = useRef(() => {});
  useEffect(() => {
    if (connection === "lost") return undefined;
    const leaving = new AbortController();
    const { signal } = leaving;
    const once = async () => {
      try {
        const value = await read(signal);
        if (!signal.aborted) setState({ of: read, value });
      } catch (error) {
        if (signal.aborted) return;
        const fault = heard(error);
        setState((before) => (before.of === read ? { ...before, fault } : { of: read, fault }));
      }
    };
    ask.current = oneAtATime(once, signal);
    ask.current();
    return () => leaving.abort();
  }, [read, heard, connection]);
  const reload = useCallback(() => ask.current(), []);
  const own = state.of === read;
  return { value: own ? state.value : undefined, fault: own ? state.fault : undefined, reload };
}

/** Asks that come while `once` is under way are one more run after it: none is broken off, however often they come. */
function oneAtATime(once: () => Promise<void>, signal: AbortSignal): () => void {
  let busy = false;
  let again = false;
  const run = async () => {
    busy = true;
    do {
      again = false;
      await once();
    } while (again && !signal.aborted);
    busy = false;
  };
  return () => {
    again = true;
    if (!busy && !signal.aborted) run().catch(() => {});
  };
}

/** Returns `reload` for those who ask often: it is called `everyMs` after the first of them, once for all. */
export function useGathered(reload: () => void, everyMs: number): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      reload();
    }, everyMs);
  }, [reload, everyMs]);
}

/** Calls `reload` at most once in `everyMs` while executions change of which `concerns` is true. */
export function useReloadOnChange(
  reload: () => void,
  everyMs: number,
  concerns: (row: ExecutionSummary) => boolean = () => true,
): void {
  const soon = useGathered(reload, everyMs);
  useChanges((rows) => {
    if (rows.some(concerns)) soon();
  });
}

/** Calls `reload` at most once in `everyMs` after `seq`, the newest event of a log, has moved. */
export function useReloadAfter(seq: number, reload: () => void, everyMs: number): void {
  const soon = useGathered(reload, everyMs);
  const seen = useRef(seq);
  useEffect(() => {
    if (seen.current === seq) return;
    seen.current = seq;
    soon();
  }, [seq, soon]);
}
